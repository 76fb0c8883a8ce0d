package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// parcelSeen is the SQL for parcels as a caller sees them: with the progress of the consignment they are in.
const parcelSeen = `
	SELECT p.id, p.account_id, p.order_no, p.tracking_no, p.express, p.destination, p.weight_g, p.volume_cm3, p.lane, p.reasons, p.verdict, p.batch, p.leaf, p.received_at, p.screened_at, c.id AS consignment_id, l.place,
		CASE WHEN c.id IS NULL OR p.status <> 'cleared' THEN p.status WHEN c.status = 'open' THEN 'bundled' ELSE c.status END AS status,
		u.parcel_id IS NOT NULL AS unrouted
	FROM parcels p
	LEFT JOIN loads l ON l.parcel_id = p.id
	LEFT JOIN consignments c ON c.id = l.consignment_id
	LEFT JOIN unrouted u ON u.parcel_id = p.id AND p.status = 'cleared'`

// parcelRowSeen is a row of parcelSeen.
type parcelRowSeen struct {
	ID            [16]byte
	AccountID     int32
	OrderNo       string
	TrackingNo    string
	Express       bool
	Destination   string
	WeightG       int64
	VolumeCm3     int64 `db:"volume_cm3"`
	Lane          string
	Reasons       []byte
	Verdict       []byte
	Batch         int64
	Leaf          int
	ReceivedAt    time.Time
	ScreenedAt    time.Time
	ConsignmentID *[16]byte
	Place         *int32
	Status        string
	Unrouted      bool
}

func (r parcelRowSeen) leafPlace() leafPlace { return leafPlace{r.Batch, r.Leaf, r.ScreenedAt} }

func (r parcelRowSeen) parcel() (parcel.Parcel, error) {
	p := parcel.Parcel{
		Service: parcel.Standard, Destination: r.Destination, Weight: parcel.Grams(r.WeightG), Volume: r.VolumeCm3,
		ID: r.ID, Account: account.ID(r.AccountID), OrderNo: r.OrderNo, TrackingNo: r.TrackingNo, Status: parcel.Status(r.Status), Lane: parcel.Lane(r.Lane),
		Unrouted: r.Unrouted, ReceivedAt: r.ReceivedAt, ScreenedAt: r.ScreenedAt,
	}
	if r.Express {
		p.Service = parcel.Express
	}
	if r.ConsignmentID != nil {
		p.ConsignmentID = consignment.ID(*r.ConsignmentID).String()
	}
	err := errors.Join(unmarshal(r.Reasons, &p.Reasons), unmarshal(r.Verdict, &p.Verdict))
	heaviestFirst(p.Reasons)
	return p, err
}

// queryParcels reads parcels as callers see them.
func (s *Store) queryParcels(ctx context.Context, sql string, args ...any) ([]parcelRowSeen, error) {
	seen, err := collect(ctx, s.pool, "parcels", asRead[parcelRowSeen], sql, args...)
	if err != nil {
		return nil, classify(err)
	}
	return seen, nil
}

// declared gives parcels with what was declared.
func (s *Store) declared(ctx context.Context, rows []parcelRowSeen) ([]parcel.Parcel, error) {
	places := make([]leafPlace, len(rows))
	for i, row := range rows {
		places[i] = row.leafPlace()
	}
	declarations, err := readDeclarations(ctx, s.pool, places)
	if err != nil {
		return nil, classify(err)
	}
	parcels, err := parcelsOf(rows)
	for i := range parcels {
		parcels[i].Document = declarations[i]
	}
	return parcels, err
}

// parcelsOf gives parcels as the register has them.
func parcelsOf(rows []parcelRowSeen) ([]parcel.Parcel, error) {
	parcels := make([]parcel.Parcel, len(rows))
	for i, row := range rows {
		var err error
		if parcels[i], err = row.parcel(); err != nil {
			return nil, fmt.Errorf("parcel %s: %w", parcel.ID(row.ID), err)
		}
	}
	return parcels, nil
}

// Parcel gives one parcel with its history.
func (s *Store) Parcel(ctx context.Context, id parcel.ID, owner *account.ID) (parcel.Parcel, error) {
	rows, err := s.queryParcels(ctx, parcelSeen+` WHERE p.id = $1 AND ($2::int IS NULL OR p.account_id = $2)`, [16]byte(id), owner)
	if err != nil {
		return parcel.Parcel{}, err
	}
	if len(rows) == 0 {
		return parcel.Parcel{}, errNoParcel(id)
	}
	parcels, err := s.declared(ctx, rows)
	if err != nil {
		return parcel.Parcel{}, err
	}
	p := parcels[0]
	of, err := referralsOf(ctx, s.pool, [][16]byte{id})
	if err != nil {
		return parcel.Parcel{}, classify(err)
	}
	p.Referrals = of[id]
	p.History, err = s.history(ctx, p, rows[0])
	return p, err
}

func errNoParcel(id parcel.ID) error {
	return fault.New(fault.NotFound, "parcel_not_found", "there is no parcel %s, or it is not yours", id)
}

