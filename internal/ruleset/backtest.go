package ruleset

import (
	"slices"
	"time"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// Backtest has a set judge stored parcels of a period again. It outlives the process that runs it.
type Backtest struct {
	ID       BacktestID
	Set      ID
	Hash     string             // of the document as it was when the backtest was asked for
	Document screening.Document // the same: a draft may be changed meanwhile
	Status   Progress
	Span     Span
	Total    int // parcels to be judged, as counted at the beginning; 0 before
	Done     int // of them, read and judged
	Report   Report
	After    event.Position // where it goes on
	Tries    int            // since it last got on
	Why      string         // it failed
	Created  Stamp
	Started  *time.Time
	Ended    *time.Time
}

// Span is what a backtest is about: parcels judged from From to before To, the first Most of them.
type Span struct {
	From, To time.Time
	Most     int
}

// The bounds of a backtest.
const (
	MostParcels = 10_000_000
	longestSpan = 366 * 24 * time.Hour
)

func (s Span) check(now time.Time) error {
	var wrong []fault.Field
	if !s.From.Before(s.To) || s.To.Sub(s.From) > longestSpan {
		wrong = append(wrong, fault.Field{Pointer: "/to", Code: "to.range", Detail: "it is behind from, by 366 days at the most"})
	}
	if s.From.After(now) {
		wrong = append(wrong, fault.Field{Pointer: "/from", Code: "from.range", Detail: "nothing was judged there yet"})
	}
	if s.Most < 1 || s.Most > MostParcels {
		wrong = append(wrong, fault.Field{Pointer: "/limit", Code: "limit.range", Detail: "1 to 10,000,000 parcels"})
	}
	if len(wrong) == 0 {
		return nil
	}
	err := fault.New(fault.Invalid, "invalid_request", "%d field(s) break a rule; see errors", len(wrong))
	err.Fields = wrong
	return err
}

// Progress is where a backtest stands.
type Progress string

// A backtest is queued until a process takes it up. Done, failed and cancelled are for ever.
const (
	Queued    Progress = "queued"
	Running   Progress = "running"
	Done      Progress = "done"
	Failed    Progress = "failed"
	Cancelled Progress = "cancelled" // its set was retired
)

// Report is what a backtest has found so far.
type Report struct {
	Comparison
	Unkept  int             `json:"unkept"` // parcels whose declaration is not kept any longer
	Changes []LaneChange    `json:"changes"`
	Days    map[string]Load `json:"days"` // by the day of the verdict, UTC: "2026-11-22"
	Millis  int64           `json:"millis"`
}

// LaneChange is a parcel that gets another lane.
type LaneChange struct {
	Parcel parcel.ID   `json:"parcel"`
	From   parcel.Lane `json:"from"`
	To     parcel.Lane `json:"to"`
	Rules  []string    `json:"rules"`  // of the set, that hit it
	Before []string    `json:"before"` // that hit it when it was judged
}

// Load is what officers have to do on a day: the parcels that were held, and that the set would have held.
type Load struct {
	Parcels int `json:"parcels"`
	Held    int `json:"held"`
	Would   int `json:"would"`
}

// mostChanges is how many of the parcels that change lane are named.
const mostChanges = 100

// Judged is a stored parcel with the verdict it was given.
type Judged struct {
	parcel.Declared // without what it declared where that is not kept any longer
	ScreenedAt      time.Time
	Lane            parcel.Lane
	Rules           []string // that hit it
	Past            screening.Past
	Kept            bool
}

// add counts judged parcels and the set's verdicts over those that are kept.
func (r *Report) add(judged []Judged, verdicts []screening.Verdict) {
	if r.Days == nil {
		r.Days = map[string]Load{}
	}
	next := 0
	for i := range judged {
		j := &judged[i]
		if !j.Kept {
			r.Unkept++
			continue
		}
		v := &verdicts[next]
		next++
		was := j.byRules()
		r.Comparison.add(was, v)
		r.count(j.ScreenedAt, was, v.Lane)
		if was != v.Lane && len(r.Changes) < mostChanges {
			r.Changes = append(r.Changes, LaneChange{j.ID, was, v.Lane, rulesOf(v), j.Rules})
		}
	}
}

// byRules is the lane without what was drawn so that a lane gets its expected share, as the other side of the comparison is.
func (j *Judged) byRules() parcel.Lane {
	if slices.Contains(j.Rules, screening.RuleExpected) {
		return parcel.Green
	}
	return j.Lane
}

func (r *Report) count(screened time.Time, was, would parcel.Lane) {
	day := screened.UTC().Format(time.DateOnly)
	load := r.Days[day]
	load.Parcels++
	if was.Holds() {
		load.Held++
	}
	if would.Holds() {
		load.Would++
	}
	r.Days[day] = load
}

// again judges parcels that are kept as rules would, by what was sent before each of them then.
func again(rules *screening.Rules, judged []Judged) []screening.Verdict {
	subjects, pasts := make([]screening.Subject, 0, len(judged)), make([]screening.Past, 0, len(judged))
	for i := range judged {
		if judged[i].Kept {
			subjects, pasts = append(subjects, screening.SubjectOf(judged[i].Declared)), append(pasts, judged[i].Past)
		}
	}
	return rules.JudgeAgain(subjects, pasts)
}
