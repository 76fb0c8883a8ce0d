package consignment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/refdata"
)

func TestFull(t *testing.T) {
	t.Parallel()
	limits := Limits{Weight: 10_000, Volume: 10_000, Parcels: 10}
	for name, tt := range map[string]struct {
		unit Consignment
		full bool
	}{
		"empty":                          {Consignment{}, false},
		"just under everywhere":          {Consignment{Weight: 9_949, Volume: 9_949, Parcels: 9}, false},
		"weight at 99.5 percent":         {Consignment{Weight: 9_950}, true},
		"volume at 99.5 percent":         {Consignment{Volume: 9_950}, true},
		"count: of ten, only ten are it": {Consignment{Parcels: 10}, true},
		"over":                           {Consignment{Weight: 11_000}, true},
	} {
		tt.unit.Limits = limits
		require.Equal(t, tt.full, tt.unit.Full(), name)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	weight, volume := Consignment{Weight: 5_000, Volume: 10_000, Limits: Limits{Weight: 20_000, Volume: 10_000}}.Fill()
	require.InDelta(t, 0.25, weight, 1e-9)
	require.InDelta(t, 1, volume, 1e-9)
	weight, volume = Consignment{Weight: 5_000}.Fill()
	require.Zero(t, weight, "no limit, no share")
	require.Zero(t, volume)
}

func TestContainersOfADepartureHaveTheirOwnValidNumbers(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	d := europe().DepartureAfter(now)
	seen := map[string]bool{}
	for n := 1; n <= maxSlots; n++ {
		unit := openUnit(europe(), d, n, d.Limits, now)
		require.Regexp(t, `^ALWU\d{7}$`, unit.UnitNumber)
		require.True(t, refdata.ContainerValid(unit.UnitNumber))
		require.Equal(t, unit, openUnit(europe(), d, n, d.Limits, now), "asking again gives the same unit")
		seen[unit.UnitNumber] = true
		seen[unit.Number] = true
	}
	require.Len(t, seen, 2*maxSlots)
}

func TestTrailersHavePlates(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	unit := openUnit(kazakhstan(), kazakhstan().DepartureAfter(now), 1, Limits{}, now)
	require.Regexp(t, `^ALW\d{6}T$`, unit.UnitNumber)
	require.Equal(t, "CN-KZ-20261122-0430-001", unit.Number)
	require.Equal(t, Road, unit.Mode)
}

func TestSealFollowsFromTheUnit(t *testing.T) {
	t.Parallel()
	d := DeriveDepartureID("CN-EU", "X")
	require.Regexp(t, `^AL\d{8}$`, sealOf(DeriveID(d, 1)))
	first, again := sealOf(DeriveID(d, 1)), sealOf(DeriveID(d, 1))
	require.Equal(t, first, again)
	require.NotEqual(t, sealOf(DeriveID(d, 1)), sealOf(DeriveID(d, 2)))
}
