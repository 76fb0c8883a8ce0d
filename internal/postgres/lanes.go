package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// laneCount gives the statement that counts a batch's verdicts. It is text, for it goes with a copy: see rowBuffer.with.
func laneCount(tx pgx.Tx, verdicts []screening.Verdict, now time.Time) (string, error) {
	rules, err := tx.Conn().PgConn().EscapeString(verdicts[0].Version) // one version judges a batch
	if err != nil {
		return "", fmt.Errorf("lane count: %w", err)
	}
	c := screening.Count(verdicts)
	return fmt.Sprintf(`INSERT INTO lane_counts (at, rules, red, yellow, blue, green, drawn_red, drawn_yellow, drawn_blue)
		VALUES ('%s', '%s', %d, %d, %d, %d, %d, %d, %d); `, now.Format(time.RFC3339Nano), rules,
		c.Lanes[parcel.Red], c.Lanes[parcel.Yellow], c.Lanes[parcel.Blue], c.Lanes[parcel.Green],
		c.Drawn[parcel.Red], c.Drawn[parcel.Yellow], c.Drawn[parcel.Blue]), nil
}

const (
	countsAtATime = 50_000
	totalsKept    = 48 * time.Hour // twice as long as anybody looks back
)

// FoldLaneCounts adds the counts of batches to the totals, each once, whoever else does so, and takes out old totals.
func (s *Store) FoldLaneCounts(ctx context.Context, now time.Time) error {
	for {
		folded, err := s.foldLaneCounts(ctx)
		if err != nil {
			return classify(fmt.Errorf("fold lane counts: %w", err))
		}
		if folded < countsAtATime {
			break
		}
	}
	if _, err := s.pool.Exec(ctx, `DELETE FROM lane_totals WHERE since < $1`, now.Add(-totalsKept)); err != nil {
		return classify(fmt.Errorf("old lane totals: %w", err))
	}
	return nil
}

// foldLaneCounts folds some thousands. Bases are large, so each is opened once, not for each row.
func (s *Store) foldLaneCounts(ctx context.Context) (folded int, err error) {
	err = s.pool.QueryRow(ctx, `
		WITH taken AS (DELETE FROM lane_counts WHERE ctid = ANY (ARRAY(SELECT ctid FROM lane_counts LIMIT $1)) RETURNING *),
		summed AS (SELECT date_bin('10 minutes', at, TIMESTAMPTZ 'epoch') AS since, rules, sum(red) AS red, sum(yellow) AS yellow, sum(blue) AS blue,
				sum(green) AS green, sum(drawn_red) AS drawn_red, sum(drawn_yellow) AS drawn_yellow, sum(drawn_blue) AS drawn_blue
			FROM taken GROUP BY 1, 2),
		judged AS MATERIALIZED (SELECT rules, basis->>'set_hash' AS set_hash, basis->'set'->>'office' AS office, basis->'set'->>'direction' AS direction
			FROM bases WHERE rules IN (SELECT rules FROM summed)),
		added AS (INSERT INTO lane_totals AS have (since, set_hash, office, direction, red, yellow, blue, green, drawn_red, drawn_yellow, drawn_blue)
			SELECT since, set_hash, min(office), min(direction), sum(red), sum(yellow), sum(blue), sum(green),
				sum(drawn_red), sum(drawn_yellow), sum(drawn_blue)
			FROM summed JOIN judged USING (rules) GROUP BY since, set_hash ORDER BY since, set_hash
			ON CONFLICT (since, set_hash) DO UPDATE SET red = have.red + excluded.red, yellow = have.yellow + excluded.yellow,
				blue = have.blue + excluded.blue, green = have.green + excluded.green, drawn_red = have.drawn_red + excluded.drawn_red,
				drawn_yellow = have.drawn_yellow + excluded.drawn_yellow, drawn_blue = have.drawn_blue + excluded.drawn_blue)
		SELECT count(*) FROM taken`, countsAtATime).Scan(&folded)
	return folded, err
}