// history tells what became of a parcel: its verdict, which the parcel itself records, then the facts about it and its unit.
func (s *Store) history(ctx context.Context, p parcel.Parcel, row parcelRowSeen) ([]parcel.Change, error) {
	first := parcel.Verdict{Lane: p.Lane, Reasons: p.Reasons}
	if p.Verdict != nil {
		first = *p.Verdict
	}
	verdict := parcel.KindCleared
	if first.Lane.Holds() {
		verdict = parcel.KindHeld
	}
	verdictStatus, _ := verdict.StatusAfter()
	history := []parcel.Change{
		{Kind: parcel.Kind(parcel.Received), Status: parcel.Received, At: p.ReceivedAt, By: "intake"},
		{Kind: verdict, Status: verdictStatus, At: p.ScreenedAt, By: byScreening, Why: explain(first.Reasons)},
	}
	rows, err := s.pool.Query(ctx, `
		SELECT kind, at, by, why, status FROM (
			SELECT tx, seq, kind, at, by, coalesce(why, '') AS why, coalesce(details->>'status', '') AS status FROM facts WHERE parcel_id = $1 AND by <> 'screening'
			UNION ALL
			SELECT f.tx, f.seq, f.kind, f.at, f.by, coalesce(f.why, ''), '' FROM facts f
			JOIN (SELECT consignment_id, account_id, place, NULL::bigint AS until FROM loads WHERE parcel_id = $1
				UNION ALL SELECT consignment_id, account_id, place, tx FROM unloaded WHERE parcel_id = $1) l
			ON f.consignment_id = l.consignment_id AND f.account_id = l.account_id AND l.place BETWEEN f.first_place AND f.last_place
			WHERE l.until IS NULL OR f.tx < l.until) h
		ORDER BY tx, seq`, row.ID)
	if err != nil {
		return nil, classify(fmt.Errorf("history: %w", err))
	}
	var c parcel.Change
	var kind, told string
	_, err = pgx.ForEachRow(rows, []any{&kind, &c.At, &c.By, &c.Why, &told}, func() error {
		c.Kind = parcel.Kind(kind)
		if status, ok := c.Kind.StatusAfter(); told != "" {
			c.Status = parcel.Status(told)
		} else if ok {
			c.Status = status
		} else {
			c.Status = history[len(history)-1].Status
		}
		history = append(history, c)
		return nil
	})
	if err != nil {
		return nil, classify(fmt.Errorf("history: %w", err))
	}
	return history, nil
}

func explain(reasons []parcel.Reason) string {
	if len(reasons) == 0 {
		return "no rule had anything to say"
	}
	why := reasons[0].Explanation
	if more := len(reasons) - 1; more > 0 {
		why += fmt.Sprintf(" (and %d more)", more)
	}
	return why
}

// Parcels lists parcels in the order of their IDs.
func (s *Store) Parcels(ctx context.Context, q parcel.Query) ([]parcel.Parcel, error) {
	ids, err := s.orderIDs(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.queryParcels(ctx, `SELECT * FROM (`+parcelSeen+`
		WHERE p.id > $1 AND ($2::int IS NULL OR p.account_id = $2) AND ($3 = '' OR p.tracking_no = $3)
		  AND ($4::uuid[] IS NULL OR p.id = ANY($4)) AND (NOT $6 OR u.parcel_id IS NOT NULL)
		) seen WHERE $5 = '' OR status = $5 ORDER BY id LIMIT $7`,
		[16]byte(q.After), q.Account, q.TrackingNo, ids, string(q.Status), q.Unrouted, q.Limit)
	if err != nil {
		return nil, err
	}
	return s.declared(ctx, rows)
}

// orderIDs turns an order number into the IDs it has at every platform asked about: IDs are derived, so it needs no index.
func (s *Store) orderIDs(ctx context.Context, q parcel.Query) ([][16]byte, error) {
	if q.OrderNo == "" {
		return nil, nil
	}
	if q.Account != nil {
		return [][16]byte{parcel.DeriveID(*q.Account, q.OrderNo)}, nil
	}
	var owners []account.ID
	if err := s.gorm.WithContext(ctx).Table("accounts").Where("role = ?", account.Platform).Pluck("id", &owners).Error; err != nil {
		return nil, classify(fmt.Errorf("platforms: %w", err))
	}
	ids := make([][16]byte, len(owners))
	for i, owner := range owners {
		ids[i] = parcel.DeriveID(owner, q.OrderNo)
	}
	return ids, nil
}

// Sorting tells what stands of the newest parcel with a tracking number.
func (s *Store) Sorting(ctx context.Context, trackingNo string) (parcel.Status, parcel.Lane, bool, error) {
	var status, lane string
	err := s.pool.QueryRow(ctx, `SELECT status, lane FROM parcels WHERE tracking_no = $1 ORDER BY received_at DESC LIMIT 1`,
		trackingNo).Scan(&status, &lane)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, classify(fmt.Errorf("sorting: %w", err))
	}
	return parcel.Status(status), parcel.Lane(lane), true, nil
}
