package api

import (
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
)

// Event is something that happened to a consignment.
type Event struct {
	ID         string  `json:"id" example:"3f0c9a52-scan-17"`
	Type       string  `json:"type" enums:"opened,loaded,sealed,held,hold_lifted,released,departed,transferred,arrived" example:"departed"`
	Classifier string  `json:"classifier" enums:"planned,estimated,actual" example:"actual"`
	OccurredAt string  `json:"occurred_at" format:"date-time" example:"2026-11-22T08:02:00Z"`
	RecordedAt string  `json:"recorded_at" format:"date-time" example:"2026-11-22T08:02:01Z"`
	Location   *string `json:"location" extensions:"x-nullable" example:"CNAKL"` // UN/LOCODE
	Leg        *int    `json:"leg" extensions:"x-nullable" example:"0"`          // index into the legs
	By         string  `json:"by" example:"carrier-1"`
	Note       *string `json:"note" extensions:"x-nullable"`
} //	@name	Event

// ScanRequest is a scan by the carrier. Its own id makes it safe to repeat.
type ScanRequest struct {
	ID         string `json:"id" binding:"required" maxLength:"100" example:"3f0c9a52-scan-17"`
	Type       string `json:"type" binding:"required" enums:"loaded,sealed,departed,transferred,arrived" example:"departed"`
	Classifier string `json:"classifier" enums:"planned,estimated,actual" default:"actual" example:"actual"`
	OccurredAt string `json:"occurred_at" binding:"required" format:"date-time" example:"2026-11-22T08:02:00Z"`
	Location   string `json:"location" example:"CNAKL"` // UN/LOCODE
	Leg        *int   `json:"leg" extensions:"x-nullable" minimum:"0" example:"0"`
	Note       string `json:"note" maxLength:"500"`
} //	@name	ScanRequest

func eventOf(e consignment.Event) Event {
	shown := Event{
		ID: e.ID, Type: string(e.Type), Classifier: e.Classifier, OccurredAt: instant(e.OccurredAt), RecordedAt: instant(e.RecordedAt),
		Location: textOrNull(e.Location), By: e.By, Note: textOrNull(e.Note),
	}
	if e.Leg >= 0 {
		shown.Leg = &e.Leg
	}
	return shown
}

// listConsignmentEvents lists what happened to a consignment.
//
//	@Summary	List what happened to a consignment
//	@Tags		consignments
//	@Security	bearer
//	@Param		id		path		string	true	"id of the consignment"
//	@Param		cursor	query		string	false	"next_cursor of the page before"
//	@Param		limit	query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success	200		{object}	Page[Event]
//	@Failure	400		{object}	Problem
//	@Failure	404		{object}	Problem
//	@Failure	503		{object}	Problem
//	@Router		/v1/consignments/{id}/events [get]
func (d *door) listConsignmentEvents(c *gin.Context) (any, error) {
	at, err := d.pageWithin(c, "events")
	if err != nil {
		return nil, err
	}
	events, err := d.deps.Consignments.ConsignmentEvents(c.Request.Context(), at.unit.ID)
	if err != nil {
		return nil, err
	}
	rest := events[min(at.after, len(events)):]
	events, next := cut(at.list, rest, at.limit, func(consignment.Event) string { return strconv.Itoa(at.after + at.limit) })
	return Page[Event]{Data: convert(events, eventOf), NextCursor: next}, nil
}

// scanConsignment takes in a carrier's scan. The same id again changes nothing, and is answered with what is stored.
//
//	@Summary		Report a scan
//	@Description	By the carrier that serves the route. Idempotent by the event's own id: the same id again is answered with what is stored. A late scan never moves a status backwards.
//	@Tags			consignments
//	@Security		bearer
//	@Param			id		path		string		true	"id of the consignment"
//	@Param			scan	body		ScanRequest	true	"the scan"
//	@Success		201		{object}	Event
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/consignments/{id}/events [post]
func (d *door) scanConsignment(c *gin.Context) (any, error) {
	id, err := consignmentID(c)
	if err != nil {
		return nil, err
	}
	request, err := readRequest[ScanRequest](d, c)
	if err != nil {
		return nil, err
	}
	scan, err := request.event()
	if err != nil {
		return nil, err
	}
	scan.RecordedAt, scan.By = d.deps.Now().UTC(), caller(c).Name
	if _, err := d.change(c, id, consignment.Scan(scan)); err != nil {
		return nil, err
	}
	events, err := d.deps.Consignments.ConsignmentEvents(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(events, func(e consignment.Event) bool { return e.ID == scan.ID }); i >= 0 {
		scan = events[i]
	}
	return eventOf(scan), nil
}

func (r ScanRequest) event() (consignment.Event, error) {
	var f form
	e := consignment.Event{
		ID: r.ID, Type: consignment.EventType(r.Type), Classifier: r.Classifier, OccurredAt: f.time("occurred_at", r.OccurredAt),
		Location: r.Location, Leg: -1, Note: r.Note,
	}
	f.text("id", r.ID, true, 100)
	f.text("note", r.Note, false, longestReason)
	if r.Leg != nil {
		e.Leg = *r.Leg
		if e.Leg < 0 {
			f.refuse("leg", "range", "legs are counted from 0")
		}
	}
	return e, f.err()
}

// change changes one consignment, if the caller may see it: for others it does not exist.
func (d *door) change(c *gin.Context, id consignment.ID, change consignment.Change) (consignment.Consignment, error) {
	routes := servedRoutes(caller(c))
	var after consignment.Consignment
	_, err := d.deps.Consignments.ChangeUnits(c.Request.Context(), consignment.Selection{ID: &id},
		func(unit consignment.Consignment) (consignment.Consignment, []consignment.Event, error) {
			if routes != nil && !slices.Contains(routes, unit.Route) {
				return unit, nil, fault.New(fault.NotFound, "consignment_not_found", "there is no consignment %s, or it is not on your routes", id)
			}
			changed, events, err := change(unit)
			after = changed
			return changed, events, err
		})
	return after, err
}
