package consignment

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/alataw/alataw/internal/parcel"
)

// dayOfParcels has the weights of a real day: most under 2 kg, some of 30 kg, 170 kg a cubic metre.
func dayOfParcels(n int) []Load {
	random := rand.New(rand.NewPCG(1, 2))
	loads := make([]Load, n)
	for i := range loads {
		grams := min(30_000, int(700*(0.2+random.ExpFloat64())))
		loads[i] = load(i, parcel.Grams(grams), int64(grams)*6)
		loads[i].Express = random.IntN(10) == 0
	}
	return loads
}

// filledYard has the timetable of two days, and units open on its first departure, each filled to a share of its weight limit.
func filledYard(route Route, now time.Time, units int, filled float64) Yard {
	yard := Yard{Route: route, Departures: route.Upcoming(now, 48*time.Hour)}
	d := &yard.Departures[0]
	for range units {
		d.Opened++
		c := openUnit(route, *d, d.Opened, d.Limits, now)
		c.Weight = parcel.Grams(float64(d.Limits.Weight) * filled)
		yard.Units = append(yard.Units, c)
	}
	return yard
}

func BenchmarkPack1000(b *testing.B) {
	now := at(b, "2026-11-22T03:50:00Z")
	loads := dayOfParcels(1000)
	for _, bench := range []struct {
		name string
		yard Yard
	}{
		{"empty yard", Yard{Route: europe()}},
		{"one open unit", filledYard(europe(), now, 1, 0.3)},
		{"55 open units nearly full", filledYard(europe(), now, 55, 0.9945)},
		{"trucks of one slot", filledYard(kazakhstan(), now, 1, 0.99)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if plan := Pack(loads, bench.yard, now); len(plan.Placements) != len(loads) {
					b.Fatal("not all placed")
				}
			}
		})
	}
	b.Run("55 open units that nothing fits into", func(b *testing.B) {
		yard := filledYard(europe(), now, 55, 0.9945)
		for i := range yard.Units {
			yard.Units[i].Limits.Weight = yard.Units[i].Weight + 1 + yard.Units[i].Weight/190
		}
		large := make([]Load, 1000)
		for i := range large {
			large[i] = load(i, 190_000, 400_000)
		}
		b.ReportAllocs()
		for b.Loop() {
			if plan := Pack(large, yard, now); len(plan.Placements) != len(large) {
				b.Fatal("not all placed")
			}
		}
	})
}
