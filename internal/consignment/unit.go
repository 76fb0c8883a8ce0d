package consignment

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/refdata"
)

// A unit counts as full from 995 thousandths of any limit on: what is left is not worth waiting for.
const fullFrom = 995

// Full tells whether any of weight, volume and count has reached 99.5 % of its limit, in whole numbers:
// used × 1000 ≥ limit × 995. A full unit is given nothing more and is due for sealing.
func (c Consignment) Full() bool { return c.Limits.reached(c.Weight, c.Volume, c.Parcels) }

func (l Limits) reached(weight parcel.Grams, volume int64, parcels int) bool {
	return int64(weight)*1000 >= int64(l.Weight)*fullFrom || volume*1000 >= l.Volume*fullFrom || parcels*1000 >= l.Parcels*fullFrom
}

// Fill gives how much of the unit's weight and volume limits is used, from 0 to 1. It is for people to look at, not to decide by.
func (c Consignment) Fill() (weight, volume float64) {
	return share(int64(c.Weight), int64(c.Limits.Weight)), share(c.Volume, c.Limits.Volume)
}

func share(used, limit int64) float64 {
	if limit <= 0 {
		return 0
	}
	return float64(used) / float64(limit)
}

// openUnit makes the n-th unit (from 1) of a departure, empty.
func openUnit(route Route, d Departure, n int, limits Limits, now time.Time) Consignment {
	return Consignment{
		ID:         DeriveID(d.ID, n),
		Number:     fmt.Sprintf("%s-%s-%03d", route.Code, strings.TrimPrefix(d.Number, route.train()+"-"), n),
		Route:      route.Code,
		Mode:       d.Mode,
		Unit:       d.Unit,
		UnitNumber: unitNumber(d, n),
		Status:     Open,
		Limits:     limits,
		Departure:  d,
		Legs:       route.planLegs(d.DepartsAt),
		OpenedAt:   now,
		Next:       1,
	}
}

// unitNumber gives the n-th unit of a departure a number that is the same whenever it is asked for and differs within the departure:
// a container number by ISO 6346 under a placeholder for the owner's code, or a plate for a trailer.
// The carrier's real units are not known here.
func unitNumber(d Departure, n int) string {
	serial := (binary.BigEndian.Uint64(d.ID[:8]) + uint64(n)) % 1_000_000
	if unit, ok := refdata.LoadingUnitOf(d.Unit); ok && Mode(unit.Mode) == Road {
		return fmt.Sprintf("ALW%06dT", serial)
	}
	number := fmt.Sprintf("ALWU%06d", serial)
	check, _ := refdata.ContainerCheckDigit(number) // the form always holds
	return number + string(check)
}

// sealOf gives the seal of a unit: the same one, should sealing be repeated.
func sealOf(id ID) string {
	return fmt.Sprintf("AL%08d", binary.BigEndian.Uint64(id[:8])%100_000_000)
}
