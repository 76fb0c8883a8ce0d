package api_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// unitOf gives the path of the unit that a parcel is in.
func (h *house) unitOf(t testing.TB, parcelID string) string {
	t.Helper()
	p := got[api.Parcel](t, 200, h.get(t, account.Officer, "/v1/parcels/"+parcelID))
	require.NotNil(t, p.ConsignmentID)
	return "/v1/consignments/" + *p.ConsignmentID
}

// seal seals a unit by its carrier's scan.
func (h *house) seal(t testing.TB, unit string) {
	t.Helper()
	require.Equal(t, 201, h.post(t, account.Carrier, unit+"/events", h.scan("seal-1", "sealed")).status)
}

// scan is a scan that has just happened.
func (h *house) scan(id, what string) string {
	return `{"id":"` + id + `","type":"` + what + `","occurred_at":"` + h.clock.now().UTC().Format(time.RFC3339Nano) + `"}`
}

func TestConsignment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, numbered(0), numbered(1), numbered(2))
	unit := h.unitOf(t, ids[0])
	a := h.get(t, account.Carrier, unit)
	c := got[api.Consignment](t, 200, a)
	require.Equal(t, "CN-EU", c.Route)
	require.Equal(t, "open", c.Status)
	require.Equal(t, 3, c.ParcelCount)
	require.EqualValues(t, 3*2667, c.GrossWeight)
	require.Equal(t, []api.Hold{}, c.Holds)
	require.Greater(t, c.Fill.Volume, 0.0)
	require.Nil(t, c.Unit.Seal)
	require.Len(t, c.Legs, 4)
	require.Equal(t, 1435, *c.Legs[0].Gauge)
	require.Nil(t, c.Legs[3].Gauge)
	require.Nil(t, c.Legs[3].To, "road carriage ends at many towns")
	require.Equal(t, 304, h.get(t, account.Officer, unit, "If-None-Match: "+a.header.Get("ETag")).status)

	for _, path := range []string{unit, unit + "/parcels", unit + "/events", unit + "/manifest"} {
		h.get(t, otherCarrier, path).refused(t, 404, "consignment_not_found")
		h.get(t, account.Platform, path).refused(t, 403, "wrong_role")
	}
	h.get(t, account.Carrier, "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa").refused(t, 404, "consignment_not_found")

	loaded := walk[api.LoadedParcel](t, h, account.Carrier, unit+"/parcels", 2)
	require.Len(t, loaded, 3)
	for i, p := range loaded {
		require.Equal(t, i+1, p.Place)
		require.Contains(t, ids, p.ID)
		require.Equal(t, "GB", p.Destination)
	}
}

func TestConsignmentFeed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, numbered(0), strings.Replace(numbered(1), `"GB"`, `"KZ"`, 1))
	walkUntil[api.Consignment](t, h, account.Officer, "/v1/consignments", 2)
	require.Len(t, walk[api.Consignment](t, h, account.Carrier, "/v1/consignments", 1), 1, "a carrier sees its routes")
	require.Len(t, walk[api.Consignment](t, h, otherCarrier, "/v1/consignments?route=CN-KZ", 1), 1)
	require.Empty(t, walk[api.Consignment](t, h, otherCarrier, "/v1/consignments?route=CN-EU", 1))
	require.Empty(t, walk[api.Consignment](t, h, account.Officer, "/v1/consignments?status=sealed", 1))
	unit := h.unitOf(t, ids[0])
	c := got[api.Consignment](t, 200, h.get(t, account.Carrier, unit))
	require.Len(t, walk[api.Consignment](t, h, account.Officer, "/v1/consignments?departure_id="+c.Departure.ID, 1), 1)

	cursor := *got[api.Page[api.Consignment]](t, 200, h.get(t, account.Carrier, "/v1/consignments")).NextCursor
	var waiting sync.WaitGroup
	waiting.Go(func() {
		page := got[api.Page[api.Consignment]](t, 200, h.get(t, account.Carrier, "/v1/consignments?wait=30&cursor="+url.QueryEscape(cursor)))
		require.Len(t, page.Data, 1)
		require.Equal(t, "sealed", page.Data[0].Status)
	})
	h.awaitGauge(t, "alataw_http_waits", 1)
	h.seal(t, unit)
	waiting.Wait()
}

