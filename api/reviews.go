package api

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

// Review is one held parcel on the officers' desk.
type Review struct {
	ID         string     `json:"id" example:"rev_cbmqkhnqktt3tcu3ejcy3stofu"`
	ParcelID   string     `json:"parcel_id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	OrderNo    string     `json:"order_no" example:"536365-1"`
	TrackingNo string     `json:"tracking_no" example:"LX474724577CN"`
	State      string     `json:"state" enums:"open,closed" example:"open"`
	Status     string     `json:"status" example:"held"` // the parcel's
	Lane       string     `json:"lane" example:"red"`
	Reasons    []Reason   `json:"reasons"`
	Express    bool       `json:"express" example:"false"`
	OpenedAt   string     `json:"opened_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	Claim      *Claim     `json:"claim" extensions:"x-nullable"`
	Approval   *Approval  `json:"approval" extensions:"x-nullable"` // the first of two officers who must agree
	Decisions  []Decision `json:"decisions"`
	Referrals  []Referral `json:"referrals"`               // what was asked, with the answers
	Overdue    bool       `json:"overdue" example:"false"` // a question was not answered in time
	Stopped    bool       `json:"stopped" example:"false"` // neither loaded nor released, whatever its lane; a release takes two officers
} //	@name	Review

// Claim says who works on a review, and until when.
type Claim struct {
	Officer int    `json:"officer" example:"3"`
	Name    string `json:"name" example:"customs-1"`
	Until   string `json:"until" format:"date-time" example:"2026-11-22T08:15:00Z"`
} //	@name	Claim

// Approval is a first officer's word where two are needed.
type Approval struct {
	Officer int    `json:"officer" example:"3"`
	Name    string `json:"name" example:"customs-1"`
	Reason  string `json:"reason" example:"another person of the same name"`
	At      string `json:"at" format:"date-time" example:"2026-11-22T08:10:00Z"`
} //	@name	Approval

// Decision is what an officer did, and why.
type Decision struct {
	Officer int    `json:"officer" example:"3"`
	Name    string `json:"name" example:"customs-1"`
	Action  string `json:"action" example:"release"`
	Reason  string `json:"reason" example:"another person of the same name"`
	Note    string `json:"note,omitempty"`
	Ref     string `json:"referral,omitempty" example:"RH3K7Q2V5W4T6ABCD"` // reference of what it asked
	At      string `json:"at" format:"date-time" example:"2026-11-22T08:10:00Z"`
} //	@name	Decision

// DecisionRequest decides a review.
type DecisionRequest struct {
	Action string `json:"action" binding:"required" enums:"release,inspect,request_information,detain,return,stop" example:"request_information"`
	Reason string `json:"reason" binding:"required" maxLength:"500" example:"what does it fly with?"`
	Note   string `json:"note" maxLength:"4000"`

	Referral *ReferralRequest `json:"referral"` // of request_information, inspect and stop: what is asked
} //	@name	DecisionRequest

func reviewOf(c review.Case) Review {
	r := Review{
		ID: review.CaseID(c.Parcel), ParcelID: c.Parcel.String(), OrderNo: c.OrderNo, TrackingNo: c.TrackingNo,
		State: string(c.State), Status: string(c.Status), Lane: string(c.Lane), Reasons: reasonsOf(c.Reasons),
		Express: c.Express, OpenedAt: instant(c.OpenedAt), Decisions: convert(c.Decisions, decisionOf),
		Referrals: convert(c.Referrals, referralOf), Overdue: c.Overdue, Stopped: c.Stopped(),
	}
	if c.Claim != nil {
		r.Claim = &Claim{Officer: int(c.Claim.Officer), Name: c.Claim.Name, Until: instant(c.Claim.Until)}
	}
	if a := c.Approval; a != nil {
		r.Approval = &Approval{Officer: int(a.Officer), Name: a.Name, Reason: a.Reason, At: instant(a.At)}
	}
	return r
}

func decisionOf(d review.Decision) Decision {
	return Decision{Officer: int(d.Officer), Name: d.Name, Action: string(d.Action), Reason: d.Reason, Note: d.Note, Ref: d.Referral, At: instant(d.At)}
}

// listReviews lists the desk, the most urgent first.
//
//	@Summary		List the desk
//	@Description	The most urgent first: stopped, then overdue, then express before standard, red before yellow, the longest held first.
//	@Tags			reviews
//	@Security		bearer
//	@Param			status		query		string	false	"of the review"						Enums(open,closed)	default(open)
//	@Param			lane		query		string	false	"of this lane"						Enums(green,blue,yellow,red)
//	@Param			category	query		string	false	"with a reason of this category"	Enums(sanctions,prohibited,value,split,weight,batteries,description,random)
//	@Param			assignee	query		string	false	"me, none, or an officer's number"
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Param			limit		query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success		200			{object}	Page[Review]
//	@Failure		400			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/reviews [get]
func (d *door) listReviews(c *gin.Context) (any, error) {
	who := caller(c)
	q := readQuery(c.Request.URL, "status", "lane", "category", "assignee", "cursor", "limit")
	want := review.Query{
		State: one(q, "status", []review.State{review.Open, review.Closed}), Lane: one(q, "lane", parcel.Lanes),
		Category: one(q, "category", parcel.Categories), Limit: q.limit(),
	}
	want.Assignee, want.Unclaim = q.assignee(who.ID)
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("reviews", who.ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		place, err := l.place(cursor)
		if err != nil {
			return nil, err
		}
		if want.After, err = readDeskPlace(place); err != nil {
			return nil, unknownCursor()
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	cases, err := d.deps.Reviews.Cases(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	cases, next := cut(l, cases, limit, deskPlace)
	return Page[Review]{Data: convert(cases, reviewOf), NextCursor: next}, nil
}

// assignee reads whose claims are asked for: the caller's, nobody's, or an account's.
func (q *query) assignee(me account.ID) (id *account.ID, none bool) {
	switch value := q.get("assignee"); value {
	case "":
		return nil, false
	case "none":
		return nil, true
	case "me":
		return &me, false
	default:
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 1 {
			q.refuse("assignee", "unknown", "this is me, none, or an officer's number")
		}
		return new(account.ID(n)), false
	}
}

func deskPlace(c review.Case) string {
	p := review.PlaceOf(c)
	return fmt.Sprintf("%d %d %s", p.Urgency, p.Opened.UnixMicro(), p.Parcel)
}

func readDeskPlace(place string) (review.Place, error) {
	var p review.Place
	var micros int64
	var id string
	if _, err := fmt.Sscanf(place, "%d %d %s", &p.Urgency, &micros, &id); err != nil {
		return p, fmt.Errorf("place %q: %w", place, err)
	}
	p.Opened = time.UnixMicro(micros).UTC()
	parsed, err := parcel.ParseID(id)
	p.Parcel = parsed
	return p, err
}

// reviewID reads the review that the path names.
func reviewID(c *gin.Context) (parcel.ID, error) {
	id, err := review.ParseCaseID(c.Param("id"))
	if err != nil {
		return id, noSuch("review")
	}
	return id, nil
}

// getReview answers with one review.
//
//	@Summary	Get a review
//	@Tags		reviews
//	@Security	bearer
//	@Param		id				path		string	true	"id of the review"
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	Review
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success	304				"you have it"
//	@Failure	404				{object}	Problem
//	@Failure	503				{object}	Problem
//	@Router		/v1/reviews/{id} [get]
func (d *door) getReview(c *gin.Context) (any, error) {
	id, err := reviewID(c)
	if err != nil {
		return nil, err
	}
	found, err := d.deps.Reviews.Case(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	return reviewOf(found), nil
}
