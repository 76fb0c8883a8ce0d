package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/consignment"
)

// Route is a way out of China that departures run on.
type Route struct {
	Code         string     `json:"code" example:"CN-EU"`
	Name         string     `json:"name" example:"China to Europe by rail"`
	Mode         string     `json:"mode" enums:"rail,road" example:"rail"` // of the departure at the port
	Destinations []string   `json:"destinations" example:"DE,PL"`          // ISO 3166-1 alpha-2
	Legs         []RouteLeg `json:"legs"`
	UnitType     string     `json:"unit_type" example:"40HC"`
	Slots        int        `json:"slots" example:"50"` // units on one departure
	Limits       Limits     `json:"limits"`             // of one unit
	Every        int64      `json:"every_minutes" example:"480"`
	CutoffBefore int64      `json:"cutoff_minutes" example:"240"` // loading ends this long before departure
} //	@name	Route

// RouteLeg is one stretch of a route.
type RouteLeg struct {
	Mode  string  `json:"mode" enums:"rail,road" example:"rail"`
	From  string  `json:"from" example:"CNAKL"`                         // UN/LOCODE
	To    *string `json:"to" extensions:"x-nullable" example:"KZDOS"`   // UN/LOCODE; null where carriage ends at many towns
	Gauge *int    `json:"gauge" extensions:"x-nullable" example:"1435"` // mm; null on the road
	Hours int     `json:"hours" example:"6"`                            // planned travel time
} //	@name	RouteLeg

func routeShown(r consignment.Route) Route {
	return Route{
		Code: r.Code, Name: r.Name, Mode: string(r.Mode), Destinations: append([]string{}, r.Destinations...), Legs: convert(r.Legs, routeLegOf),
		UnitType: r.Unit, Slots: r.Slots, Limits: limitsOf(r.Limits), Every: int64(r.Every.Minutes()), CutoffBefore: int64(r.CutoffBefore.Minutes()),
	}
}

func routeLegOf(l consignment.Leg) RouteLeg {
	leg := legOf(l)
	return RouteLeg{Mode: leg.Mode, From: leg.From, To: leg.To, Gauge: leg.Gauge, Hours: l.Hours}
}

// listRoutes lists the routes; a carrier sees those it serves. There are few: they come on one page.
//
//	@Summary		List routes
//	@Description	A carrier sees the routes it serves.
//	@Tags			departures
//	@Security		bearer
//	@Success		200	{object}	Page[Route]
//	@Failure		400	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/routes [get]
func (d *door) listRoutes(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL)
	if err := q.err(); err != nil {
		return nil, err
	}
	routes, err := d.deps.Consignments.Routes(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if served := servedRoutes(caller(c)); served != nil {
		routes = slices.DeleteFunc(slices.Clone(routes), func(r consignment.Route) bool { return !slices.Contains(served, r.Code) })
	}
	return Page[Route]{Data: convert(routes, routeShown)}, nil
}
