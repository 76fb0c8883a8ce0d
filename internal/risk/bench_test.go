package risk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/risk"
)

func TestAScoreAllocatesNothing(t *testing.T) {
	m := learn(t, risk.Options{}, world(3000, 1))
	factors := known("hs2", "95", "hs4", "9503", "seller", "7", "origin", "CN", "colour", "5")
	room := make([]risk.Contribution, 0, 20)
	require.Zero(t, testing.AllocsPerRun(100, func() { room = m.Score(factors, room).Because }))
}

// BenchmarkScore scores a declaration by a plan as wide as that for parcels.
func BenchmarkScore(b *testing.B) {
	wide := risk.Plan{{"hs2", "hs4"}, {"seller", "hs4"}, {"seller", "origin"}, {"origin", "hs2"}, {"origin", "hs4"}, {"hs4", "seller"}, {"colour"}}
	m, samples := learn(b, risk.Options{Plan: wide, Caution: 0.01}, world(20_000, 1)), world(1000, 2)
	room := make([]risk.Contribution, 0, 20)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		room = m.Score(samples[i%len(samples)].Factors, room).Because
	}
}

// BenchmarkLearn learns from 37,000 outcomes.
func BenchmarkLearn(b *testing.B) {
	samples := world(37_000, 1)
	for b.Loop() {
		learn(b, risk.Options{}, samples)
	}
}

func TestJudgingAPriceAllocatesNothing(t *testing.T) {
	p := prices(t, risk.PriceOptions{}, shop(2000, 1, "6307", "GB", 40))
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Judge("630790", "GB", 3, 1) }))
}

// BenchmarkJudge holds an item's two prices against their profiles.
func BenchmarkJudge(b *testing.B) {
	p := prices(b, risk.PriceOptions{}, shop(20_000, 1, "6307", "GB", 40))
	b.ReportAllocs()
	for b.Loop() {
		if f := p.Judge("630790", "GB", 3, 1); !f.PerKg.Known() {
			b.Fatal("no profile")
		}
	}
}

// BenchmarkLearnPrices takes in one sale.
func BenchmarkLearnPrices(b *testing.B) {
	b.ReportAllocs()
	prices(b, risk.PriceOptions{}, shop(b.N, 1, "6307", "GB", 40))
}
