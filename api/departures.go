package api

import (
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
)

// Departure is one train or truck of the timetable.
type Departure struct {
	ID         string  `json:"id" example:"dep_cbmqkhnqktt3tcu3ejcy3stofu"`
	Route      string  `json:"route" example:"CN-EU"`
	Mode       string  `json:"mode" enums:"rail,road" example:"rail"`
	Number     string  `json:"number" example:"X8123-20261122-0800"`
	CutoffAt   string  `json:"cutoff_at" format:"date-time" example:"2026-11-22T04:00:00Z"` // loading ends
	DepartsAt  string  `json:"departs_at" format:"date-time" example:"2026-11-22T08:00:00Z"`
	UnitType   string  `json:"unit_type" example:"40HC"`
	Slots      int     `json:"slots" example:"50"`       // units it carries
	UnitsOpen  int     `json:"units_opened" example:"3"` // units opened so far
	Limits     Limits  `json:"limits"`
	ReleasedAt *string `json:"released_at" format:"date-time" extensions:"x-nullable"`
	ReleasedBy *string `json:"released_by" extensions:"x-nullable"`
} //	@name	Departure

func (d Departure) location() string { return "/v1/departures/" + d.ID }

// Limits are what one unit may carry; whichever is reached first fills it.
type Limits struct {
	Weight  int64 `json:"weight_g" binding:"required" minimum:"1" example:"21000000"`
	Volume  int64 `json:"volume_cm3" binding:"required" minimum:"1" example:"64600000"` // usable, not geometric
	Parcels int   `json:"parcels" binding:"required" minimum:"1" example:"20000"`
} //	@name	Limits

// DepartureRequest plans a departure beside the schedule. Asking twice plans it once.
type DepartureRequest struct {
	Route     string  `json:"route" binding:"required" example:"CN-EU"`
	Number    string  `json:"number" binding:"required" maxLength:"40" example:"EXTRA-1"`
	CutoffAt  string  `json:"cutoff_at" binding:"required" format:"date-time" example:"2026-11-22T04:00:00Z"`
	DepartsAt string  `json:"departs_at" binding:"required" format:"date-time" example:"2026-11-22T08:00:00Z"`
	Slots     *int    `json:"slots" extensions:"x-nullable" minimum:"1" maximum:"200" example:"10"` // the route's when it is not given
	Limits    *Limits `json:"limits" extensions:"x-nullable"`                                       // the route's when they are not given
} //	@name	DepartureRequest

func departureOf(d consignment.Departure) Departure {
	return Departure{
		ID: d.ID.String(), Route: d.Route, Mode: string(d.Mode), Number: d.Number, CutoffAt: instant(d.CutoffAt), DepartsAt: instant(d.DepartsAt),
		UnitType: d.Unit, Slots: d.Slots, UnitsOpen: d.Opened, Limits: limitsOf(d.Limits),
		ReleasedAt: instantOrNull(d.ReleasedAt), ReleasedBy: textOrNull(d.ReleasedBy),
	}
}

func limitsOf(l consignment.Limits) Limits {
	return Limits{Weight: int64(l.Weight), Volume: l.Volume, Parcels: l.Parcels}
}

