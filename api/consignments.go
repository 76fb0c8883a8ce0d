package api

import (
	"context"
	"math"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/consignment"
)

// Consignment is one loading unit and how far it is.
type Consignment struct {
	ID            string        `json:"id" example:"con_cbmqkhnqktt3tcu3ejcy3stofu"`
	Number        string        `json:"number" example:"CN-EU-20261122-0800-001"`
	Route         string        `json:"route" example:"CN-EU"`
	Mode          string        `json:"mode" enums:"rail,road" example:"rail"`
	Unit          Unit          `json:"unit"`
	Status        string        `json:"status" enums:"open,sealed,released,departed,arrived" example:"sealed"`
	Holds         []Hold        `json:"holds"` // those not lifted; while there is one, the unit is neither released nor departs
	ParcelCount   int           `json:"parcel_count" example:"1200"`
	GrossWeight   int64         `json:"gross_weight_g" example:"2400000"`
	Volume        int64         `json:"volume_cm3" example:"31000000"`
	Fill          Fill          `json:"fill"`
	CutoffAt      string        `json:"cutoff_at" format:"date-time" example:"2026-11-22T04:00:00Z"`
	Departure     UnitDeparture `json:"departure"`
	Legs          []Leg         `json:"legs"`
	OpenedAt      string        `json:"opened_at" format:"date-time" example:"2026-11-21T20:00:00Z"`
	SealedAt      *string       `json:"sealed_at" format:"date-time" extensions:"x-nullable" example:"2026-11-22T04:00:00Z"`
	SealedBecause *string       `json:"sealed_because" extensions:"x-nullable" example:"full"` // full, cutoff, scan or officer
	ReleasedAt    *string       `json:"released_at" format:"date-time" extensions:"x-nullable"`
} //	@name	Consignment

// Unit is a container or trailer.
type Unit struct {
	Type   string  `json:"type" example:"40HC"`
	Number string  `json:"number" example:"ALWU1234560"` // ISO 6346 for containers
	Seal   *string `json:"seal" extensions:"x-nullable" example:"AL01234567"`
} //	@name	Unit

// Fill is how much of the unit's limits is used, 0 to 1.
type Fill struct {
	Weight float64 `json:"weight" example:"0.11"`
	Volume float64 `json:"volume" example:"0.48"`
} //	@name	Fill

// UnitDeparture is the train or truck a unit travels with.
type UnitDeparture struct {
	ID        string `json:"id" example:"dep_cbmqkhnqktt3tcu3ejcy3stofu"`
	Mode      string `json:"mode" enums:"rail,road" example:"rail"`
	Number    string `json:"number" example:"X8123-20261122-0800"`
	DepartsAt string `json:"departs_at" format:"date-time" example:"2026-11-22T08:00:00Z"`
} //	@name	UnitDeparture

// Leg is one stretch of the way.
type Leg struct {
	Mode      string  `json:"mode" enums:"rail,road" example:"rail"`
	From      string  `json:"from" example:"CNAKL"`                         // UN/LOCODE
	To        *string `json:"to" extensions:"x-nullable" example:"KZDOS"`   // UN/LOCODE; null where carriage ends at many towns
	Gauge     *int    `json:"gauge" extensions:"x-nullable" example:"1435"` // mm; null on the road
	Status    string  `json:"status" enums:"planned,underway,done" example:"planned"`
	PlannedAt *string `json:"planned_at" format:"date-time" extensions:"x-nullable"` // of arrival
	ActualAt  *string `json:"actual_at" format:"date-time" extensions:"x-nullable"`  // of arrival
} //	@name	Leg

func consignmentOf(c consignment.Consignment) Consignment {
	weight, volume := c.Fill()
	return Consignment{
		ID: c.ID.String(), Number: c.Number, Route: c.Route, Mode: string(c.Mode),
		Unit: Unit{Type: c.Unit, Number: c.UnitNumber, Seal: textOrNull(c.Seal)}, Status: string(c.Status),
		Holds: convert(c.Holds, holdOf), ParcelCount: c.Parcels, GrossWeight: int64(c.Weight), Volume: c.Volume,
		Fill: Fill{Weight: rounded(weight), Volume: rounded(volume)}, CutoffAt: instant(c.Departure.CutoffAt),
		Departure: UnitDeparture{
			ID: c.Departure.ID.String(), Mode: string(c.Departure.Mode), Number: c.Departure.Number, DepartsAt: instant(c.Departure.DepartsAt),
		},
		Legs: convert(c.Legs, legOf), OpenedAt: instant(c.OpenedAt), SealedAt: instantOrNull(c.SealedAt),
		SealedBecause: textOrNull(c.SealedFor), ReleasedAt: instantOrNull(c.ReleasedAt),
	}
}

