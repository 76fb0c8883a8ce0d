package api

import (
	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/consignment"
)

// ReleaseReport says what became of a departure's units when it was released as a whole.
type ReleaseReport struct {
	Departure   Departure     `json:"departure"`
	Released    []string      `json:"released" example:"con_cbmqkhnqktt3tcu3ejcy3stofu"` // by this act
	Already     []string      `json:"already"`                                           // before
	NotReleased []NotReleased `json:"not_released"`
} //	@name	ReleaseReport

// NotReleased is a unit that was left behind, and why.
type NotReleased struct {
	ID     string `json:"id" example:"con_cbmqkhnqktt3tcu3ejcy3stofu"`
	Number string `json:"number" example:"CN-EU-20261122-0800-002"`
	Code   string `json:"code" enums:"consignment_open,consignment_held" example:"consignment_held"`
	Why    string `json:"why" example:"CN-EU-20261122-0800-002 is held by customs (seal is damaged)"`
} //	@name	NotReleased

// releaseDeparture releases the whole train or truck: every sealed unit that nothing holds.
//
//	@Summary		Release a whole train or truck
//	@Description	Releases every sealed unit that nothing holds, and lists those it did not and why.
//	@Tags			departures
//	@Security		bearer
//	@Param			id	path		string	true	"id of the departure"
//	@Success		200	{object}	ReleaseReport
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/departures/{id}/release [post]
func (d *door) releaseDeparture(c *gin.Context) (any, error) {
	id, err := consignment.ParseDepartureID(c.Param("id"))
	if err != nil {
		return nil, noSuch("departure")
	}
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	report, err := d.deps.Dispatcher.ReleaseDeparture(c.Request.Context(), id, caller(c).Name)
	if err != nil {
		return nil, err
	}
	return ReleaseReport{
		Departure: departureOf(report.Departure), Released: convert(report.Released, consignment.ID.String),
		Already: convert(report.Already, consignment.ID.String), NotReleased: convert(report.Not, notReleasedOf),
	}, nil
}

func notReleasedOf(n consignment.NotReleased) NotReleased {
	return NotReleased{ID: n.ID.String(), Number: n.Number, Code: n.Code, Why: n.Why}
}
