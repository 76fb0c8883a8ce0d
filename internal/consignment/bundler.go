package consignment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/alataw/alataw/internal/parcel"
)

const routesFresh = 10 * time.Second

// Bundler loads cleared parcels onto the route of their destination. It may be used by several goroutines.
type Bundler struct {
	store LoadingStore
	now   func() time.Time

	mu     sync.Mutex
	routes routeTable
	readAt time.Time
}

// routeTable gives the code of the route to a destination (ISO 3166-1 alpha-2).
type routeTable map[string]string

// NewBundler makes a bundler.
func NewBundler(store LoadingStore, now func() time.Time) *Bundler {
	return &Bundler{store: store, now: now}
}

// Bundle loads what was cleared, one transaction for each route, and records what no route or no unit takes. Other decisions are passed over.
// After an error some routes may be loaded; the same batch again goes on where it stopped, and does nothing twice.
func (b *Bundler) Bundle(ctx context.Context, decided []parcel.Decided) (Tally, error) {
	table, err := b.table(ctx)
	if err != nil {
		return Tally{}, err
	}
	sorted := sortOut(decided, table)
	total := Tally{Passed: sorted.passed}
	for _, route := range slices.Sorted(maps.Keys(sorted.byRoute)) {
		// The clock is read again when packing: a cut-off may pass while the route's lock is waited for.
		tally, err := b.store.LoadOnRoute(ctx, route, b.now(), sorted.byRoute[route], func(loads []Load, yard Yard) Plan {
			return Pack(loads, yard, b.now())
		})
		if err != nil {
			return total, fmt.Errorf("load on route %s: %w", route, err)
		}
		total = total.plus(tally)
	}
	if len(sorted.unrouted) == 0 {
		return total, nil
	}
	tally, err := b.store.MarkUnrouted(ctx, sorted.unrouted, b.now())
	if err != nil {
		return total, fmt.Errorf("mark unrouted: %w", err)
	}
	return total.plus(tally), nil
}

// RouteOf gives the code of the route that serves a destination, "" when there is none or the routes cannot be read:
// it is for keying records, which are bundled all the same whatever their key.
func (b *Bundler) RouteOf(ctx context.Context, destination string) string {
	table, err := b.table(ctx)
	if err != nil {
		return ""
	}
	return table[destination]
}

// table gives the route table, at most ten seconds old.
func (b *Bundler) table(ctx context.Context) (routeTable, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.routes != nil && now.Sub(b.readAt) < routesFresh {
		return b.routes, nil
	}
	routes, err := b.store.Routes(ctx)
	if err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	b.routes, b.readAt = newRouteTable(routes), now
	return b.routes, nil
}

// newRouteTable gives every destination the first route by code that serves it.
func newRouteTable(routes []Route) routeTable {
	table := routeTable{}
	for _, r := range slices.SortedFunc(slices.Values(routes), func(a, b Route) int { return cmp.Compare(a.Code, b.Code) }) {
		for _, destination := range r.Destinations {
			if _, taken := table[destination]; !taken {
				table[destination] = r.Code
			}
		}
	}
	return table
}

// sorted is a batch of decisions by what is to be done with them.
type sorted struct {
	byRoute  map[string][]Load // each in order of arrival
	unrouted []Load
	passed   int
}

// sortOut keeps each cleared parcel once: a batch may hold a record that was delivered twice.
func sortOut(decided []parcel.Decided, table routeTable) sorted {
	s := sorted{byRoute: map[string][]Load{}}
	seen := make(map[parcel.ID]struct{}, len(decided))
	for _, d := range decided {
		if _, repeated := seen[d.ID]; repeated || d.Kind != parcel.KindCleared {
			s.passed++
			continue
		}
		seen[d.ID] = struct{}{}
		load := Load{Parcel: d.ID, Account: d.Account, Express: d.Express, Weight: d.Weight, Volume: d.Volume}
		if route, ok := table[d.Destination]; ok {
			s.byRoute[route] = append(s.byRoute[route], load)
			continue
		}
		s.unrouted = append(s.unrouted, load)
	}
	return s
}

func (t Tally) plus(other Tally) Tally {
	return Tally{
		Bundled:  t.Bundled + other.Bundled,
		Unrouted: t.Unrouted + other.Unrouted,
		Passed:   t.Passed + other.Passed,
		Units:    t.Units + other.Units,
	}
}
