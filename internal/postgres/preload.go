package postgres

import (
	"context"
	"fmt"
	"time"
)

// Preload stores n generated parcels as a journey of long ago would have left them: each with its verdict, its fact and its place in
// a unit. It is for the benchmark of growth: the database's constraints are kept, and the parcels belong to no platform's feed.
func (s *Store) Preload(ctx context.Context, n int64, now time.Time) error {
	const step = 250_000 // parcels in one transaction
	for from := int64(0); from < n; from += step {
		for _, statement := range preloadSQL {
			if _, err := s.pool.Exec(ctx, statement, from, min(from+step, n)-1, now.UTC()); err != nil {
				return classify(fmt.Errorf("preload: %w", err))
			}
		}
	}
	for _, table := range journeyTables {
		if _, err := s.pool.Exec(ctx, `VACUUM (ANALYZE) `+table); err != nil { // as autovacuum would have done long ago
			return classify(fmt.Errorf("preload: %w", err))
		}
	}
	if _, err := s.pool.Exec(ctx, `CHECKPOINT`); err != nil {
		return classify(fmt.Errorf("preload: %w", err))
	}
	return nil
}

// preloadSQL stores the parcels numbered $1 to $2, of a day a month before $3, in batches of 500 with negative numbers. Account 0 is
// nobody's. Sheets are not packed, which SQL cannot do; the declarations are so short that they take the room of packed ones.
var preloadSQL = []string{
	`INSERT INTO parcels (id, account_id, order_no, tracking_no, status, lane, express, destination, weight_g, volume_cm3, consignee, address, fen,
		fingerprint, batch, leaf, rules, received_at, screened_at)
	SELECT md5('preload ' || n)::uuid, 0, 'PRE-' || n, 'LX' || lpad(n::text, 9, '0') || 'CN', 'cleared', 'green', false, 'DE', 500 + n % 2000,
		1000 + n % 9000, hashint8extended(n, 7), hashint8extended(n, 9), 1000 + n % 40000, md5('content ' || n)::uuid, -1 - n / 500, n % 500,
		'preload', $3::timestamptz - interval '30 days', $3::timestamptz - interval '30 days'
	FROM generate_series($1::bigint, $2::bigint) n`,
	`INSERT INTO dockets (batch, sheet, filed_at, packing, declarations)
	SELECT -1 - n / 500, n % 500 / 32, $3::timestamptz - interval '30 days', 'plain', string_agg(int4send(octet_length(d)) || d, ''::bytea ORDER BY n)
	FROM generate_series($1::bigint, $2::bigint) n
	CROSS JOIN LATERAL convert_to('{"order_no":"PRE-' || n || '","consignee":{"name":"' || md5('name ' || n) || '","address":{"country":"DE","lines":["' ||
		md5('street ' || n) || '"]}},"items":[{"description":"LED desk lamp"}]}', 'UTF8') d
	GROUP BY 1, 2`,
	`INSERT INTO facts (kind, account_id, parcels, at, by)
	SELECT 'cleared', 0, array_agg(md5('preload ' || n)::uuid ORDER BY n), $3::timestamptz - interval '30 days', 'screening'
	FROM generate_series($1::bigint, $2::bigint) n GROUP BY n / 500`,
	`INSERT INTO loads (parcel_id, consignment_id, place, account_id, weight_g, volume_cm3, loaded_at)
	SELECT md5('preload ' || n)::uuid, md5('unit ' || n / 7000)::uuid, n % 7000 + 1, 0, 500 + n % 2000, 1000 + n % 9000,
		$3::timestamptz - interval '30 days' FROM generate_series($1::bigint, $2::bigint) n`,
}
