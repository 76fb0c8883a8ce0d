package consignment

import (
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/refdata"
)

const (
	maxSlots        = 200
	maxUnitParcels  = 1_000_000
	maxNumber       = 40
	furthestInHours = 90 * 24
)

// NewDeparture makes a departure that somebody plans beside the schedule, for POST /v1/departures. Nil limits are the route's.
// Asked twice for the same route and number, it gives the same ID. The error is a fault of kind Invalid with every wrong field.
func NewDeparture(route Route, number string, cutoff, departs time.Time, slots int, limits *Limits, now time.Time) (Departure, error) {
	if limits == nil {
		limits = &route.Limits
	}
	var w wrongs
	w.checkNumber(route, number)
	w.checkTimes(cutoff, departs, now)
	w.add(slots < 1 || slots > maxSlots, "/slots", "slots.range", "from 1 to 200 units")
	w.checkLimits(route, *limits)
	if err := w.fault(); err != nil {
		return Departure{}, err
	}
	return Departure{
		ID:        DeriveDepartureID(route.Code, number),
		Route:     route.Code,
		Mode:      route.Mode,
		Number:    number,
		CutoffAt:  cutoff.UTC().Truncate(time.Microsecond), // as the database keeps it
		DepartsAt: departs.UTC().Truncate(time.Microsecond),
		Unit:      route.Unit,
		Slots:     slots,
		Limits:    *limits,
	}, nil
}

// checkNumber keeps planned numbers apart from scheduled ones: a scheduled departure must never turn out to exist with other times.
// Beginning with a letter, they also give other consignment numbers than the schedule's dates do.
func (w *wrongs) checkNumber(route Route, number string) {
	const pointer = "/number"
	switch {
	case number == "":
		w.add(true, pointer, "number.required", "this is needed")
	case len(number) > maxNumber:
		w.add(true, pointer, "number.length", "at most 40 characters are taken")
	case number[0] < 'A' || !plain(number):
		w.add(true, pointer, "number.characters", "capital letters, digits and hyphens, beginning with a letter")
	case strings.HasPrefix(number, route.train()+"-"):
		w.add(true, pointer, "number.reserved", "numbers that begin like this are the schedule's own")
	}
}

func (w *wrongs) checkTimes(cutoff, departs, now time.Time) {
	w.add(!cutoff.After(now), "/cutoff_at", "cutoff_at.past", "the cut-off must be in the future")
	w.add(departs.Before(cutoff), "/departs_at", "departs_at.before_cutoff", "a departure cannot leave before its cut-off")
	w.add(departs.After(now.Add(furthestInHours*time.Hour)), "/departs_at", "departs_at.too_far", "at most 90 days ahead")
}

// checkLimits holds a unit's limits against what its type can carry at all; a railway may allow less, never more.
func (w *wrongs) checkLimits(route Route, limits Limits) {
	payload, usable := route.Limits.Weight, route.Limits.Volume
	if unit, ok := refdata.LoadingUnitOf(route.Unit); ok {
		payload, usable = parcel.Grams(unit.PayloadG), unit.UsableVolumeCM3
	}
	w.add(limits.Weight < 1 || limits.Weight > payload,
		"/limits/weight_g", "weight_g.range", "more than 0 and at most the unit's payload")
	w.add(limits.Volume < 1 || limits.Volume > usable,
		"/limits/volume_cm3", "volume_cm3.range", "more than 0 and at most the unit's usable volume")
	w.add(limits.Parcels < 1 || limits.Parcels > maxUnitParcels, "/limits/parcels", "parcels.range", "from 1 to 1000000 parcels")
}

func plain(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// wrongs collects the wrong fields of a request.
type wrongs []fault.Field

func (w *wrongs) add(wrong bool, pointer, code, detail string) {
	if wrong {
		*w = append(*w, fault.Field{Pointer: pointer, Code: code, Detail: detail})
	}
}

// fault is nil when nothing is wrong.
func (w wrongs) fault() error {
	if len(w) == 0 {
		return nil
	}
	err := fault.New(fault.Invalid, "invalid_request", "%d field(s) break a rule; see errors", len(w))
	err.Fields = w
	return err
}
