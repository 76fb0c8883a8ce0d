package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// Receipt is one line of a platform's feed: a fact about one of its parcels.
type Receipt struct {
	Sequence   string    `json:"sequence" example:"000000000012345-000000000067-000000"` // names the line; grows along the feed
	ParcelID   string    `json:"parcel_id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	OrderNo    string    `json:"order_no" example:"536365-1"`
	Kind       string    `json:"kind" example:"cleared"`
	Status     string    `json:"status" example:"cleared"`
	Reasons    []Reason  `json:"reasons"`
	Fields     []string  `json:"fields,omitempty" example:"/goods_value"` // of a conflict: JSON pointers of the fields that differ from what is stored
	Referral   *Question `json:"referral,omitempty"`                      // of information_requested, inspection and stopped: what is asked
	OccurredAt string    `json:"occurred_at" format:"date-time" example:"2026-11-22T08:00:00Z"`
} //	@name	Receipt

func receiptOf(r parcel.Receipt) Receipt {
	return Receipt{
		Sequence: r.Sequence, ParcelID: r.ParcelID.String(), OrderNo: r.OrderNo, Kind: string(r.Kind), Status: string(r.Status),
		Reasons: reasonsOf(r.Reasons), Fields: r.Fields, Referral: questionOf(r.Referral), OccurredAt: instant(r.At),
	}
}

// followReceipts answers with what became of the platform's parcels behind a cursor.
//
//	@Summary		Follow what becomes of your parcels
//	@Description	Oldest first. next_cursor is given at the end too: poll with it. No receipt is missed, and none comes twice in one walk.
//	@Tags			receipts
//	@Security		bearer
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Param			limit	query		int		false	"most on a page"									minimum(1)	maximum(500)	default(100)
//	@Param			wait	query		int		false	"seconds to hold the answer until something is new"	minimum(0)	maximum(30)		default(0)
//	@Success		200		{object}	Page[Receipt]
//	@Failure		400		{object}	Problem
//	@Failure		429		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/receipts [get]
func (d *door) followReceipts(c *gin.Context) (any, error) {
	who := caller(c)
	if who.Role != account.Platform {
		return nil, fault.New(fault.Forbidden, "wrong_role", "a feed of receipts belongs to a platform, and is for its own keys")
	}
	q := readQuery(c.Request.URL, "cursor", "limit", "wait")
	limit, wait := q.limit(), q.wait()
	if err := q.err(); err != nil {
		return nil, err
	}
	feed := listOf("receipts", who.ID, q)
	after, err := feedPlace(feed, q)
	if err != nil {
		return nil, err
	}
	page := Page[Receipt]{Data: []Receipt{}}
	err = d.hold(c, who.ID, wait, func(ctx context.Context) (int, error) {
		receipts, next, err := d.deps.Receipts.ReceiptsAfter(ctx, who.ID, after, limit)
		if err != nil {
			return 0, err
		}
		page = feedPage(feed, receipts, next, receiptOf)
		after = next
		return len(receipts), nil
	})
	return page, err
}

// feedPage is a feed's page. It gives a cursor also at the end, so that a poller goes on from there.
func feedPage[R, A any](l list, rows []R, next event.Position, answer func(R) A) Page[A] {
	cursor := l.cursor(next.String())
	return Page[A]{Data: convert(rows, answer), NextCursor: &cursor}
}

// convert turns what the house has into what is answered. Nothing becomes an empty array, never null.
func convert[R, A any](rows []R, answer func(R) A) []A {
	out := make([]A, len(rows))
	for i, row := range rows {
		out[i] = answer(row)
	}
	return out
}
