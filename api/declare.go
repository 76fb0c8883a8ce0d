package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
)

// Received says that a declaration is durably queued.
type Received struct {
	ID      string `json:"id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"` // derived from account and order number: a retry has the same
	OrderNo string `json:"order_no" example:"536365-1"`
	Status  string `json:"status" example:"received"`
} //	@name	Received

func (r Received) location() string { return "/v1/parcels/" + r.ID }

// declare takes one declaration.
//
//	@Summary		Declare a parcel
//	@Description	202 means durably queued, on every replica the queue asks for. The id follows from account and order number:
//	@Description	declaring the same again is safe and makes no second parcel; other content under the same number is told in receipts as a conflict.
//	@Tags			parcels
//	@Security		bearer
//	@Param			Content-Encoding	header		string			false	"how the body is encoded"											Enums(identity,gzip,zstd)
//	@Param			X-Request-Id		header		string			false	"up to 128 visible ASCII characters; comes back, and is in the log"	maxLength(128)
//	@Param			declaration			body		DeclareRequest	true	"the declaration, at most 128 KiB"
//	@Success		202					{object}	Received
//	@Header			202					{string}	Location	"where the parcel will be"
//	@Failure		400					{object}	Problem
//	@Failure		408					{object}	Problem
//	@Failure		413					{object}	Problem
//	@Failure		415					{object}	Problem
//	@Failure		422					{object}	Problem
//	@Failure		429					{object}	Problem
//	@Failure		503					{object}	Problem
//	@Router			/v1/parcels [post]
func (d *door) declare(c *gin.Context) (any, error) { return d.take(c, d.queue) }

// take lets a declaration in and hands it on.
func (d *door) take(c *gin.Context, on func(context.Context, account.ID, string, [][]byte) ([]parcel.Answer, error)) (any, error) {
	if err := d.mayTake(); err != nil {
		return nil, err
	}
	if _, err := mediaType(c.Request, typeJSON); err != nil {
		return nil, err
	}
	v := visitOf(c)
	if err := d.limits.take(v.account.ID, d.deps.Now(), 1); err != nil {
		return nil, err
	}
	if err := d.turns.enter(v.account.ID, 1, d.cfg.Posts); err != nil {
		return nil, err
	}
	defer d.turns.leave(v.account.ID, 1)
	b, err := d.readBody(c, maxOrderBody, maxOrderBody)
	if err != nil {
		return nil, err
	}
	defer b.release()
	give, err := d.turn(c.Request.Context(), v.account.ID, len(b.data))
	if err != nil {
		return nil, err
	}
	defer give()
	answers, err := on(c.Request.Context(), v.account.ID, requestName(v), [][]byte{b.data})
	if err != nil {
		return nil, err
	}
	if err := answers[0].Err; err != nil {
		v.refused++
		return nil, err
	}
	v.accepted++
	return Received{ID: answers[0].ID.String(), OrderNo: answers[0].OrderNo, Status: string(parcel.Received)}, nil
}

// takeUnread does all of declare but reading the declaration and queueing it.
func (d *door) takeUnread(c *gin.Context) (any, error) {
	return d.take(c, func(context.Context, account.ID, string, [][]byte) ([]parcel.Answer, error) {
		return []parcel.Answer{{}}, nil
	})
}

// mayTake tells whether the queue takes orders at all, before anything is read.
func (d *door) mayTake() error {
	if d.deps.Backlog == nil {
		return nil
	}
	return d.deps.Backlog()
}

// requestName names a posting for the queue. A client's own request id may come twice, so the moment is part of the name.
func requestName(v *visit) string {
	return v.id + "-" + v.began.UTC().Format("20060102T150405.000000000")
}
