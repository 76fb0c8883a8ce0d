package api

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/parcel"
)

// Sorting tells the sorting line what to do with a parcel.
type Sorting struct {
	Instruction string `json:"instruction" enums:"pass,divert,unknown" example:"divert"`
	Reason      string `json:"reason" example:"the parcel is held, lane red"`
} //	@name	Sorting

// sortParcel answers for the parcel that stands before the scanner. A number nobody declared is no error: the line must act.
//
//	@Summary	Ask what to do with a parcel
//	@Tags		sorter
//	@Security	bearer
//	@Param		tracking_no	path		string	true	"as it was scanned"
//	@Success	200			{object}	Sorting
//	@Failure	503			{object}	Problem
//	@Router		/v1/sorter/{tracking_no} [get]
func (d *door) sortParcel(c *gin.Context) (any, error) {
	number := c.Param("tracking_no")
	if !storable(number) {
		return Sorting{Instruction: "unknown", Reason: "nobody declared this number"}, nil
	}
	status, lane, found, err := d.deps.Parcels.Sorting(c.Request.Context(), number)
	if err != nil {
		return nil, err
	}
	return sortingOf(status, lane, found), nil
}

// sortingOf lets pass what is cleared and on its way. Everything else is taken off the line, also what was cancelled or refused.
func sortingOf(status parcel.Status, lane parcel.Lane, found bool) Sorting {
	if !found {
		return Sorting{Instruction: "unknown", Reason: "nobody declared this number"}
	}
	switch status {
	case parcel.Cleared, parcel.Bundled, parcel.Sealed, parcel.Released, parcel.Departed, parcel.Arrived:
		return Sorting{Instruction: "pass", Reason: fmt.Sprintf("the parcel is %s", status)}
	case parcel.Received, parcel.Held, parcel.InformationRequested, parcel.Inspection,
		parcel.Refused, parcel.Detained, parcel.Returned, parcel.Cancelled:
	}
	if lane.Holds() {
		return Sorting{Instruction: "divert", Reason: fmt.Sprintf("the parcel is %s, lane %s", status, lane)}
	}
	return Sorting{Instruction: "divert", Reason: fmt.Sprintf("the parcel is %s", status)}
}
