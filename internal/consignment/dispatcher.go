package consignment

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const dispatchBatch = 100

// Dispatcher seals and releases units around the clock, and on an officer's order. Several may work at once:
// each passes over the units that another has locked, and what is done already is not done again.
type Dispatcher struct {
	units      UnitStore
	departures TimetableStore
	now        func() time.Time
}

// Report counts what one round of dispatching did.
type Report struct {
	Sealed   int
	Released int
}

// NewDispatcher makes a dispatcher.
func NewDispatcher(units UnitStore, departures TimetableStore, now func() time.Time) *Dispatcher {
	return &Dispatcher{units: units, departures: departures, now: now}
}

// Tick seals every unit that is full or has reached its cut-off, then releases every sealed one that nothing holds, in batches of 100.
// Units that were sealed empty are released too, so that no sealed unit without a hold is ever left waiting.
func (d *Dispatcher) Tick(ctx context.Context) (Report, error) {
	now := d.now()
	var report Report
	var err error
	report.Sealed, err = d.drain(ctx, Selection{Due: now, Most: dispatchBatch}, sealDue(now))
	if err != nil {
		return report, fmt.Errorf("seal due units: %w", err)
	}
	report.Released, err = d.drain(ctx, Selection{Ready: true, Most: dispatchBatch}, Release(byDispatch, now))
	if err != nil {
		return report, fmt.Errorf("release units: %w", err)
	}
	return report, nil
}

// drain changes selected units batch by batch until a batch is not filled any more.
func (d *Dispatcher) drain(ctx context.Context, which Selection, change Change) (int, error) {
	changed := changes{}
	for {
		before := len(changed)
		if _, err := d.units.ChangeUnits(ctx, which, changed.watch(change)); err != nil {
			return before, err
		}
		if len(changed)-before < which.Most {
			return len(changed), nil
		}
	}
}

// changes are the units that were changed. It is a set because the store may offer a unit again when its transaction has to be repeated.
type changes map[ID]struct{}

func (s changes) watch(change Change) Change {
	return func(c Consignment) (Consignment, []Event, error) {
		changed, events, err := change(c)
		if err == nil && len(events) > 0 {
			s[c.ID] = struct{}{}
		}
		return changed, events, err
	}
}

// Run dispatches every so often until ctx ends, and tells done what each round did. Trouble is logged when it begins and when
// it is over, and every round tries again.
func (d *Dispatcher) Run(ctx context.Context, every time.Duration, log *slog.Logger, done func(Report)) error {
	return repeat(ctx, every, log, "dispatch", func(ctx context.Context) error {
		began := d.now()
		report, err := d.Tick(ctx)
		done(report)
		if report != (Report{}) {
			log.InfoContext(ctx, "dispatched", "sealed", report.Sealed, "released", report.Released, "took_ms", d.now().Sub(began).Milliseconds())
		}
		return err
	})
}

// ReleaseUnit releases one unit and gives it as it is then; see Release for what may be in the way.
// A unit that does not exist is a fault of kind NotFound.
func (d *Dispatcher) ReleaseUnit(ctx context.Context, id ID, by string) (Consignment, error) {
	var released Consignment
	release := Release(by, d.now())
	_, err := d.units.ChangeUnits(ctx, Selection{ID: &id}, func(c Consignment) (Consignment, []Event, error) {
		var events []Event
		var err error
		released, events, err = release(c)
		return released, events, err
	})
	if err != nil {
		return Consignment{}, fmt.Errorf("release unit: %w", err)
	}
	return released, nil
}

// ReleaseDeparture releases every sealed unit of a departure that nothing holds, in one transaction, and reports on the rest.
// The departure then bears who released it first, unless it has units and every one of them had to stay.
// A departure that does not exist is a fault of kind NotFound.
func (d *Dispatcher) ReleaseDeparture(ctx context.Context, id DepartureID, by string) (ReleaseReport, error) {
	now, tried := d.now(), attempts{}
	if _, err := d.units.ChangeUnits(ctx, Selection{Departure: &id}, tried.release(by, now)); err != nil {
		return ReleaseReport{}, fmt.Errorf("release departure: %w", err)
	}
	report := tried.report()
	if report.allLeft() {
		return report, nil
	}
	departure, err := d.departures.MarkReleased(ctx, id, by, now)
	if err != nil {
		return ReleaseReport{}, fmt.Errorf("release departure: %w", err)
	}
	report.Departure = departure
	return report, nil
}
