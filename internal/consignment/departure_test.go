package consignment

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
)

func TestNewDeparture(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	cutoff, departs := at(t, "2026-11-22T12:00:00+08:00"), at(t, "2026-11-22T12:30:00+08:00")
	limits := Limits{Weight: 22_000_000, Volume: 60_000_000, Parcels: 500}
	d, err := NewDeparture(europe(), "EXTRA-7", cutoff, departs, 41, &limits, now)
	require.NoError(t, err)
	require.Equal(t, Departure{
		ID: DeriveDepartureID("CN-EU", "EXTRA-7"), Route: "CN-EU", Mode: Rail, Number: "EXTRA-7", Unit: "40HC", Slots: 41, Limits: limits,
		CutoffAt: at(t, "2026-11-22T04:00:00Z"), DepartsAt: at(t, "2026-11-22T04:30:00Z"),
	}, d)

	d, err = NewDeparture(europe(), "EXTRA-7", cutoff, cutoff, 200, nil, now)
	require.NoError(t, err, "leaving at the cut-off is allowed, and so is the highest number of slots")
	require.Equal(t, europe().Limits, d.Limits)
}

func TestNewDepartureRefuses(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:50:00Z")
	type request struct {
		number          string
		cutoff, departs time.Time
		slots           int
		limits          Limits
	}
	for name, tt := range map[string]struct {
		spoil func(*request)
		want  []string
	}{
		"a cut-off in the past": {func(r *request) { r.cutoff = now.Add(-time.Second) }, []string{"/cutoff_at cutoff_at.past"}},
		"a cut-off just now":    {func(r *request) { r.cutoff = now }, []string{"/cutoff_at cutoff_at.past"}},
		"no cut-off":            {func(r *request) { r.cutoff = time.Time{} }, []string{"/cutoff_at cutoff_at.past"}},
		"leaving before the cut-off": {func(r *request) { r.departs = r.cutoff.Add(-time.Second) },
			[]string{"/departs_at departs_at.before_cutoff"}},
		"no departure":        {func(r *request) { r.departs = time.Time{} }, []string{"/departs_at departs_at.before_cutoff"}},
		"too far ahead":       {func(r *request) { r.departs = now.Add(90*24*time.Hour + time.Second) }, []string{"/departs_at departs_at.too_far"}},
		"no slots":            {func(r *request) { r.slots = 0 }, []string{"/slots slots.range"}},
		"negative slots":      {func(r *request) { r.slots = -1 }, []string{"/slots slots.range"}},
		"too many slots":      {func(r *request) { r.slots = 201 }, []string{"/slots slots.range"}},
		"no weight":           {func(r *request) { r.limits.Weight = 0 }, []string{"/limits/weight_g weight_g.range"}},
		"over the payload":    {func(r *request) { r.limits.Weight = 26_540_001 }, []string{"/limits/weight_g weight_g.range"}},
		"negative volume":     {func(r *request) { r.limits.Volume = -1 }, []string{"/limits/volume_cm3 volume_cm3.range"}},
		"over usable volume":  {func(r *request) { r.limits.Volume = 64_855_001 }, []string{"/limits/volume_cm3 volume_cm3.range"}},
		"no parcels":          {func(r *request) { r.limits.Parcels = 0 }, []string{"/limits/parcels parcels.range"}},
		"too many parcels":    {func(r *request) { r.limits.Parcels = 1_000_001 }, []string{"/limits/parcels parcels.range"}},
		"no number":           {func(r *request) { r.number = "" }, []string{"/number number.required"}},
		"a long number":       {func(r *request) { r.number = strings.Repeat("X", 41) }, []string{"/number number.length"}},
		"a small letter":      {func(r *request) { r.number = "x-1" }, []string{"/number number.characters"}},
		"a first digit":       {func(r *request) { r.number = "20261122-0500" }, []string{"/number number.characters"}},
		"a slash":             {func(r *request) { r.number = "A/1" }, []string{"/number number.characters"}},
		"the schedule's name": {func(r *request) { r.number = europe().DepartureAfter(now).Number }, []string{"/number number.reserved"}},
		"everything": {func(r *request) { *r = request{departs: now.Add(-time.Hour), cutoff: now} }, []string{
			"/number number.required", "/cutoff_at cutoff_at.past", "/departs_at departs_at.before_cutoff", "/slots slots.range",
			"/limits/weight_g weight_g.range", "/limits/volume_cm3 volume_cm3.range", "/limits/parcels parcels.range",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request{number: "EXTRA-7", cutoff: now.Add(time.Hour), departs: now.Add(2 * time.Hour), slots: 41, limits: europe().Limits}
			tt.spoil(&r)
			d, err := NewDeparture(europe(), r.number, r.cutoff, r.departs, r.slots, &r.limits, now)
			require.Zero(t, d)
			require.Equal(t, tt.want, pointers(requireFault(t, err, fault.Invalid, "invalid_request")))
		})
	}
}
