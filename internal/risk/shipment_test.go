package risk_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/risk"
)

// Of parcels at a price far below the median, four in ten were at fault; of others one in fifty.
func TestParcelsAreScoredByTheSameEstimator(t *testing.T) {
	p := prices(t, risk.PriceOptions{}, shop(5000, 1, "630790", "GB", 40))
	chance := rand.New(rand.NewPCG(9, 9))
	parcel := func(perKg float64, seller, sku int) risk.Shipment {
		at := p.Judge("630790", "GB", perKg, 0).PerKg
		return risk.Shipment{Seller: fmt.Sprint("S", seller), SKU: fmt.Sprint("A", sku), HS: "630790", Origin: "CN", Destination: "GB", Mode: "9610",
			Platform: "7", Value: 30, GrossKg: 0.4, PerKg: &at}
	}
	var samples []risk.Sample
	for i := range 4000 {
		perKg, rate := 30.0, 0.02
		if i%5 == 0 {
			perKg, rate = 2.0, 0.4
		}
		s := parcel(perKg, chance.IntN(20), i)
		samples = append(samples, risk.Sample{Factors: s.Factors(nil), AtFault: chance.Float64() < rate, At: begin})
	}
	m := learn(t, risk.Options{Plan: risk.ShipmentPlan(), Repeat: risk.ShipmentRepeat()}, samples)
	dear, cheap := parcel(30, 3, 9999), parcel(2, 3, 9999)
	require.InDelta(t, 0.02, m.Score(dear.Factors(nil), nil).P, 0.02)
	score := m.Score(cheap.Factors(nil), nil)
	require.InDelta(t, 0.4, score.P, 0.08)
	english, chinese := m.Sum(score, cheap.Factors(nil), 1)
	require.Contains(t, english, "price against others' more than 4 spreads below the median")
	require.Contains(t, chinese, "与同类价格相比 低于中位数 4 个离散度以上")
}

func TestFactorsOfAShipmentAllocateNothing(t *testing.T) {
	m := learn(t, risk.Options{Plan: risk.ShipmentPlan(), Repeat: risk.ShipmentRepeat()})
	s := risk.Shipment{Seller: "S", SKU: "A", HS: "6307901000", Origin: "CN", Destination: "GB", Mode: "9610", Platform: "7", Value: 30, GrossKg: 0.4}
	room, because := make([]risk.Factor, 0, 20), make([]risk.Contribution, 0, 20)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		room = s.Factors(room[:0])
		because = m.Score(room, because).Because
	}))
	four := risk.Shipment{HS: "6307"}
	require.NotContains(t, four.Factors(nil), risk.Factor{Name: "hs6", Value: "6307"})
	none := risk.Shipment{}
	require.Empty(t, m.Score(none.Factors(nil), nil).Because)
}

func TestOctavesAreNamedForPeople(t *testing.T) {
	for amount, want := range map[float64]string{
		10: "8 to 16", 8: "8 to 16", 7.99: "4 to 8", 0.3: "0.25 to 0.5", 1e6: "524288 to 1048576", 0: "", -1: "",
		1e-9: "9.54e-07 to 1.91e-06", 1e300: "1.13e+15 to 2.25e+15",
	} {
		require.Equal(t, want, risk.Octave(amount), "%v", amount)
	}
}
