package api

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
)

// LoadedParcel is a parcel in a unit, as far as its carrier needs to know it. Why customs looked at it is not the carrier's concern.
type LoadedParcel struct {
	Place       int    `json:"place" example:"1"` // in the unit; places of parcels that were taken out stay empty
	ID          string `json:"id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	OrderNo     string `json:"order_no" example:"536365-1"`
	TrackingNo  string `json:"tracking_no" example:"LX474724577CN"`
	Service     string `json:"service" example:"standard"`
	Status      string `json:"status" example:"bundled"`
	Destination string `json:"destination" example:"GB"` // ISO 3166-1 alpha-2
	GrossWeight int64  `json:"gross_weight_g" example:"2667"`
	Volume      int64  `json:"volume_cm3" example:"15527"`
} //	@name	LoadedParcel

func loadedOf(place int, p parcel.Parcel) LoadedParcel {
	return LoadedParcel{
		Place: place, ID: p.ID.String(), OrderNo: p.OrderNo, TrackingNo: p.TrackingNo, Service: string(p.Service), Status: string(p.Status),
		Destination: p.Destination, GrossWeight: int64(p.Weight), Volume: p.Volume,
	}
}

// listConsignmentParcels lists what a unit carries, by place.
//
//	@Summary	List what a consignment carries
//	@Tags		consignments
//	@Security	bearer
//	@Param		id		path		string	true	"id of the consignment"
//	@Param		cursor	query		string	false	"next_cursor of the page before"
//	@Param		limit	query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success	200		{object}	Page[LoadedParcel]
//	@Failure	400		{object}	Problem
//	@Failure	404		{object}	Problem
//	@Failure	503		{object}	Problem
//	@Router		/v1/consignments/{id}/parcels [get]
func (d *door) listConsignmentParcels(c *gin.Context) (any, error) {
	at, err := d.pageWithin(c, "parcels")
	if err != nil {
		return nil, err
	}
	places, parcels, err := d.deps.Consignments.ConsignmentParcels(c.Request.Context(), at.unit.ID, at.after, at.limit+1)
	if err != nil {
		return nil, err
	}
	data := make([]LoadedParcel, len(parcels))
	for i, p := range parcels {
		data[i] = loadedOf(places[i], p)
	}
	data, next := cut(at.list, data, at.limit, func(p LoadedParcel) string { return strconv.Itoa(p.Place) })
	return Page[LoadedParcel]{Data: data, NextCursor: next}, nil
}

// within is a page of what one consignment holds, told by numbers.
type within struct {
	unit         consignment.Consignment
	list         list
	after, limit int
}

// pageWithin reads which page of a consignment's parcels or events is asked for.
func (d *door) pageWithin(c *gin.Context, what string) (within, error) {
	q := readQuery(c.Request.URL, "cursor", "limit")
	at := within{limit: q.limit()}
	err := q.err()
	if err != nil {
		return at, err
	}
	if at.unit, err = d.consignmentAt(c); err != nil {
		return at, err
	}
	at.list = listOf(what+" of "+at.unit.ID.String(), caller(c).ID, q)
	at.after, err = numberedPlace(at.list, q)
	return at, err
}

// numberedPlace reads a cursor whose place is a number; without one it is 0.
func numberedPlace(l list, q *query) (int, error) {
	cursor := q.get("cursor")
	if cursor == "" {
		return 0, nil
	}
	place, err := l.place(cursor)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(place)
	if err != nil || n < 0 {
		return 0, unknownCursor()
	}
	return n, nil
}
