package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// receiptsSQL gives a platform's facts behind a position. A fact about several parcels becomes one line for each; Sub of the
// position counts them. A fact about a consignment is about the platform's parcels that were in it then, and Sub is their place
// there. One without parcels is one line that only moves the position.
const receiptsSQL = `
	SELECT r.tx, r.seq, r.sub, r.kind, r.at, r.details, p.id, coalesce(p.order_no, ''), coalesce(p.status, ''), CASE WHEN r.verdict THEN coalesce(p.verdict->'reasons', CASE WHEN p.verdict IS NULL THEN p.reasons END) ELSE p.reasons END
	FROM (
		SELECT f.tx, f.seq, coalesce(l.place, 0) AS sub, f.kind, f.at, f.details, coalesce(f.parcel_id, l.parcel_id) AS parcel_id, f.parcels IS NOT NULL AS verdict
		FROM (SELECT * FROM facts WHERE account_id = $1 AND (tx, seq) >= ($2, $3) AND ` + settled + ` ORDER BY tx, seq LIMIT $5 + 1) f
		LEFT JOIN LATERAL (
			(SELECT n AS place, id AS parcel_id FROM unnest(f.parcels) WITH ORDINALITY told(id, n)
			WHERE (f.tx, f.seq) > ($2, $3) OR n > $4 ORDER BY n LIMIT $5)
			UNION ALL
			(SELECT place, parcel_id FROM loads
			WHERE consignment_id = f.consignment_id AND account_id = f.account_id
			  AND place >= CASE WHEN (f.tx, f.seq) > ($2, $3) THEN f.first_place ELSE greatest(f.first_place, $4 + 1) END AND place <= f.last_place
			ORDER BY place LIMIT $5)
			UNION ALL
			(SELECT place, parcel_id FROM unloaded
			WHERE consignment_id = f.consignment_id AND account_id = f.account_id AND f.tx < unloaded.tx
			  AND place >= CASE WHEN (f.tx, f.seq) > ($2, $3) THEN f.first_place ELSE greatest(f.first_place, $4 + 1) END AND place <= f.last_place
			ORDER BY place LIMIT $5)
		) l ON f.parcel_id IS NULL
		WHERE (f.tx, f.seq, coalesce(l.place, 0)) > ($2, $3, $4)
		ORDER BY f.tx, f.seq, sub LIMIT $5
	) r LEFT JOIN parcels p ON p.id = r.parcel_id ORDER BY r.tx, r.seq, r.sub`

// ReceiptsAfter gives what follows a position in a platform's feed, oldest first, and the position to go on from.
func (s *Store) ReceiptsAfter(ctx context.Context, owner account.ID, after event.Position, limit int) ([]parcel.Receipt, event.Position, error) {
	for {
		receipts, upTo, err := s.receiptsPage(ctx, owner, after, limit)
		if err != nil || len(receipts) > 0 || upTo == after {
			return receipts, upTo, err
		}
		after = upTo
	}
}

func (s *Store) receiptsPage(ctx context.Context, owner account.ID, after event.Position, limit int) ([]parcel.Receipt, event.Position, error) {
	rows, err := s.pool.Query(ctx, receiptsSQL, int32(owner), after.Tx, after.Seq, after.Sub, limit)
	if err != nil {
		return nil, after, classify(fmt.Errorf("receipts: %w", err))
	}
	receipts := make([]parcel.Receipt, 0, limit)
	var (
		at               event.Position
		kind, orderNo    string
		status           string // the parcel's, as it is stored
		when             time.Time
		details, reasons []byte
		id               *[16]byte
	)
	_, err = pgx.ForEachRow(rows, []any{&at.Tx, &at.Seq, &at.Sub, &kind, &when, &details, &id, &orderNo, &status, &reasons}, func() error {
		after = at
		if id == nil {
			return nil
		}
		r := parcel.Receipt{Sequence: at.String(), ParcelID: *id, OrderNo: orderNo, Kind: parcel.Kind(kind), At: when}
		err := fillReceipt(&r, parcel.Status(status), details, reasons)
		receipts = append(receipts, r)
		return err
	})
	if err != nil {
		return nil, after, classify(fmt.Errorf("receipts: %w", err))
	}
	return receipts, after, nil
}

// fillReceipt adds what the fact's kind says. A fact that changes no status leaves the parcel at the one it has.
func fillReceipt(r *parcel.Receipt, stored parcel.Status, details, reasons []byte) error {
	var changes bool
	if r.Status, changes = r.Kind.StatusAfter(); !changes {
		r.Status = stored
	}
	switch r.Kind {
	case parcel.KindHeld, parcel.KindCleared, parcel.KindRefused, parcel.KindRescreened:
		return fillReasons(r, details, reasons)
	case parcel.KindConflict:
		var d conflictDetails
		err := unmarshal(details, &d)
		r.Fields = d.Fields
		return err
	case parcel.KindUnrouted:
		var d unroutedDetails
		err := unmarshal(details, &d)
		r.Reasons = d.Reasons
		return err
	case parcel.KindAsked, parcel.KindInspection, parcel.KindStopped, parcel.KindAnswered:
		var d parcelDetails
		err := unmarshal(details, &d)
		r.Referral = d.Referral
		if d.Status != "" {
			r.Status = d.Status
		}
		return err
	default:
		return nil
	}
}

// fillReasons adds what a fact is told for: its own reasons when it has any, else the parcel's.
func fillReasons(r *parcel.Receipt, details, reasons []byte) error {
	var d parcelDetails
	if err := unmarshal(details, &d); err != nil {
		return err
	}
	if d.Status != "" {
		r.Status = d.Status
	}
	if r.Reasons = d.Reasons; len(r.Reasons) > 0 {
		return nil
	}
	err := unmarshal(reasons, &r.Reasons)
	heaviestFirst(r.Reasons)
	return err
}

// unmarshal reads a JSON column that may be NULL.
func unmarshal(column []byte, into any) error {
	if column == nil {
		return nil
	}
	return json.Unmarshal(column, into)
}
