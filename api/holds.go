package api

import (
	"crypto/rand"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
)

// Hold stops a consignment's release and departure until it is lifted.
type Hold struct {
	ID       string `json:"id" example:"H3K7Q2V5W4T6"`
	By       string `json:"by" enums:"customs,carrier" example:"customs"`
	Who      string `json:"who" example:"customs-1"`
	Reason   string `json:"reason" example:"seal is damaged"`
	ParcelID string `json:"parcel_id,omitempty" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"` // for whose sake it is: it ends with what customs decide about that parcel
	PlacedAt string `json:"placed_at" format:"date-time" example:"2026-11-22T05:00:00Z"`
} //	@name	Hold

// HoldRequest places a hold.
type HoldRequest struct {
	Reason string `json:"reason" binding:"required" maxLength:"500" example:"seal is damaged"`
} //	@name	HoldRequest

func holdOf(h consignment.Hold) Hold {
	return Hold{ID: h.ID, By: h.By, Who: h.Who, Reason: h.Reason, ParcelID: h.Parcel, PlacedAt: instant(h.PlacedAt)}
}

const (
	heldByCustoms = "customs"
	heldByCarrier = "carrier"
)

// side is on whose behalf the caller holds consignments.
func side(who account.Account) string {
	if who.Role == account.Carrier {
		return heldByCarrier
	}
	return heldByCustoms
}

// holdConsignment places a hold.
//
//	@Summary		Place a hold
//	@Description	While there is a hold, the unit is neither released nor departs. Officers hold for customs, carriers for themselves.
//	@Tags			consignments
//	@Security		bearer
//	@Param			id		path		string		true	"id of the consignment"
//	@Param			hold	body		HoldRequest	true	"why"
//	@Success		201		{object}	Hold
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/consignments/{id}/holds [post]
func (d *door) holdConsignment(c *gin.Context) (any, error) {
	id, err := consignmentID(c)
	if err != nil {
		return nil, err
	}
	request, err := readRequest[HoldRequest](d, c)
	if err != nil {
		return nil, err
	}
	var f form
	f.text("reason", request.Reason, true, longestReason)
	if err := f.err(); err != nil {
		return nil, err
	}
	who := caller(c)
	hold := consignment.Hold{ID: rand.Text(), By: side(who), Who: who.Name, Reason: request.Reason, PlacedAt: d.deps.Now().UTC()}
	if _, err := d.change(c, id, consignment.PlaceHold(hold)); err != nil {
		return nil, err
	}
	return holdOf(hold), nil
}

// liftHold lifts a hold of the caller's own side.
//
//	@Summary		Lift a hold
//	@Description	Customs lift customs' holds, carriers lift carriers'. One for a parcel's sake ends with what is decided about the parcel: 409 `hold_of_parcel`.
//	@Tags			consignments
//	@Security		bearer
//	@Param			id		path		string	true	"id of the consignment"
//	@Param			hold_id	path		string	true	"id of the hold"
//	@Success		200		{object}	Consignment
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/consignments/{id}/holds/{hold_id} [delete]
func (d *door) liftHold(c *gin.Context) (any, error) {
	id, err := consignmentID(c)
	if err != nil {
		return nil, err
	}
	who, holdID := caller(c), c.Param("hold_id")
	lift := consignment.LiftHold(holdID, who.Name, d.deps.Now().UTC())
	after, err := d.change(c, id, func(unit consignment.Consignment) (consignment.Consignment, []consignment.Event, error) {
		foreign := slices.ContainsFunc(unit.Holds, func(h consignment.Hold) bool { return h.ID == holdID && h.By != side(who) })
		if foreign && who.Role != account.Admin {
			return unit, nil, fault.New(fault.Forbidden, "hold_not_yours", "customs lift customs' holds, carriers lift carriers'")
		}
		return lift(unit)
	})
	if err != nil {
		return nil, err
	}
	return consignmentOf(after), nil
}

// releaseConsignment releases one unit.
//
//	@Summary		Release a consignment
//	@Description	Releasing it again changes nothing.
//	@Tags			consignments
//	@Security		bearer
//	@Param			id	path		string	true	"id of the consignment"
//	@Success		200	{object}	Consignment
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		409	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/consignments/{id}/release [post]
func (d *door) releaseConsignment(c *gin.Context) (any, error) {
	id, err := consignmentID(c)
	if err != nil {
		return nil, err
	}
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	released, err := d.deps.Dispatcher.ReleaseUnit(c.Request.Context(), id, caller(c).Name)
	if err != nil {
		return nil, err
	}
	return consignmentOf(released), nil
}
