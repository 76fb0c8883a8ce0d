package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
)

func asked(t *testing.T, s *Store, id parcel.ID, action review.Action, ask review.Ask) {
	t.Helper()
	_, err := review.NewDesk(s, time.Now).Decide(t.Context(), id, review.Decision{Officer: 10, Name: "Li", Action: action, Reason: "what is it?", Ask: ask})
	require.NoError(t, err)
}

func TestEachQuestionIsAnsweredByItself(t *testing.T) {
	s := open(t)
	id := record(t, s, "Y1")[0]
	soon := time.Now().Add(time.Hour)
	asked(t, s, id, review.RequestInformation, review.Ask{Reference: "R1", Type: parcel.ForDocuments, Field: "/goods_value", Deadline: &soon})
	asked(t, s, id, review.RequestInformation, review.Ask{Reference: "R2"})
	_, err := s.Inform(t.Context(), id, platform, parcel.Information{Referral: "R3", Text: "?"}, time.Now())
	require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
	status, err := s.Inform(t.Context(), id, platform, parcel.Information{Referral: "R1", Text: "see", Documents: []parcel.Attachment{{Type: "invoice", Reference: "i-1"}}}, time.Now())
	require.NoError(t, err)
	require.Equal(t, parcel.InformationRequested, status, "the other one waits")
	_, err = s.Inform(t.Context(), id, platform, parcel.Information{Referral: "R1", Text: "again"}, time.Now())
	require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
	status, err = s.Inform(t.Context(), id, platform, parcel.Information{Text: "a lamp"}, time.Now())
	require.NoError(t, err)
	require.Equal(t, parcel.Held, status)
	_, err = s.Inform(t.Context(), id, platform, parcel.Information{Text: "more"}, time.Now())
	require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)

	p := parcelAt(t, s, id)
	require.Equal(t, "i-1", p.Referrals[0].Answer.Documents[0].Reference)
	require.Equal(t, "a lamp", p.Referrals[1].Answer.Text)
	var lines []string
	for _, r := range feed(t, s) {
		line := string(r.Kind) + ":" + string(r.Status)
		if r.Referral != nil {
			line += ":" + r.Referral.Reference + r.Referral.Field
		}
		lines = append(lines, line)
	}
	require.Equal(t, []string{
		"held:held", "information_requested:information_requested:R1/goods_value", "information_requested:information_requested:R2",
		"information_given:information_requested", "information_given:held",
	}, lines)
	require.Equal(t, parcel.InformationRequested, p.History[len(p.History)-2].Status)
}

// An answer has the parcel judged by the rules in force; what they add is added, and nothing is dropped.
func TestAnAnsweredParcelIsJudgedAgain(t *testing.T) {
	s := open(t)
	l := listing(t, s)
	ids := record(t, s, "Y1", "Y2")
	for _, id := range ids {
		asked(t, s, id, review.RequestInformation, review.Ask{Reference: "R" + id.Base()[:16]})
		_, err := s.Inform(t.Context(), id, platform, parcel.Information{Text: "a gift"}, time.Now())
		require.NoError(t, err)
	}
	_, err := s.pool.Exec(t.Context(), `UPDATE parcels SET past = '{"parcels":30}' WHERE order_no = 'Y1'`)
	require.NoError(t, err)
	r := l.rescreener()
	answered := func() []int {
		looked, damaged, err := r.Answered(t.Context())
		require.NoError(t, err)
		return []int{looked, damaged}
	}
	require.Equal(t, []int{2, 0}, answered())
	require.Equal(t, []int{0, 0}, answered(), "once")
	p := parcelAt(t, s, ids[0])
	require.Equal(t, []string{"random.sample", "split.parcels"}, []string{p.Reasons[0].Rule, p.Reasons[1].Rule}, "by what was sent before it then")
	require.Equal(t, parcel.Held, p.Status)
	c, err := s.Case(t.Context(), ids[0])
	require.NoError(t, err)
	require.Equal(t, "a gift", c.Referrals[0].Answer.Text)
	next, err := review.NewDesk(s, time.Now).Next(t.Context(), review.Officer{ID: 11, Name: "Wang"})
	require.NoError(t, err)
	require.Contains(t, ids, next.Parcel, "they are in the queue")
	require.Len(t, parcelAt(t, s, ids[1]).Reasons, 1)
	require.Equal(t, map[screening.Outcome]int{screening.MoreKnown: 1, screening.NothingNew: 1}, l.outcomes)
}

