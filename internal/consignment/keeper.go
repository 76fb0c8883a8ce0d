package consignment

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const timetableAhead = 48 * time.Hour

// Keeper keeps the timetable filled: carriers see what will run before anything is loaded on it.
// Bundling does not depend on it: when a departure is missing, packing takes it from the same schedule.
type Keeper struct {
	routes    RouteStore
	timetable TimetableStore
	now       func() time.Time
}

// NewKeeper makes a keeper.
func NewKeeper(routes RouteStore, timetable TimetableStore, now func() time.Time) *Keeper {
	return &Keeper{routes: routes, timetable: timetable, now: now}
}

// Fill adds every departure of every route whose cut-off lies in the next 48 hours. Those that are there stay as they are.
func (k *Keeper) Fill(ctx context.Context) error {
	routes, err := k.routes.Routes(ctx)
	if err != nil {
		return fmt.Errorf("fill timetable: %w", err)
	}
	now := k.now()
	for _, route := range routes {
		for _, d := range route.Upcoming(now, timetableAhead) {
			if _, err := k.timetable.AddDeparture(ctx, d); err != nil {
				return fmt.Errorf("fill timetable of %s: %w", route.Code, err)
			}
		}
	}
	return nil
}

// Run fills the timetable every so often until ctx ends.
func (k *Keeper) Run(ctx context.Context, every time.Duration, log *slog.Logger) error {
	return repeat(ctx, every, log, "fill timetable", k.Fill)
}