func TestScansHoldsAndRelease(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	unit := h.unitOf(t, h.declared(t, account.Platform, numbered(0))[0])
	events := unit + "/events"
	h.post(t, account.Carrier, events, h.scan("go", "departed")).refused(t, 409, "consignment_not_released")
	h.post(t, account.Carrier, events, h.scan("go", "arrived")).refused(t, 409, "consignment_not_departed")
	h.post(t, otherCarrier, events, h.scan("go", "sealed")).refused(t, 404, "consignment_not_found")
	h.post(t, account.Officer, unit+"/release", "").refused(t, 409, "consignment_open")

	sealing := h.scan("seal-1", "sealed")
	first := h.post(t, account.Carrier, events, sealing)
	e := got[api.Event](t, 201, first)
	require.Equal(t, "seal-1", e.ID)
	require.Equal(t, "carrier", e.By)
	require.Equal(t, "actual", e.Classifier)
	again := h.post(t, account.Carrier, events, sealing)
	require.Equal(t, string(first.body), string(again.body), "the same id again is answered with what is stored")
	other := h.post(t, account.Carrier, events, h.scan("seal-1", "loaded"))
	require.Equal(t, string(first.body), string(other.body), "also when it says something else")

	h.post(t, account.Carrier, events, `{"id":"x","type":"burnt","occurred_at":"2026-11-22T08:00:00Z"}`).refused(t, 422, "invalid_request")

	customs := got[api.Hold](t, 201, h.post(t, account.Officer, unit+"/holds", `{"reason":"seal is damaged"}`))
	carriers := got[api.Hold](t, 201, h.post(t, account.Carrier, unit+"/holds", `{"reason":"wagon is hot"}`))
	require.Equal(t, []string{"customs", "carrier"}, []string{customs.By, carriers.By})
	h.post(t, otherCarrier, unit+"/holds", `{"reason":"x"}`).refused(t, 404, "consignment_not_found")
	h.post(t, account.Officer, unit+"/release", "").refused(t, 409, "consignment_held")
	lift := func(role account.Role, id string) answer { return h.call(t, role, "DELETE", unit+"/holds/"+id, "") }
	lift(account.Carrier, customs.ID).refused(t, 403, "hold_not_yours")
	lift(account.Officer, carriers.ID).refused(t, 403, "hold_not_yours")
	lift(otherCarrier, carriers.ID).refused(t, 404, "consignment_not_found")
	lift(account.Officer, "nothing").refused(t, 404, "hold_not_found")
	require.Len(t, got[api.Consignment](t, 200, lift(account.Carrier, carriers.ID)).Holds, 1)
	require.Empty(t, got[api.Consignment](t, 200, lift(account.Admin, customs.ID)).Holds)

	released := got[api.Consignment](t, 200, h.post(t, account.Officer, unit+"/release", "{}"))
	require.Equal(t, "released", released.Status)
	require.NotNil(t, released.ReleasedAt)
	require.Equal(t, "released", got[api.Consignment](t, 200, h.post(t, account.Officer, unit+"/release", "")).Status, "again changes nothing")
	h.post(t, account.Officer, "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa/release", "").refused(t, 404, "consignment_not_found")

	got[api.Event](t, 201, h.post(t, account.Carrier, events, h.scan("go", "departed")))
	h.post(t, account.Officer, unit+"/holds", `{"reason":"too late"}`).refused(t, 409, "consignment_departed")
	var types []string
	for _, e := range walk[api.Event](t, h, account.Carrier, events, 2) {
		types = append(types, e.Type)
	}
	require.ElementsMatch(t, []string{"opened", "sealed", "held", "held", "hold_lifted", "hold_lifted", "released", "departed"}, types)
}

