package torture

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// officer claims and decides held parcels.
type officer struct {
	*run
	dice     *rand.Rand
	caller   *caller
	prefixes []string // of the platforms' order numbers
}

// review is what is read of a case.
type review struct {
	ID       string `json:"id"`
	ParcelID string `json:"parcel_id"`
	OrderNo  string `json:"order_no"`
	State    string `json:"state"`
	Status   string `json:"status"`
}

// idle is how long an officer looks away from an empty desk.
const idle = 200 * time.Millisecond

func (o *officer) work(ctx context.Context) {
	for ctx.Err() == nil {
		a := o.caller.insist(ctx, http.MethodPost, "/v1/reviews/next", nil)
		switch a.status {
		case statusOK:
			var r review
			if err := json.Unmarshal(a.body, &r); err != nil {
				o.guard.violated("answers", "next review: %s", err)
				return
			}
			o.decide(ctx, r)
		case 0:
		case http.StatusNoContent:
			pause(ctx, idle)
		default:
			o.guard.violated("answers", "next review: %d %s", a.status, a.body)
			pause(ctx, longerPause)
		}
	}
}

func (o *officer) action() string {
	switch n := o.dice.IntN(100); {
	case n < 70:
		return "release"
	case n < 78:
		return "inspect"
	case n < 88:
		return "request_information"
	case n < 94:
		return "detain"
	default:
		return "return"
	}
}

// decide decides a case. A decision that was answered for is owed to the platform as a receipt.
func (o *officer) decide(ctx context.Context, r review) {
	action := o.action()
	a := o.caller.insist(ctx, http.MethodPost, "/v1/reviews/"+r.ID+"/decision", map[string]string{"action": action, "reason": "looked at it"})
	switch a.status {
	case statusOK:
		var after review
		if err := json.Unmarshal(a.body, &after); err != nil {
			o.guard.violated("answers", "decision: %s", err)
			return
		}
		o.owe(action, after)
	case 0, http.StatusConflict: // another officer, the platform, or our own lost answer was faster
	default:
		o.guard.violated("answers", "decision on %s: %d %s", r.ID, a.status, a.body)
	}
}

func (o *officer) owe(action string, after review) {
	m := map[string]mark{
		"release": cleared, "inspect": inspection, "request_information": asked, "detain": detained, "return": returned,
	}[action]
	if action == "release" && after.State == "open" {
		return // it waits for a second officer
	}
	for n, prefix := range o.prefixes {
		if strings.HasPrefix(after.OrderNo, prefix) {
			o.ledger.owe(after.ParcelID, n, serial(after.OrderNo), m)
			return
		}
	}
	o.guard.violated("answers", "an officer decided %q, which nobody has posted", after.OrderNo)
}
