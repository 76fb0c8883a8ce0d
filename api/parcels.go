package api

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// notStoredFor is how long a parcel may be on its way from the 202 to the database while the screening role runs.
const notStoredFor = time.Second

// Parcel is a parcel and what has become of it.
type Parcel struct {
	ID            string       `json:"id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	OrderNo       string       `json:"order_no" example:"536365-1"`
	TrackingNo    string       `json:"tracking_no" example:"LX474724577CN"`
	Mode          *string      `json:"mode" extensions:"x-nullable" example:"9610"`
	Service       string       `json:"service" example:"standard"`
	Status        string       `json:"status" example:"cleared"`
	Lane          *string      `json:"lane" extensions:"x-nullable" example:"green"`
	Reasons       []Reason     `json:"reasons"`
	Unrouted      bool         `json:"unrouted" example:"false"` // cleared, and no route serves its destination
	ConsignmentID *string      `json:"consignment_id" extensions:"x-nullable" example:"con_cbmqkhnqktt3tcu3ejcy3stofu"`
	Declaration   *Declaration `json:"declaration" extensions:"x-nullable"` // null once it is not kept any longer, as mode is
	ScreenedAt    *string      `json:"screened_at" format:"date-time" extensions:"x-nullable" example:"2026-11-22T08:00:01Z"`
	ReceivedAt    string       `json:"received_at" format:"date-time" example:"2026-11-22T08:00:00Z"`
	History       []Change     `json:"history,omitempty"`   // of a single parcel; a list leaves it out
	Referrals     []Referral   `json:"referrals,omitempty"` // what officers asked, with the answers; of a single parcel
} //	@name	Parcel

// Change is one step of a parcel's history.
type Change struct {
	Kind   string `json:"kind" example:"cleared"`
	Status string `json:"status" example:"cleared"`
	At     string `json:"at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	By     string `json:"by" example:"screening"`
	Why    string `json:"why" example:""`
} //	@name	Change

// document reads a stored declaration; nil when it is not kept any longer. It was valid when it came; a rule that grew
// stricter since does not hide it.
func document(id parcel.ID, stored parcel.Document) (*parcel.Declaration, error) {
	if stored == nil {
		return nil, nil
	}
	d, err := parcel.Read(stored)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return nil, errors.New("stored declaration of " + id.String() + " cannot be read")
	}
	return &d, nil
}

func parcelOf(p parcel.Parcel) (Parcel, error) {
	d, err := document(p.ID, p.Document)
	if err != nil {
		return Parcel{}, err
	}
	seen := Parcel{
		ID: p.ID.String(), OrderNo: p.OrderNo, TrackingNo: p.TrackingNo, Service: string(p.Service),
		Status: string(p.Status), Lane: textOrNull(p.Lane), Reasons: reasonsOf(p.Reasons), Unrouted: p.Unrouted,
		ConsignmentID: textOrNull(p.ConsignmentID),
		ScreenedAt:    instantOrNull(&p.ScreenedAt), ReceivedAt: instant(p.ReceivedAt), History: convert(p.History, changeOf), Referrals: convert(p.Referrals, referralOf),
	}
	if d != nil {
		seen.Mode, seen.Declaration = textOrNull(d.Mode), declarationOrNull(d)
	}
	return seen, nil
}

func declarationOrNull(d *parcel.Declaration) *Declaration {
	if d == nil {
		return nil
	}
	shown := declarationOf(*d)
	return &shown
}

func parcelsOf(parcels []parcel.Parcel) ([]Parcel, error) {
	out := make([]Parcel, len(parcels))
	for i, p := range parcels {
		var err error
		if out[i], err = parcelOf(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func changeOf(c parcel.Change) Change {
	return Change{Kind: string(c.Kind), Status: string(c.Status), At: instant(c.At), By: c.By, Why: c.Why}
}

// getParcel answers with one parcel. Between the 202 and its storing it is not there yet, and the caller is told to ask again.
//
//	@Summary		Get a parcel
//	@Description	Between the 202 and the moment it is stored, a parcel is answered with 404 `not_stored` and `Retry-After: 1`.
//	@Tags			parcels
//	@Security		bearer
//	@Param			id				path		string	true	"id of the parcel"
//	@Param			If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success		200				{object}	Parcel
//	@Header			200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success		304				"you have it"
//	@Failure		404				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Router			/v1/parcels/{id} [get]
func (d *door) getParcel(c *gin.Context) (any, error) {
	id, err := parcel.ParseID(c.Param("id"))
	if err != nil {
		return nil, noSuch("parcel")
	}
	p, err := d.deps.Parcels.Parcel(c.Request.Context(), id, owner(caller(c)))
	if err != nil {
		return nil, orNotStored(err)
	}
	return parcelOf(p)
}

func noSuch(what string) error {
	return fault.New(fault.NotFound, "not_found", "there is no such %s", what)
}

// orNotStored turns the absence of a parcel into advice: an id that has the right form may be on its way.
func orNotStored(err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	soon := fault.New(fault.NotStored, "not_stored", "no parcel with this id is stored; one declared a moment ago will be soon")
	soon.RetryAfter = notStoredFor
	return soon
}

// listParcels lists parcels by their numbers or status.
//
//	@Summary		List parcels
//	@Description	A platform sees its own, an officer all. In the order of their ids, without history.
//	@Tags			parcels
//	@Security		bearer
//	@Param			order_no	query		string	false	"of this order"
//	@Param			tracking_no	query		string	false	"with this number"
//	@Param			status		query		string	false	"as they stand now"	Enums(received,cleared,held,information_requested,inspection,refused,detained,returned,cancelled,bundled,sealed,released,departed,arrived)
//	@Param			unrouted	query		bool	false	"only those that no route takes"
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Param			limit		query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success		200			{object}	Page[Parcel]
//	@Failure		400			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/parcels [get]
func (d *door) listParcels(c *gin.Context) (any, error) {
	who := caller(c)
	q := readQuery(c.Request.URL, "order_no", "tracking_no", "status", "unrouted", "cursor", "limit")
	want := parcel.Query{
		Account: owner(who), OrderNo: q.get("order_no"), TrackingNo: q.get("tracking_no"),
		Status: one(q, "status", parcel.Statuses), Unrouted: q.flag("unrouted"), Limit: q.limit(),
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("parcels", who.ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		place, err := l.place(cursor)
		if err != nil {
			return nil, err
		}
		if want.After, err = parcel.ParseID(place); err != nil {
			return nil, unknownCursor()
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	parcels, err := d.deps.Parcels.Parcels(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	return parcelPage(l, parcels, limit)
}

func parcelPage(l list, parcels []parcel.Parcel, limit int) (any, error) {
	parcels, next := cut(l, parcels, limit, func(p parcel.Parcel) string { return p.ID.String() })
	data, err := parcelsOf(parcels)
	return Page[Parcel]{Data: data, NextCursor: next}, err
}

// cut takes the row too many off a page, and gives the cursor behind the last row when there was one.
func cut[R any](l list, rows []R, limit int, place func(R) string) ([]R, *string) {
	if len(rows) <= limit {
		return rows, nil
	}
	rows = rows[:limit]
	return rows, new(l.cursor(place(rows[limit-1])))
}