// rounded keeps four digits of a share: more would say more than is known.
func rounded(share float64) float64 { return math.Round(share*1e4) / 1e4 }

func legOf(l consignment.Leg) Leg {
	leg := Leg{
		Mode: string(l.Mode), From: l.From, To: textOrNull(l.To), Status: string(l.Status),
		PlannedAt: instantOrNull(l.PlannedAt), ActualAt: instantOrNull(l.ActualAt),
	}
	if l.Gauge != 0 {
		leg.Gauge = &l.Gauge
	}
	return leg
}

// followConsignments answers with the consignments that changed behind a cursor.
//
//	@Summary		Follow consignments
//	@Description	In the order of their last change. next_cursor is given at the end too: poll with it, and every change comes by. A carrier sees the routes it serves.
//	@Tags			consignments
//	@Security		bearer
//	@Param			status			query		string	false	"as they stand now"	Enums(open,sealed,released,departed,arrived)
//	@Param			route			query		string	false	"of this route"
//	@Param			departure_id	query		string	false	"of this departure"
//	@Param			cursor			query		string	false	"next_cursor of the page before"
//	@Param			limit			query		int		false	"most on a page"									minimum(1)	maximum(500)	default(100)
//	@Param			wait			query		int		false	"seconds to hold the answer until something is new"	minimum(0)	maximum(30)		default(0)
//	@Success		200				{object}	Page[Consignment]
//	@Failure		400				{object}	Problem
//	@Failure		429				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Router			/v1/consignments [get]
func (d *door) followConsignments(c *gin.Context) (any, error) {
	who := caller(c)
	q := readQuery(c.Request.URL, "status", "route", "departure_id", "cursor", "limit", "wait")
	want := consignment.Query{
		Status: one(q, "status", consignment.Statuses), Route: q.get("route"), Departure: q.departure(),
		Routes: servedRoutes(who), Limit: q.limit(),
	}
	wait := q.wait()
	if err := q.err(); err != nil {
		return nil, err
	}
	feed := listOf("consignments", who.ID, q)
	var err error
	if want.After, err = feedPlace(feed, q); err != nil {
		return nil, err
	}
	page := Page[Consignment]{Data: []Consignment{}}
	err = d.hold(c, 0, wait, func(ctx context.Context) (int, error) {
		changed, next, err := d.deps.Consignments.ConsignmentsAfter(ctx, want)
		if err != nil {
			return 0, err
		}
		page = feedPage(feed, changed, next, func(c consignment.Changed) Consignment { return consignmentOf(c.Consignment) })
		want.After = next
		return len(changed), nil
	})
	return page, err
}

// departure reads the departure a list is about.
func (q *query) departure() *consignment.DepartureID {
	text := q.get("departure_id")
	if text == "" {
		return nil
	}
	id, err := consignment.ParseDepartureID(text)
	if err != nil {
		q.refuse("departure_id", "format", "this is no id of a departure")
	}
	return &id
}

// consignmentAt gives the consignment that the path names, if the caller may see it.
func (d *door) consignmentAt(c *gin.Context) (consignment.Consignment, error) {
	id, err := consignmentID(c)
	if err != nil {
		return consignment.Consignment{}, err
	}
	return d.deps.Consignments.Consignment(c.Request.Context(), id, servedRoutes(caller(c)))
}

func consignmentID(c *gin.Context) (consignment.ID, error) {
	id, err := consignment.ParseID(c.Param("id"))
	if err != nil {
		return id, noSuch("consignment")
	}
	return id, nil
}

// getConsignment answers with one consignment.
//
//	@Summary	Get a consignment
//	@Tags		consignments
//	@Security	bearer
//	@Param		id				path		string	true	"id of the consignment"
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	Consignment
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success	304				"you have it"
//	@Failure	404				{object}	Problem
//	@Failure	503				{object}	Problem
//	@Router		/v1/consignments/{id} [get]
func (d *door) getConsignment(c *gin.Context) (any, error) {
	found, err := d.consignmentAt(c)
	if err != nil {
		return nil, err
	}
	return consignmentOf(found), nil
}