// laneTotal is the sum of lane_totals of a set.
type laneTotal struct {
	SetHash                          string
	Red, Yellow, Blue, Green         int64
	DrawnRed, DrawnYellow, DrawnBlue int64
}

func (t laneTotal) counted() (screening.Counted, error) {
	return screening.Counted{
		SetHash: t.SetHash,
		Lanes:   screening.LaneCounts{parcel.Red: t.Red, parcel.Yellow: t.Yellow, parcel.Blue: t.Blue, parcel.Green: t.Green},
		Drawn:   screening.LaneCounts{parcel.Red: t.DrawnRed, parcel.Yellow: t.DrawnYellow, parcel.Blue: t.DrawnBlue},
	}, nil
}

// CountedLanes gives what has been folded since a time, by set, of an office and direction and of the built-in set, which judges
// for whatever office has none of its own.
func (s *Store) CountedLanes(ctx context.Context, office string, direction screening.Direction, since time.Time) ([]screening.Counted, error) {
	counted, err := collect(ctx, s.pool, "lane totals", laneTotal.counted, `
		SELECT set_hash, sum(red)::bigint AS red, sum(yellow)::bigint AS yellow, sum(blue)::bigint AS blue, sum(green)::bigint AS green,
			sum(drawn_red)::bigint AS drawn_red, sum(drawn_yellow)::bigint AS drawn_yellow, sum(drawn_blue)::bigint AS drawn_blue
		FROM lane_totals WHERE since >= $1 AND direction = $2 AND office IN ($3, $4) GROUP BY set_hash ORDER BY set_hash`,
		since, string(direction), office, screening.Builtin().Document().Office)
	if err != nil {
		return nil, classify(err)
	}
	return counted, nil
}

// LaneTopUp is what is drawn so that lanes get the shares that a rule set expects.
type LaneTopUp struct {
	ID        int64 // 0: nothing was ever worked out for the set
	SetHash   string
	Office    string
	Direction screening.Direction
	TopUp     map[parcel.Lane]screening.Percent // of the parcels that the rules leave green; empty for none
	Counted   screening.LaneCounts              // that it was worked out from, by what the rules said
	At        time.Time
}

// AddLaneTopUp puts what is drawn for a set in force.
func (s *Store) AddLaneTopUp(ctx context.Context, t LaneTopUp) error {
	if t.TopUp == nil {
		t.TopUp = map[parcel.Lane]screening.Percent{}
	}
	topUp, err := json.Marshal(t.TopUp)
	if err != nil {
		return fmt.Errorf("top-up: %w", err)
	}
	counted, err := json.Marshal(t.Counted)
	if err != nil {
		return fmt.Errorf("top-up: %w", err)
	}
	_, err = s.pool.Exec(ctx, `INSERT INTO lane_topups (set_hash, office, direction, top_up, counted, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.SetHash, t.Office, string(t.Direction), topUp, counted, t.At)
	if err != nil {
		return classify(fmt.Errorf("top-up of set %.12s: %w", t.SetHash, err))
	}
	return nil
}

// LaneTopUpInForce gives what is drawn for a set. It is cheap enough to be asked every second.
func (s *Store) LaneTopUpInForce(ctx context.Context, setHash string) (LaneTopUp, error) {
	t := LaneTopUp{SetHash: setHash}
	var direction string
	var topUp, counted []byte
	err := s.pool.QueryRow(ctx, `SELECT id, office, direction, top_up, counted, at FROM lane_topups WHERE set_hash = $1 ORDER BY id DESC LIMIT 1`, setHash).
		Scan(&t.ID, &t.Office, &direction, &topUp, &counted, &t.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, nil
	}
	if err != nil {
		return t, classify(fmt.Errorf("top-up of set %.12s: %w", setHash, err))
	}
	t.Direction = screening.Direction(direction)
	if err := errors.Join(json.Unmarshal(topUp, &t.TopUp), json.Unmarshal(counted, &t.Counted)); err != nil {
		return t, fmt.Errorf("top-up of set %.12s: %w", setHash, err)
	}
	return t, nil
}
