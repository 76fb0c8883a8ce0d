package api

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/parcel"
)

// CancelRequest asks that a parcel does not travel.
type CancelRequest struct {
	Reason string `json:"reason" binding:"required" maxLength:"500" example:"the customer cancelled the order"`
} //	@name	CancelRequest

// InformationRequest is a platform's answer to an officer's request for information.
type InformationRequest struct {
	Text      string   `json:"text" binding:"required" maxLength:"4000" example:"The goods are toys, see the catalogue."`
	Documents []string `json:"documents" binding:"max=20" example:"https://docs.example.com/catalogue.pdf"` // references, each of at most 500 characters
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
//	@Description	Puts the parcel back on the officers' desk.
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
	info := Information{Text: request.Text, Documents: request.Documents}
	if err := d.deps.Parcels.Inform(c.Request.Context(), id, caller(c).ID, info, d.deps.Now().UTC()); err != nil {
		return nil, orNotStored(err)
	}
	return Taken{ID: id.String(), Status: string(parcel.Held)}, nil
}

func (r InformationRequest) check() error {
	var f form
	f.text("text", r.Text, true, longestText)
	if len(r.Documents) > mostDocuments {
		f.refuse("documents", "count", "at most "+strconv.Itoa(mostDocuments)+" references are taken")
	}
	for i, reference := range r.Documents {
		f.text("documents/"+strconv.Itoa(i), reference, true, longestReference)
	}
	return f.err()
}
