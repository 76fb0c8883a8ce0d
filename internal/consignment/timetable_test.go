package consignment

import (
	"testing"
	"time"
	_ "time/tzdata" // the test names a zone with daylight saving, also where the machine knows none

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDepartureAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ after, departs string }{
		{"2026-11-22T03:44:59Z", "2026-11-22T04:00:00Z"},
		{"2026-11-22T03:45:00Z", "2026-11-22T05:00:00Z"}, // on the cut-off is too late
		{"2026-11-22T23:50:00Z", "2026-11-23T01:00:00Z"},
		{"2026-12-31T23:30:00Z", "2027-01-01T00:00:00Z"},
		{"2023-12-31T23:50:00Z", "2024-01-01T01:00:00Z"}, // the timetable's first hour
		{"2023-06-01T07:10:00Z", "2023-06-01T08:00:00Z"}, // it goes back before its start as well
	} {
		d := europe().DepartureAfter(at(t, tt.after))
		require.Equal(t, at(t, tt.departs), d.DepartsAt, "after %s", tt.after)
		require.Equal(t, d.DepartsAt.Add(-15*time.Minute), d.CutoffAt)
	}
}

func TestDepartureAfterGivesAWholeDeparture(t *testing.T) {
	t.Parallel()
	route := europe()
	d := route.DepartureAfter(at(t, "2026-11-22T03:50:00Z"))
	require.Regexp(t, `^X8\d{3}-20261122-0500$`, d.Number)
	require.Equal(t, Departure{
		ID: DeriveDepartureID("CN-EU", d.Number), Route: "CN-EU", Mode: Rail, Number: d.Number, Unit: "40HC", Slots: 55, Limits: route.Limits,
		CutoffAt: at(t, "2026-11-22T04:45:00Z"), DepartsAt: at(t, "2026-11-22T05:00:00Z"),
	}, d)
	require.Regexp(t, `^TK\d{3}-20261122-0430$`, kazakhstan().DepartureAfter(at(t, "2026-11-22T03:50:00Z")).Number)
}

// A route that was set up badly still gives departures, one a day and of one unit, rather than none or no end.
func TestDepartureAfterOfARouteWithoutRhythm(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{0, -time.Hour, 300 * time.Millisecond} {
		d := Route{Code: "CN-XX", Every: every}.DepartureAfter(at(t, "2026-11-22T03:50:00Z"))
		require.Equal(t, at(t, "2026-11-23T00:00:00Z"), d.DepartsAt)
		require.Equal(t, 1, d.Slots)
	}
}

func TestScheduleHasNoGapsAndDependsOnNothingElse(t *testing.T) {
	t.Parallel()
	brussels, err := time.LoadLocation("Europe/Brussels") // clocks change
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		route := europe()
		route.Every = time.Duration(rapid.IntRange(1, 100_000).Draw(t, "seconds")) * time.Second
		route.CutoffBefore = time.Duration(rapid.IntRange(0, 100_000).Draw(t, "cut-off")) * time.Second
		when := anyNow(t).Add(time.Duration(rapid.Int64Range(0, 999_999_999).Draw(t, "ns")))
		first := route.DepartureAfter(when)
		require.True(t, first.CutoffAt.After(when))
		require.False(t, first.CutoffAt.Add(-route.Every).After(when), "no earlier one was left out")
		require.Equal(t, first, route.DepartureAfter(when.In(brussels)), "wherever the clock hangs")
		require.Equal(t, first, route.DepartureAfter(first.CutoffAt.Add(-time.Nanosecond)))

		second := route.DepartureAfter(first.CutoffAt)
		require.Equal(t, route.Every, second.DepartsAt.Sub(first.DepartsAt))
		require.NotEqual(t, first.ID, second.ID)
		require.NotEqual(t, first.Number, second.Number)
		require.Equal(t, time.UTC, first.DepartsAt.Location())
	})
}

func TestUpcoming(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-22T03:45:00Z")
	upcoming := europe().Upcoming(now, 48*time.Hour)
	require.Len(t, upcoming, 48)
	for n, d := range upcoming {
		require.Equal(t, at(t, "2026-11-22T05:00:00Z").Add(time.Duration(n)*time.Hour), d.DepartsAt)
	}
	require.Equal(t, now.Add(48*time.Hour), upcoming[47].CutoffAt, "the end belongs to it")
	require.Empty(t, europe().Upcoming(now, 59*time.Minute))

	often := europe()
	often.Every = time.Second
	require.Len(t, often.Upcoming(now, 48*time.Hour), mostUpcoming)
}

// Across the hours when clocks change in Europe, in spring and in autumn, trains go on hourly.
func TestUpcomingAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, night := range []string{"2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z"} {
		upcoming := europe().Upcoming(at(t, night), 10*time.Hour)
		require.Len(t, upcoming, 10)
		for n := 1; n < len(upcoming); n++ {
			require.Equal(t, time.Hour, upcoming[n].DepartsAt.Sub(upcoming[n-1].DepartsAt))
		}
	}
}

func TestPlanLegsAddsUpTheHours(t *testing.T) {
	t.Parallel()
	route := europe()
	departs := at(t, "2026-11-22T05:00:00Z")
	legs := route.planLegs(departs)
	require.Len(t, legs, 4)
	for k, hours := range []int{3, 171, 219, 267} {
		require.Equal(t, departs.Add(time.Duration(hours)*time.Hour), *legs[k].PlannedAt)
		require.Equal(t, LegPlanned, legs[k].Status)
		require.Nil(t, legs[k].ActualAt)
		require.Equal(t, route.Legs[k].To, legs[k].To)
	}
	require.Nil(t, route.Legs[0].PlannedAt, "the route's own legs bear no times")
}
