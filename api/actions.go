package api

import (
	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/parcel"
)

// CancelRequest asks that a parcel does not travel.
type CancelRequest struct {
	Reason string `json:"reason" binding:"required" maxLength:"500" example:"the customer cancelled the order"`
} //	@name	CancelRequest

// InformationRequest is a platform's answer to an officer's request for information.
type InformationRequest struct {
	Referral    string              `json:"referral" maxLength:"500"` // reference of the question; left out: all that are open
	Text        string              `json:"text" binding:"required" maxLength:"4000" example:"The goods are toys, see the catalogue."`
	Documents   []DocumentReference `json:"documents" binding:"max=20"`
	Corrections []Correction        `json:"corrections" binding:"max=20"`
} //	@name	InformationRequest

// Taken says that a request about a parcel is done.
type Taken struct {
	ID     string `json:"id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	Status string `json:"status" example:"cancelled"`
} //	@name	Taken

const (
	longestReason    = 500
	longestText      = 4000
	mostDocuments    = 20
	longestReference = 500
)

// cancelParcel cancels a parcel whose unit is not sealed.
//
//	@Summary		Cancel a parcel
//	@Description	Until its consignment is sealed; after that 409.
//	@Tags			parcels
//	@Security		bearer
//	@Param			id		path		string			true	"id of the parcel"
//	@Param			request	body		CancelRequest	true	"why"
//	@Success		202		{object}	Taken
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/parcels/{id}/cancellation [post]
func (d *door) cancelParcel(c *gin.Context) (any, error) {
	id, err := parcel.ParseID(c.Param("id"))
	if err != nil {
		return nil, noSuch("parcel")
	}
	request, err := readRequest[CancelRequest](d, c)
	if err != nil {
		return nil, err
	}
	var f form
	f.text("reason", request.Reason, true, longestReason)
	if err := f.err(); err != nil {
		return nil, err
	}
	err = d.deps.Parcels.Cancel(c.Request.Context(), id, caller(c).ID, request.Reason, d.deps.Now().UTC())
	if err != nil {
		return nil, orNotStored(err)
	}
	return Taken{ID: id.String(), Status: string(parcel.Cancelled)}, nil
}

// informAboutParcel answers an officer's request for information.
//
//	@Summary		Answer a request for information
//	@Description	Answers the question that referral names, or all that are open; without an open one it is 409. When none is left open the parcel goes back to the officers' desk. It is screened again.
//	@Tags			parcels
//	@Security		bearer
//	@Param			id		path		string				true	"id of the parcel"
//	@Param			request	body		InformationRequest	true	"the answer"
//	@Success		202		{object}	Taken
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/parcels/{id}/information [post]
func (d *door) informAboutParcel(c *gin.Context) (any, error) {
	id, err := parcel.ParseID(c.Param("id"))
	if err != nil {
		return nil, noSuch("parcel")
	}
	request, err := readRequest[InformationRequest](d, c)
	if err != nil {
		return nil, err
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	status, err := d.deps.Parcels.Inform(c.Request.Context(), id, caller(c).ID, request.information(), d.deps.Now().UTC())
	if err != nil {
		return nil, orNotStored(err)
	}
	return Taken{ID: id.String(), Status: string(status)}, nil
}
