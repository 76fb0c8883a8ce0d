package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// carrier follows the units of all routes, and scans some of them as gone.
type carrier struct {
	*run
	dice  *rand.Rand
	units map[string]int // rank by id
}

// unit is what is read of a consignment.
type unit struct {
	ID          string `json:"id"`
	Number      string `json:"number"`
	Status      string `json:"status"`
	ParcelCount int    `json:"parcel_count"`
}

var unitRanks = map[string]int{"open": 1, "sealed": 2, "released": 3, "departed": 4, "arrived": 5}

func (u *carrier) follow(ctx context.Context) {
	c := newCaller(u.house, u.site.Keys.Carrier, 0)
	for cursor := ""; ctx.Err() == nil; {
		var p page[unit]
		if err := c.get(ctx, fmt.Sprintf("/v1/consignments?limit=%d&wait=2&cursor=%s", pageSize, url.QueryEscape(cursor)), &p); err != nil {
			if ctx.Err() == nil {
				u.guard.violated("answers", "%s", err)
				pause(ctx, longerPause)
			}
			continue
		}
		cursor = p.Next
		for _, each := range p.Data {
			u.see(each)
			if each.Status == "released" && u.dice.IntN(3) == 0 {
				u.depart(ctx, c, each)
			}
		}
	}
}

// see checks that a unit has not gone back since it was last seen.
func (u *carrier) see(each unit) {
	rank, known := unitRanks[each.Status]
	if !known {
		u.guard.violated("units", "%s has the status %q", each.Number, each.Status)
	}
	if before := u.units[each.ID]; rank < before {
		u.guard.violated("backwards", "unit %s is %s after it was further", each.Number, each.Status)
	}
	u.units[each.ID] = rank
}

// depart scans a unit as departed, until that is answered for.
func (u *carrier) depart(ctx context.Context, c *caller, each unit) {
	scan := map[string]string{"id": "gone-" + each.ID, "type": "departed", "occurred_at": time.Now().UTC().Format(time.RFC3339)}
	a := c.insist(ctx, http.MethodPost, "/v1/consignments/"+each.ID+"/events", scan)
	switch a.status {
	case 0, http.StatusOK, http.StatusCreated, http.StatusConflict:
	default:
		u.guard.violated("answers", "scan of %s: %d %s", each.Number, a.status, a.body)
	}
}

// planner keeps departures coming whose cut-off is near, so that units are sealed and released all the while.
type planner struct {
	*run
	every time.Duration
}

func (pl *planner) plan(ctx context.Context) {
	c := newCaller(pl.house, pl.site.Keys.Admin, 1)
	var routes page[struct {
		Code string `json:"code"`
	}]
	if err := c.get(ctx, "/v1/routes", &routes); err != nil {
		pl.guard.check("answers", err)
		return
	}
	for n := 1; ctx.Err() == nil; n++ {
		for _, route := range routes.Data {
			cutoff := time.Now().UTC().Add(pl.every * 3 / 2)
			c.insist(ctx, http.MethodPost, "/v1/departures", map[string]any{
				"route": route.Code, "number": fmt.Sprintf("T-%d", n),
				"cutoff_at": cutoff.Format(time.RFC3339Nano), "departs_at": cutoff.Add(time.Minute).Format(time.RFC3339Nano),
			})
		}
		pause(ctx, pl.every)
	}
}