// listDepartures lists the timetable by cut-off.
//
//	@Summary		List the timetable
//	@Description	In the order of their cut-offs. A carrier sees the routes it serves.
//	@Tags			departures
//	@Security		bearer
//	@Param			route	query		string	false	"of this route"
//	@Param			open	query		bool	false	"only those still loading"
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Param			limit	query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success		200		{object}	Page[Departure]
//	@Failure		400		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/departures [get]
func (d *door) listDepartures(c *gin.Context) (any, error) {
	who := caller(c)
	q := readQuery(c.Request.URL, "route", "open", "cursor", "limit")
	want := consignment.DepartureQuery{Route: q.get("route"), Routes: servedRoutes(who), Open: q.flag("open"), Limit: q.limit()}
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("departures", who.ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		place, err := l.place(cursor)
		if err != nil {
			return nil, err
		}
		if want.After, err = readTimetablePlace(place); err != nil {
			return nil, unknownCursor()
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	departures, err := d.deps.Consignments.Departures(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	departures, next := cut(l, departures, limit, timetablePlace)
	return Page[Departure]{Data: convert(departures, departureOf), NextCursor: next}, nil
}

func timetablePlace(d consignment.Departure) string {
	return fmt.Sprintf("%d %s", d.CutoffAt.UnixMicro(), d.ID)
}

func readTimetablePlace(place string) (consignment.DeparturePlace, error) {
	var p consignment.DeparturePlace
	var id string
	if _, err := fmt.Sscanf(place, "%d %s", &p.Cutoff, &id); err != nil {
		return p, fmt.Errorf("place %q: %w", place, err)
	}
	parsed, err := consignment.ParseDepartureID(id)
	p.ID = parsed
	return p, err
}

// getDeparture answers with one departure.
//
//	@Summary	Get a departure
//	@Tags		departures
//	@Security	bearer
//	@Param		id				path		string	true	"id of the departure"
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	Departure
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success	304				"you have it"
//	@Failure	404				{object}	Problem
//	@Failure	503				{object}	Problem
//	@Router		/v1/departures/{id} [get]
func (d *door) getDeparture(c *gin.Context) (any, error) {
	id, err := consignment.ParseDepartureID(c.Param("id"))
	if err != nil {
		return nil, noSuch("departure")
	}
	found, err := d.deps.Consignments.Departure(c.Request.Context(), id, servedRoutes(caller(c)))
	if err != nil {
		return nil, err
	}
	return departureOf(found), nil
}

// addDeparture plans a departure beside the schedule.
//
//	@Summary		Plan a departure
//	@Description	Beside the schedule, which plans itself. Asking twice plans it once.
//	@Tags			departures
//	@Security		bearer
//	@Param			departure	body		DepartureRequest	true	"the departure"
//	@Success		201			{object}	Departure
//	@Header			201			{string}	Location	"where it is"
//	@Failure		400			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/departures [post]
func (d *door) addDeparture(c *gin.Context) (any, error) {
	request, err := readRequest[DepartureRequest](d, c)
	if err != nil {
		return nil, err
	}
	var f form
	cutoff, departs := f.time("cutoff_at", request.CutoffAt), f.time("departs_at", request.DepartsAt)
	route, known, err := d.routeOf(c, request.Route)
	if err != nil {
		return nil, err
	}
	if !known {
		f.refuse("route", "unknown", "there is no such route, or you do not serve it")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	slots := route.Slots
	if request.Slots != nil {
		slots = *request.Slots
	}
	planned, err := consignment.NewDeparture(route, request.Number, cutoff, departs, slots, request.limits(), d.deps.Now().UTC())
	if err != nil {
		return nil, err
	}
	added, err := d.deps.Consignments.AddDeparture(c.Request.Context(), planned)
	if err != nil {
		return nil, err
	}
	return departureOf(added), nil
}

func (r DepartureRequest) limits() *consignment.Limits {
	if r.Limits == nil {
		return nil
	}
	return &consignment.Limits{Weight: parcel.Grams(r.Limits.Weight), Volume: r.Limits.Volume, Parcels: r.Limits.Parcels}
}

// routeOf finds a route that the caller may plan on.
func (d *door) routeOf(c *gin.Context, code string) (route consignment.Route, known bool, err error) {
	who := caller(c)
	if who.Role == account.Carrier && !slices.Contains(who.Routes, code) {
		return route, false, nil
	}
	routes, err := d.deps.Consignments.Routes(c.Request.Context())
	if err != nil {
		return route, false, err
	}
	i := slices.IndexFunc(routes, func(r consignment.Route) bool { return r.Code == code })
	if i < 0 {
		return route, false, nil
	}
	return routes[i], true, nil
}