// An answer about a parcel whose declaration is damaged in the store is told of, and keeps no other waiting.
func TestAnAnswerAboutADamagedDeclarationIsPassedOver(t *testing.T) {
	s := open(t)
	broken := subject(t, "Y1", 0)
	broken.Document = []byte(`{"order_no":`)
	_, err := s.Record(t.Context(), []screening.Subject{broken}, judge)
	require.NoError(t, err)
	for _, id := range append([]parcel.ID{broken.ID}, record(t, s, "Y2")...) {
		asked(t, s, id, review.RequestInformation, review.Ask{Reference: "R" + id.Base()[:16]})
		_, err := s.Inform(t.Context(), id, platform, parcel.Information{Text: "a gift"}, time.Now())
		require.NoError(t, err)
	}
	r := listing(t, s).rescreener()
	for _, want := range [][]int{{2, 1}, {0, 0}} {
		looked, damaged, err := r.Answered(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, []int{looked, damaged})
	}
}

// Locks are taken in one order, parcel before question before case: a question that is just being answered is left for the next time.
func TestAPassedDeadlineWaitsForNobody(t *testing.T) {
	s := open(t)
	ids := record(t, s, "Y1", "Y2")
	soon := time.Now().Add(time.Hour)
	for _, id := range ids {
		asked(t, s, id, review.RequestInformation, review.Ask{Reference: "R" + id.Base()[:16], Deadline: &soon})
	}
	answering, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	defer answering.Rollback(t.Context())
	_, err = answering.Exec(t.Context(), `SELECT FROM parcels WHERE id = $1 FOR UPDATE`, [16]byte(ids[0]))
	require.NoError(t, err)
	n, err := s.MarkOverdue(t.Context(), soon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, answering.Rollback(t.Context()))
	n, err = s.MarkOverdue(t.Context(), soon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	for _, id := range ids {
		require.True(t, parcelAt(t, s, id).Referrals[0].Overdue)
	}
}

func TestAPassedDeadlineComesForward(t *testing.T) {
	s := open(t)
	ids := record(t, s, "Y1", "H1", "Y2")
	soon := time.Now().Add(time.Hour)
	asked(t, s, ids[2], review.RequestInformation, review.Ask{Reference: "R1", Deadline: &soon})
	n, err := s.MarkOverdue(t.Context(), time.Now())
	require.NoError(t, err)
	require.Zero(t, n)
	for _, want := range []int{1, 0} {
		n, err = s.MarkOverdue(t.Context(), soon)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.True(t, parcelAt(t, s, ids[2]).Referrals[0].Overdue)
	desk := review.NewDesk(s, time.Now)
	first, err := desk.Next(t.Context(), review.Officer{ID: 11, Name: "Wang"})
	require.NoError(t, err)
	require.Equal(t, "Y2", first.OrderNo, "before what is red")
	require.True(t, first.Overdue)

	asked(t, s, ids[0], review.Stop, review.Ask{Reference: "R2", Text: "radiation alarm"})
	var order []string
	var at review.Place
	for range 3 {
		cases, err := s.Cases(t.Context(), review.Query{After: at, Limit: 1})
		require.NoError(t, err)
		order, at = append(order, cases[0].OrderNo), review.PlaceOf(cases[0])
	}
	require.Equal(t, []string{"Y1", "Y2", "H1"}, order, "a stop comes before all")
	err = s.Cancel(t.Context(), ids[0], platform, "take it back", noon)
	require.ErrorContains(t, err, "stopped")
	require.Equal(t, []string{"held:held", "stopped:held"}, told(t, s, ids[0]))

	_, err = s.Inform(t.Context(), ids[2], platform, parcel.Information{Text: "late"}, time.Now())
	require.NoError(t, err)
	c, err := s.Case(t.Context(), ids[2])
	require.NoError(t, err)
	require.False(t, c.Overdue)
	require.True(t, c.Referrals[0].Overdue, "that it was late stays known")
	require.NoError(t, s.Cancel(t.Context(), ids[2], platform, "enough", noon))
}
