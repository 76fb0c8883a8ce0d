package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/risk"
	"github.com/alataw/alataw/internal/screening"
)

// What is learned from. Of more than mostSales cleared parcels as many are drawn from the whole period; of outcomes the newest count.
// Both bound the work: some 20 µs of a processor for each parcel, and half of that of the database.
const (
	pricesPeriod   = 90 * 24 * time.Hour
	outcomesPeriod = 365 * 24 * time.Hour
	mostSales      = 500_000
	mostOutcomes   = 100_000
	outcomesAtOnce = 500
)

// learner learns profiles from what is stored. pause is called between pieces of work, with how long the last one took.
type learner struct {
	store *postgres.Store
	now   func() time.Time
	pause func(ctx context.Context, worked time.Duration)
	rates *rates.Table // in force when learning began
}

// lesson is what came of learning one kind.
type lesson struct {
	version string
	samples int64
	saved   bool // and in force; else there is too little to learn from
	size    int  // bytes
}

// String says it for people.
func (l lesson) String() string {
	if !l.saved {
		return fmt.Sprintf("too little to learn from: %d", l.samples)
	}
	return fmt.Sprintf("%.12s from %d, %d bytes", l.version, l.samples, l.size)
}

type lessons struct{ prices, risk lesson }

// learn learns both kinds and puts them in force. Each is stored whole or not at all.
func (l *learner) learn(ctx context.Context) (report lessons, err error) {
	now := l.now().UTC()
	if l.rates, err = l.store.Rates(ctx, l.rates); err != nil {
		return report, err
	}
	prices, samples, err := l.learnPrices(ctx, now)
	if err != nil {
		return report, fmt.Errorf("learn prices: %w", err)
	}
	report.prices = lesson{version: prices.Version(), samples: samples}
	if prices.Profiles() > 0 {
		period := now.Add(-pricesPeriod)
		if err := l.save(ctx, postgres.PricesProfile, &report.prices, prices.Encode(), period, now); err != nil {
			return report, err
		}
	}
	model, err := l.learnRisk(ctx, now, prices)
	if err != nil {
		return report, fmt.Errorf("learn risk: %w", err)
	}
	inspected, _ := model.Outcomes()
	report.risk = lesson{version: model.Version(), samples: int64(inspected)}
	if inspected >= screening.FewestOutcomes {
		err = l.save(ctx, postgres.RiskProfile, &report.risk, model.Encode(), now.Add(-outcomesPeriod), now)
	}
	return report, err
}

func (l *learner) save(ctx context.Context, kind string, of *lesson, data []byte, from, to time.Time) error {
	err := l.store.SaveProfile(ctx, postgres.Profile{
		Kind: kind, Version: of.version, Data: data, LearnedAt: l.now().UTC(), FromAt: from, ToAt: to, Samples: of.samples,
	})
	of.saved, of.size = err == nil, len(data)
	return err
}

// learnPrices learns what cleared goods cost. It holds a few facts' parcels at a time.
func (l *learner) learnPrices(ctx context.Context, now time.Time) (*risk.Prices, int64, error) {
	span := postgres.ClearedSpan{From: now.Add(-pricesPeriod), To: now}
	cleared, err := l.store.CountCleared(ctx, span.From, span.To)
	if err != nil {
		return nil, 0, err
	}
	span.Every = max(1, (cleared+mostSales-1)/mostSales)
	var sales int64
	var failed error
	prices, err := risk.LearnPrices(func(yield func(risk.Sale) bool) {
		failed = l.walkCleared(ctx, span, func(d *parcel.Declared) bool {
			for sale := range screening.SalesOf(d, l.rates) {
				sales++
				if !yield(sale) {
					return false
				}
			}
			return true
		})
	}, risk.PriceOptions{})
	if failed != nil {
		return nil, 0, failed
	}
	return prices, sales, err
}

// walkCleared visits what was cleared, until visit returns false.
func (l *learner) walkCleared(ctx context.Context, span postgres.ClearedSpan, visit func(*parcel.Declared) bool) error {
	for at := (event.Position{}); ; {
		began := time.Now()
		cleared, next, err := l.store.ClearedAfter(ctx, span, at)
		if err != nil || next == at {
			return err
		}
		at = next
		for i := range cleared {
			if !visit(&cleared[i]) {
				return nil
			}
		}
		l.pause(ctx, time.Since(began))
	}
}

// learnRisk learns from officers' outcomes. Prices are held against the profiles just learned.
func (l *learner) learnRisk(ctx context.Context, now time.Time, prices *risk.Prices) (*risk.Model, error) {
	cases, err := l.store.DecidedCases(ctx, now.Add(-outcomesPeriod), mostOutcomes)
	if err != nil {
		return nil, err
	}
	var failed error
	model, err := risk.Learn(func(yield func(risk.Sample) bool) {
		failed = l.walkOutcomes(ctx, cases, func(o *postgres.Outcome) bool {
			shipment := screening.ShipmentOf(&o.Subject, prices, l.rates)
			return yield(risk.Sample{Factors: shipment.Factors(nil), AtFault: o.AtFault, At: o.At})
		})
	}, risk.Options{Plan: risk.ShipmentPlan(), Repeat: risk.ShipmentRepeat()})
	if failed != nil {
		return nil, failed
	}
	return model, err
}

// walkOutcomes visits outcomes, oldest first, until visit returns false.
func (l *learner) walkOutcomes(ctx context.Context, cases []postgres.OutcomePlace, visit func(*postgres.Outcome) bool) error {
	for some := range slices.Chunk(cases, outcomesAtOnce) {
		began := time.Now()
		outcomes, err := l.store.Outcomes(ctx, some)
		if err != nil {
			return err
		}
		for i := range outcomes {
			if !visit(&outcomes[i]) {
				return nil
			}
		}
		l.pause(ctx, time.Since(began))
	}
	return nil
}