func TestDepartures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := func(d time.Duration) string {
		return h.clock.now().Add(d).UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	body := func(route, number string) string {
		return `{"route":"` + route + `","number":"` + number + `","cutoff_at":"` + at(time.Hour) + `","departs_at":"` + at(2*time.Hour) + `","slots":2}`
	}
	extra := body("CN-EU", "EXTRA-1")
	a := h.post(t, account.Carrier, "/v1/departures", extra)
	d := got[api.Departure](t, 201, a)
	require.Equal(t, "/v1/departures/"+d.ID, a.header.Get("Location"))
	require.Equal(t, 2, d.Slots)
	require.Equal(t, d, got[api.Departure](t, 201, h.post(t, account.Officer, "/v1/departures", extra)), "asking twice plans it once")
	h.clock.ahead.Add(int64(time.Minute))
	h.post(t, account.Admin, "/v1/departures", body("CN-EU", "EXTRA-1")).refused(t, 409, "departure_exists")

	refused := h.post(t, account.Carrier, "/v1/departures", body("CN-KZ", "EXTRA-2"))
	refused.refused(t, 422, "invalid_request")
	require.Equal(t, "route.unknown", refused.problem(t).Errors[0].Code, "a carrier plans on its own routes")
	h.post(t, account.Admin, "/v1/departures", body("CN-XX", "EXTRA-2")).refused(t, 422, "invalid_request")
	h.post(t, account.Admin, "/v1/departures", `{"route":"CN-EU","number":"lower","cutoff_at":"`+at(-time.Hour)+`","departs_at":"`+at(-2*time.Hour)+`","slots":0}`).
		refused(t, 422, "invalid_request")

	require.Equal(t, d, got[api.Departure](t, 200, h.get(t, account.Carrier, "/v1/departures/"+d.ID)))
	h.get(t, otherCarrier, "/v1/departures/"+d.ID).refused(t, 404, "departure_not_found")
	require.Equal(t, []api.Departure{d}, walk[api.Departure](t, h, account.Officer, "/v1/departures?open=true&route=CN-EU", 1))
	require.Empty(t, walk[api.Departure](t, h, otherCarrier, "/v1/departures", 1))

	for role, want := range map[account.Role]int{account.Carrier: 1, account.Officer: 4, account.Platform: 4} {
		require.Len(t, got[api.Page[api.Route]](t, 200, h.get(t, role, "/v1/routes")).Data, want, role)
	}
}

func TestReleaseDeparture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	unit := h.unitOf(t, h.declared(t, account.Platform, numbered(0))[0])
	c := got[api.Consignment](t, 200, h.get(t, account.Officer, unit))
	release := "/v1/departures/" + c.Departure.ID + "/release"
	report := got[api.ReleaseReport](t, 200, h.post(t, account.Officer, release, ""))
	require.Empty(t, report.Released)
	require.Equal(t, "consignment_open", report.NotReleased[0].Code)
	require.Equal(t, c.ID, report.NotReleased[0].ID)
	require.Nil(t, report.Departure.ReleasedAt)

	h.seal(t, unit)
	report = got[api.ReleaseReport](t, 200, h.post(t, account.Officer, release, ""))
	require.Equal(t, []string{c.ID}, report.Released)
	require.Empty(t, report.NotReleased)
	require.Equal(t, "officer", *report.Departure.ReleasedBy)
	report = got[api.ReleaseReport](t, 200, h.post(t, account.Officer, release, ""))
	require.Equal(t, []string{c.ID}, report.Already)
	h.post(t, account.Officer, "/v1/departures/dep_aaaaaaaaaaaaaaaaaaaaaaaaaa/release", "").refused(t, 404, "departure_not_found")
}

func TestManifest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	evil := with("536365-1", "=1+1", "Jane Doe", "@SUM(A1)", "WHITE HANGING HEART T-LIGHT HOLDER", "-2+3, \\\"quoted\\\"", "London", "+London", "148 Station Road", "=cmd|' /C calc'!A0")
	ids := h.declared(t, account.Platform, numbered(0), evil)
	unit := h.unitOf(t, ids[0])
	for _, accept := range []string{"-", "*/*", "application/*", "application/json", "text/csv;q=0.1, application/json;q=0.9"} {
		m := got[api.Manifest](t, 200, h.get(t, account.Carrier, unit+"/manifest", "Accept: "+accept))
		require.Len(t, m.Parcels, 2, accept)
		require.Equal(t, unit, "/v1/consignments/"+m.Consignment.ID)
	}
	for _, accept := range []string{"text/csv", "text/*", "application/xml, text/csv;q=0.5", "*/*;q=0.1, text/csv"} {
		a := h.get(t, account.Officer, unit+"/manifest", "Accept: "+accept)
		require.Equal(t, "text/csv; charset=utf-8; header=present", a.header.Get("Content-Type"), accept)
		require.Contains(t, a.header.Get("Content-Disposition"), `.csv"`)
		require.Contains(t, string(a.body), "\r\n")
		rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		for _, row := range rows[1:] {
			for i, cell := range row {
				require.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r"), "%s begins like a formula: %s", rows[0][i], cell)
			}
		}
		require.Contains(t, string(a.body), `'=1+1`)
		require.Contains(t, string(a.body), `'@SUM(A1)`)
	}
	for _, accept := range []string{"application/pdf", "image/*", "application/json;q=0, text/csv;q=0", "*/*;q=0"} {
		h.get(t, account.Carrier, unit+"/manifest", "Accept: "+accept).refused(t, 406, "not_acceptable")
	}
}
