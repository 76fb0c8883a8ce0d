package review

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Ask is what a decision asks of a platform, or orders. What it leaves empty follows from the decision.
type Ask struct {
	Reference string // of the new referral
	Type      parcel.ReferralType
	Text      string // the decision's reason when empty
	Field     string
	Deadline  *time.Time // seven working days when nil, for what a platform answers
}

// asks tells which types of referral an action may have; the first is what it has when nobody says.
var asks = map[Action][]parcel.ReferralType{
	RequestInformation: {parcel.ForInformation, parcel.ForDocuments},
	Inspect:            {parcel.ForInspection},
	Stop:               {parcel.Stop},
}

// AnswerDays is how many working days a platform has for an answer: as many as an exporter who is asked by customs whether goods are
// dual-use items (General Administration of Customs, announcement 2025 No. 123).
const AnswerDays = 7

// chinaTime is what customs' days are counted in; it knows no summer time.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// WorkingDays gives the time of day so many working days later. Saturdays and Sundays in China are passed over; holidays and the
// weekends worked in their place are announced each year and are not known here.
func WorkingDays(from time.Time, days int) time.Time {
	at := from.In(chinaTime)
	for days > 0 {
		at = at.AddDate(0, 0, 1)
		if day := at.Weekday(); day != time.Saturday && day != time.Sunday {
			days--
		}
	}
	return at.UTC()
}

// refer adds the referral that a decision makes, if it makes one. A new one of a kind that is done at once takes the place of none.
func (c Case) refer(d Decision) (Case, Decision) {
	types, ok := asks[d.Action]
	if !ok {
		return c, d
	}
	r := parcel.Referral{
		Reference: d.Ask.Reference, Type: types[0], Text: d.Ask.Text, Field: d.Ask.Field, Officer: d.Officer, AskedBy: d.Name, AskedAt: d.At,
		Deadline: d.Ask.Deadline,
	}
	if d.Ask.Type != "" {
		r.Type = d.Ask.Type
	}
	if r.Text == "" {
		r.Text = d.Reason
	}
	if r.Deadline == nil && r.Answerable() {
		deadline := WorkingDays(d.At, AnswerDays)
		r.Deadline = &deadline
	}
	d.Referral = r.Reference
	c.Referrals = append(slices.Clone(c.Referrals), r)
	return c, d
}

// endReferrals ends what is open: the case is decided.
func (c Case) endReferrals(at time.Time) Case {
	c.Referrals = slices.Clone(c.Referrals)
	for i := range c.Referrals {
		if c.Referrals[i].Open() {
			c.Referrals[i].ClosedAt = &at
		}
	}
	c.Overdue = false
	return c
}

// Stopped tells whether an officer has stopped the parcel.
func (c Case) Stopped() bool {
	return slices.ContainsFunc(c.Referrals, func(r parcel.Referral) bool { return r.Type == parcel.Stop && r.Open() })
}

// What an ask may hold, in characters, and how far ahead a deadline may lie.
const (
	maxReference = 17
	maxAsk       = 512
	maxField     = 300
	maxAhead     = 365 * 24 * time.Hour
)

func (d Decision) checkAsk(now time.Time) (wrong []fault.Field) {
	types, asking := asks[d.Action]
	refuse := func(bad bool, member, rule, detail string) {
		if bad {
			wrong = append(wrong, fault.Field{Pointer: "/referral" + member, Code: strings.Trim(member+"."+rule, "/."), Detail: detail})
		}
	}
	a := d.Ask
	given := a.Type != "" || a.Text != "" || a.Field != "" || a.Deadline != nil
	refuse(given && !asking, "", "referral.unasked", "only request_information, inspect and stop make a referral")
	if !asking {
		return wrong
	}
	refuse(a.Type != "" && !slices.Contains(types, a.Type), "/type", "unknown", "documents or information are requested; inspection and stop go with their own actions")
	refuse(utf8.RuneCountInString(a.Text) > maxAsk, "/text", "length", "a text has at most 512 characters")
	refuse(a.Field != "" && a.Field[0] != '/', "/field", "pointer", "this is a JSON pointer into the declaration, e.g. /items/0/description")
	refuse(utf8.RuneCountInString(a.Field) > maxField, "/field", "length", "a pointer has at most 300 characters")
	if a.Deadline != nil {
		refuse(d.Action != RequestInformation, "/deadline", "unasked", "only what a platform answers has a deadline")
		refuse(!a.Deadline.After(now) || a.Deadline.Sub(now) > maxAhead, "/deadline", "range", "a deadline lies ahead, within a year")
	}
	return wrong
}
