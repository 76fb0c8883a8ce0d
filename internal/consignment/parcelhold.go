package consignment

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/parcel"
)

// HoldForParcel is customs' hold on a unit for the sake of one parcel in it. cause says what the parcel is held for, and tells
// this hold from another for the same parcel later.
func (c Consignment) HoldForParcel(id parcel.ID, who, cause string, now time.Time) Hold {
	sum := sha256.Sum256([]byte("alataw.parcelhold.v1\x00" + id.String() + "\x00" + cause + "\x00" + now.UTC().Format(time.RFC3339Nano)))
	reason := []rune("parcel " + id.String() + " is held: " + cause)
	return Hold{
		ID: strings.TrimRight(base32.StdEncoding.EncodeToString(sum[:15]), "="), By: "customs", Who: who, Parcel: id.String(), Unit: c.Status,
		Reason: string(reason[:min(len(reason), maxReason)]), PlacedAt: now,
	}
}

// HeldFor gives the hold for a parcel's sake, nil when there is none.
func (c Consignment) HeldFor(id parcel.ID) *Hold {
	i := slices.IndexFunc(c.Holds, func(h Hold) bool { return h.Parcel == id.String() })
	if i < 0 {
		return nil
	}
	return &c.Holds[i]
}

// MissedSealing tells whether the unit was sealed while a parcel in it was held.
func (c Consignment) MissedSealing(id parcel.ID) bool {
	h := c.HeldFor(id)
	return h != nil && h.Unit == Open && c.Status != Open
}

// LiftForParcel takes away the hold for a parcel's sake; without one it changes nothing. Other parcels' holds stay.
func LiftForParcel(id parcel.ID, who, why string, now time.Time) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		h := c.HeldFor(id)
		if h == nil {
			return c, nil, nil
		}
		e := c.happened(EventLifted, "lifted-"+h.ID, now)
		e.By, e.Note = who, h.By+": "+h.Parcel+": "+why
		c.Holds = slices.DeleteFunc(slices.Clone(c.Holds), func(h Hold) bool { return h.Parcel == id.String() })
		return c, []Event{e}, nil
	}
}

// TakenOut tells of a parcel that has just been taken out of a unit, and lifts the hold for its sake.
func TakenOut(id parcel.ID, who, why string, now time.Time) Change {
	lift := LiftForParcel(id, who, why, now)
	return func(c Consignment) (Consignment, []Event, error) {
		c, events, err := lift(c)
		e := c.happened(EventUnloaded, "unloaded-"+id.Base(), now)
		e.By, e.Note = who, id.String()+": "+why
		return c, append(events, e), err
	}
}
