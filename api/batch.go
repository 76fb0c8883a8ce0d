package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

const mostInBatch = 1000

// BatchRequest is a batch of declarations.
type BatchRequest struct {
	Parcels []DeclareRequest `json:"parcels" binding:"required,min=1,max=1000"`
} //	@name	BatchRequest

// BatchAnswer tells what became of each declaration, in their order. One bad declaration never sinks the others.
type BatchAnswer struct {
	Accepted int      `json:"accepted" example:"1"`
	Refused  int      `json:"refused" example:"1"`
	Results  []Result `json:"results"`
} //	@name	BatchAnswer

// Result is what became of one declaration of a batch or a stream.
type Result struct {
	Index   int          `json:"index" example:"0"` // of the declaration, from 0; empty lines of a stream do not count
	OrderNo string       `json:"order_no" example:"536365-1"`
	ID      string       `json:"id,omitempty" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"` // when it is received
	Status  string       `json:"status" enums:"received,refused,unavailable" example:"received"`
	Errors  []FieldError `json:"errors,omitempty"` // when it is not received
} //	@name	Result

const (
	statusRefused     = "refused"
	statusUnavailable = "unavailable" // not queued, and worth posting again
)

func resultOf(index int, a parcel.Answer) Result {
	if a.Err != nil {
		return Result{Index: index, OrderNo: a.OrderNo, Status: statusRefused, Errors: itemErrors(a.Err)}
	}
	return Result{Index: index, OrderNo: a.OrderNo, ID: a.ID.String(), Status: string(parcel.Received)}
}

// itemErrors gives a declaration's wrong fields. One that cannot be read at all has one error, about the whole of it.
func itemErrors(err error) []FieldError {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Internal, "internal", "this is our mistake; the request's id finds it in our log")
	}
	if len(f.Fields) > 0 {
		return fieldErrors(f.Fields)
	}
	return []FieldError{{Pointer: "", Code: f.Code, Detail: f.Detail}}
}

// declareBatch takes many declarations, as one JSON document or line by line.
//
//	@Summary		Declare many parcels
//	@Description	One bad declaration never sinks the others, and the answer is 202 also when all are refused.
//	@Description
//	@Description	As `application/x-ndjson` the answer is a line for each line, in order, while the request is still being read: send and receive at the same time.
//	@Description	Lines are queued after 500 or 20 ms. Empty lines are passed over. Every 60 seconds at least one line must come.
//	@Description	A line of more than 128 KiB is refused and skipped; one that breaks off is refused as `body_incomplete`.
//	@Description	When the queue fails midway the lines at hand are answered with the status `unavailable` and the stream ends: post them and those without an answer again, which is safe.
//	@Description	The trailers `Alataw-Accepted` and `Alataw-Refused` count. The rate limit slows a stream down instead of failing it.
//	@Tags			parcels
//	@Security		bearer
//	@Accept			json,application/x-ndjson
//	@Produce		json,application/x-ndjson
//	@Param			Content-Encoding	header		string			false	"how the body is encoded"											Enums(identity,gzip,zstd)
//	@Param			X-Request-Id		header		string			false	"up to 128 visible ASCII characters; comes back, and is in the log"	maxLength(128)
//	@Param			batch				body		BatchRequest	true	"1 to 1,000 declarations, at most 32 MiB (8 MiB encoded); or, as application/x-ndjson, any number, one a line"
//	@Success		202					{object}	BatchAnswer
//	@Failure		400					{object}	Problem
//	@Failure		408					{object}	Problem
//	@Failure		413					{object}	Problem
//	@Failure		415					{object}	Problem
//	@Failure		422					{object}	Problem
//	@Failure		429					{object}	Problem
//	@Failure		503					{object}	Problem
//	@Router			/v1/parcels/batch [post]
func (d *door) declareBatch(c *gin.Context) (any, error) {
	if err := d.mayTake(); err != nil {
		return nil, err
	}
	media, err := mediaType(c.Request, typeJSON, typeNDJSON)
	if err != nil {
		return nil, err
	}
	if media == typeNDJSON {
		return d.declareStream(c)
	}
	v := visitOf(c)
	if err := d.turns.enter(v.account.ID, 1, d.cfg.Posts); err != nil {
		return nil, err
	}
	defer d.turns.leave(v.account.ID, 1)
	b, err := d.readBody(c, maxPackedBatch, maxBatchBody)
	if err != nil {
		return nil, err
	}
	defer b.release()
	give, err := d.turn(c.Request.Context(), v.account.ID, len(b.data))
	if err != nil {
		return nil, err
	}
	defer give()
	orders, err := splitBatch(b.data)
	if err != nil {
		return nil, err
	}
	if err := d.limits.take(v.account.ID, d.deps.Now(), len(orders)); err != nil {
		return nil, err
	}
	answers, err := d.queue(c.Request.Context(), v.account.ID, requestName(v), orders)
	if err != nil {
		return nil, err
	}
	return v.batchAnswer(answers), nil
}

func (v *visit) batchAnswer(answers []parcel.Answer) BatchAnswer {
	results := make([]Result, len(answers))
	for i, a := range answers {
		results[i] = resultOf(i, a)
		v.count(a)
	}
	return BatchAnswer{Accepted: v.accepted, Refused: v.refused, Results: results}
}

func (v *visit) count(a parcel.Answer) {
	if a.Err != nil {
		v.refused++
	} else {
		v.accepted++
	}
}
