package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/risk"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// nowhere is a store that keeps nothing but counts.
type nowhere struct {
	held map[parcel.Category]int64 // by what weighed most
	all  int64
}

// Record judges what it is given as if nothing had been sent before.
func (s *nowhere) Record(_ context.Context, subjects []screening.Subject, judge screening.Judge) (screening.Tally, error) {
	verdicts := judge(subjects, make([]screening.Past, len(subjects)))
	if s.held == nil {
		s.held = map[parcel.Category]int64{}
	}
	s.all += int64(len(verdicts))
	for i := range verdicts {
		if verdicts[i].Status == parcel.Held {
			s.held[verdicts[i].Reasons[0].Category]++
		}
	}
	return screening.Tally{Judged: len(verdicts)}, nil
}

// String says how many were held, and for what.
func (s *nowhere) String() string {
	var held int64
	var parts []string
	for _, category := range slices.Sorted(maps.Keys(s.held)) {
		held += s.held[category]
		parts = append(parts, fmt.Sprintf("%s %d", category, s.held[category]))
	}
	return strings.TrimSuffix(fmt.Sprintf("%d of %d parcels held: %s", held, s.all, strings.Join(parts, ", ")), ": ")
}

// rules makes the built-in rules with the lists of the run; they remember nothing of any name.
func (j *judging) rules() (*screening.Rules, error) {
	lists, err := j.cmd.judgedLists()
	if err != nil {
		return nil, err
	}
	basis := screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(lists), Profiles: j.profiles}
	inspected, _ := j.profiles.Risk.Outcomes()
	j.told = fmt.Sprintf("%d rules, %d listed names (%s), %d price profiles, risk learned from %d made-up outcomes",
		len(basis.Set.Document().Rules), basis.Lists.Names(), basis.Lists.Version(), j.profiles.Prices.Profiles(), inspected)
	return screening.NewRules(screening.DefaultConfig(), basis), nil
}

// judgedLists are the lists that were named, or else that of the one party whom generated orders go to.
func (c benchCmd) judgedLists() ([]watchlist.List, error) {
	lists, err := readLists(c.Lists)
	if err != nil || len(lists) > 0 {
		return lists, err
	}
	entries, report, err := watchlist.Parse(watchlist.Custom, []watchlist.File{sampleDenied()})
	return []watchlist.List{{Source: watchlist.Custom, Version: report.Hash[:12], Entries: entries}}, err
}

// batches reads the orders from the beginning and hands over those that are parcels, batch by batch. It counts them, and the others.
func (j *judging) batches(ctx context.Context, visit func([]parcel.Declared) error) (n int64, err error) {
	from, most, closed, err := j.orders()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, closed()) }()
	j.refused = 0
	at := time.Now()
	for ended := false; !ended && ctx.Err() == nil; {
		batch := make([]parcel.Declared, 0, j.cmd.Batch)
		for len(batch) < j.cmd.Batch && !ended {
			order, err := from.Next()
			if ended = errors.Is(err, io.EOF) || n+j.refused == most; ended {
				break
			}
			if err != nil {
				return n, fmt.Errorf("orders: %w", err)
			}
			d, err := parcel.Read(order)
			if err != nil {
				j.refused++
				continue
			}
			n++
			batch = append(batch, parcel.Declared{ID: parcel.DeriveID(1, d.OrderNo), Account: 1, ReceivedAt: at, Declaration: d})
		}
		if err := visit(batch); err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

func (j *judging) orders() (from load.Source, most int64, closed func() error, err error) {
	if most = mostHeld; j.cmd.Quick {
		most = judgedQuick
	}
	if len(j.cmd.Orders) == 0 {
		return load.Sample(1, int(most)), most, func() error { return nil }, nil
	}
	files, err := load.Files(j.to.in, j.cmd.Orders...)
	if err != nil {
		return nil, 0, nil, err
	}
	return files, most, files.Close, nil
}

// Of the orders, one in inspectedOf counts as inspected, and of those one in faultyOf as found at fault, whatever it holds: what is
// learned from them weighs on every parcel, as in production, and holds hardly any.
const (
	inspectedOf = 10
	faultyOf    = 50
)

// learn learns what the orders' goods cost, and risk from outcomes that are made up, as nobody knows those of the orders.
func (j *judging) learn(ctx context.Context) (err error) {
	j.say("%s: learning from the orders", partJudging)
	var failed error
	if j.profiles.Prices, err = risk.LearnPrices(func(yield func(risk.Sale) bool) {
		failed = j.each(ctx, func(d *parcel.Declared) bool {
			for sale := range screening.SalesOf(d, nil) {
				if !yield(sale) {
					return false
				}
			}
			return true
		})
	}, risk.PriceOptions{}); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	n := 0
	j.profiles.Risk, err = risk.Learn(func(yield func(risk.Sample) bool) {
		failed = j.each(ctx, func(d *parcel.Declared) bool {
			if n++; n%inspectedOf != 0 {
				return true
			}
			s := screening.SubjectOf(*d)
			shipment := screening.ShipmentOf(&s, j.profiles.Prices, nil)
			return yield(risk.Sample{Factors: shipment.Factors(nil), AtFault: n%(inspectedOf*faultyOf) == 0, At: d.ReceivedAt})
		})
	}, risk.Options{Plan: risk.ShipmentPlan(), Repeat: risk.ShipmentRepeat()})
	return errors.Join(failed, err)
}

var errEnough = errors.New("enough")

// each visits every parcel until visit says no.
func (j *judging) each(ctx context.Context, visit func(*parcel.Declared) bool) error {
	_, err := j.batches(ctx, func(batch []parcel.Declared) error {
		for i := range batch {
			if !visit(&batch[i]) {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
