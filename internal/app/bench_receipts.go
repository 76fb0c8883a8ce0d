package app

import (
	"context"
	"fmt"
	"math"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
)

// fill puts parcels into the feed for the parts that read it.
func (r *benchRun) fill(ctx context.Context, s *stand) error {
	n := int(min(200_000, 10_000*r.brief().Seconds()))
	r.say("filling the feed with %d orders", n)
	if _, err := load.Run(ctx, s.posting(r), r.pool.First(n)); err != nil {
		return err
	}
	return s.service.drain(ctx)
}

// receipts measures how fast a platform reads its feed, by itself and with three others, beside the same rows without HTTP.
func (r *benchRun) receipts(ctx context.Context, s *stand) error {
	platform, err := s.store.CreateAccount(ctx, account.Account{Name: string(account.Platform) + "-1", Role: account.Platform})
	if err != nil {
		return err
	}
	for _, walkers := range []int{1, 4} {
		r.say("reading the feed with %d walkers for %s at the most", walkers, r.brief())
		before := s.meter.Read()
		walked, err := load.Walk(ctx, s.posting(r), walkers, r.brief())
		if err != nil {
			return err
		}
		used := s.meter.Read().Since(before)
		lines, took, err := s.store.BareReceipts(ctx, platform.ID, int(min(walked.Receipts, math.MaxInt32)))
		if err != nil {
			return err
		}
		f := bench.Figure{Part: partReceipts, Name: fmt.Sprintf("feed over HTTP, %d walkers, pages of 500", walkers), Value: float64(walked.Receipts) / walked.Elapsed.Seconds(), Unit: "facts/s", Aim: "≥ 50,000"}
		r.add(f.At(used, walked.Receipts).Against("bare SELECT of the same rows", float64(lines)/took.Seconds()))
	}
	return nil
}
