package postgres

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
)

// Pulse tells waiting readers of this process that the log of facts has grown. It asks the database only while somebody waits.
type Pulse struct {
	store   *Store
	mu      sync.Mutex
	waiting map[account.ID]chan struct{} // account 0: any consignment
}

// NewPulse makes a pulse; Run must run for it to beat.
func NewPulse(store *Store) *Pulse {
	return &Pulse{store: store, waiting: map[account.ID]chan struct{}{}}
}

// Changed gives a channel that is closed at the next fact of the account, or, for account 0, change of any consignment.
func (p *Pulse) Changed(owner account.ID) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.waiting[owner]
	if !ok {
		c = make(chan struct{})
		p.waiting[owner] = c
	}
	return c
}

const beat = 50 * time.Millisecond

// Run beats until ctx ends. While the database does not answer, waiting readers simply wait to their end.
func (p *Pulse) Run(ctx context.Context) error {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var seen int64 // transactions older than this have been told of
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if !p.anyWaiting() {
			seen = 0
			continue
		}
		if now, changed, err := p.store.changedSince(ctx, seen); err == nil {
			if seen == 0 { // what came before the first beat has been told to nobody
				changed = p.everybody()
			}
			seen = now
			p.wake(changed)
		}
	}
}

func (p *Pulse) anyWaiting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting) > 0
}

func (p *Pulse) everybody() []account.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.waiting))
}

func (p *Pulse) wake(changed []account.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, owner := range changed {
		if c, ok := p.waiting[owner]; ok {
			close(c)
			delete(p.waiting, owner)
		}
	}
}

// changedSince gives the accounts with facts of transactions from since on that are settled now (account 0 stands for
// consignments), and from where to ask next. From 0 it only tells the latter.
func (s *Store) changedSince(ctx context.Context, since int64) (int64, []account.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	rows, err := s.pool.Query(ctx, `
		WITH h AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon)
		SELECT h.horizon, NULL::int AS account_id FROM h
		UNION ALL (SELECT DISTINCT h.horizon, f.account_id FROM facts f, h WHERE f.tx >= $1 AND f.tx < h.horizon AND $1 > 0)
		UNION ALL (SELECT h.horizon, 0 FROM h WHERE $1 > 0 AND EXISTS (SELECT FROM consignments c WHERE c.changed_tx >= $1 AND c.changed_tx < h.horizon))`, since)
	if err != nil {
		return since, nil, err
	}
	var horizon int64
	var owner *int32
	var changed []account.ID
	_, err = pgx.ForEachRow(rows, []any{&horizon, &owner}, func() error {
		if owner != nil {
			changed = append(changed, account.ID(*owner))
		}
		return nil
	})
	return horizon, changed, err
}
