package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/ruleset"
)

// What shadow_counts counts.
const (
	countParcels = "parcels"
	countErrors  = "errors"
	countMissed  = "missed"
	countLanes   = "lanes"
	countRules   = "rules"
)

// shadowCount is a row of shadow_counts.
type shadowCount struct {
	Day  time.Time
	What string
	Name string
	N    int64
}

func shadowCounts(d ruleset.ShadowDay) []shadowCount {
	counts := []shadowCount{
		{d.Day, countParcels, "", int64(d.Parcels)}, {d.Day, countErrors, "", int64(d.Errors)}, {d.Day, countMissed, "", int64(d.Missed)},
	}
	for move, n := range d.Lanes {
		counts = append(counts, shadowCount{d.Day, countLanes, string(move), int64(n)})
	}
	for rule, n := range d.Hits {
		counts = append(counts, shadowCount{d.Day, countRules, rule, int64(n)})
	}
	return slices.DeleteFunc(counts, func(c shadowCount) bool { return c.N == 0 })
}

// AddShadow adds counts to those of all processes. They are added in one order, so that nobody waits in a circle.
func (s *Store) AddShadow(ctx context.Context, counts []ruleset.ShadowCounts) error {
	counts = slices.SortedFunc(slices.Values(counts), func(a, b ruleset.ShadowCounts) int {
		return cmp.Or(slices.Compare(a.Set[:], b.Set[:]), a.Day.Compare(b.Day))
	})
	return s.inTx(ctx, "add shadow counts", func(tx pgx.Tx) error {
		for _, c := range counts {
			if err := addShadow(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func addShadow(ctx context.Context, tx pgx.Tx, c ruleset.ShadowCounts) error {
	var whats, names []string
	var ns []int64
	for _, count := range shadowCounts(c.ShadowDay) {
		whats, names, ns = append(whats, count.What), append(names, count.Name), append(ns, count.N)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO shadow_counts AS have (rule_set_id, day, what, name, n)
		SELECT $1, $2, w, name, n FROM unnest($3::text[], $4::text[], $5::bigint[]) u(w, name, n) ORDER BY w, name
		ON CONFLICT (rule_set_id, day, what, name) DO UPDATE SET n = have.n + excluded.n`, [16]byte(c.Set), c.Day, whats, names, ns)
	if err != nil {
		return fmt.Errorf("counts of %s: %w", c.Set, err)
	}
	return nil
}

// ShadowDays gives what a set in the shadow came to, the last days first.
func (s *Store) ShadowDays(ctx context.Context, id ruleset.ID, most int) ([]ruleset.ShadowDay, error) {
	counts, err := collect(ctx, s.pool, "shadow counts", asRead[shadowCount], `
		SELECT day, what, name, n FROM shadow_counts WHERE rule_set_id = $1
			AND day IN (SELECT DISTINCT day FROM shadow_counts WHERE rule_set_id = $1 ORDER BY day DESC LIMIT $2)
		ORDER BY day DESC, what, name`, [16]byte(id), most)
	if err != nil {
		return nil, classify(err)
	}
	var days []ruleset.ShadowDay
	for _, c := range counts {
		if len(days) == 0 || !days[len(days)-1].Day.Equal(c.Day) {
			days = append(days, ruleset.ShadowDay{Day: c.Day, Comparison: ruleset.Comparison{Lanes: map[ruleset.Move]int{}, Hits: map[string]int{}}})
		}
		c.addTo(&days[len(days)-1])
	}
	return days, nil
}

func (c shadowCount) addTo(d *ruleset.ShadowDay) {
	switch n := int(c.N); c.What {
	case countParcels:
		d.Parcels = n
	case countErrors:
		d.Errors = n
	case countMissed:
		d.Missed = n
	case countLanes:
		d.Lanes[ruleset.Move(c.Name)] = n
	case countRules:
		d.Hits[c.Name] = n
	}
}
