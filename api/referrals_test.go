package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// A question with its reference, field and deadline, seen by the platform, answered, and back on the desk with the answer.
func TestAQuestionAndItsAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.declared(t, account.Platform, suspicious(1))[0]
	path, inform := reviewPath(id)+"/decision", "/v1/parcels/"+id+"/information"
	ask := func(referral string) answer {
		return h.post(t, account.Officer, path, `{"action":"request_information","reason":"who is he?","referral":`+referral+`}`)
	}
	r := got[api.Review](t, 200, ask(`{"type":"documents","text":"a passport","field":"/consignee/name"}`))
	q := r.Referrals[0]
	require.Len(t, q.Reference, 17)
	require.Equal(t, q.Reference, r.Decisions[0].Ref)
	require.Equal(t, "documents", q.Type)
	deadline, err := time.Parse(time.RFC3339Nano, *q.Deadline)
	require.NoError(t, err)
	require.Greater(t, time.Until(deadline), 8*24*time.Hour, "seven working days are nine days at the least")

	p := got[api.Parcel](t, 200, h.get(t, account.Platform, "/v1/parcels/"+id))
	require.Equal(t, "information_requested", p.Status)
	require.Equal(t, []api.Referral{q}, p.Referrals)
	last := h.toldOf(t, id, 2)[1]
	require.Equal(t, "information_requested", last.Kind)
	require.Equal(t, &api.Question{Reference: q.Reference, Type: q.Type, Text: q.Text, Field: q.Field, Deadline: q.Deadline}, last.Referral)

	h.post(t, account.Platform, inform, `{"text":"?","referral":"R"}`).refused(t, 409, "referral_not_open")
	for body, wrong := range map[string]string{
		`{"text":"a","documents":[{"type":"x"}]}`:                           "/documents/0 documents.required",
		`{"text":"a","documents":[{"reference":"x","kind":"y"}]}`:           "/documents/0/kind unknown_field",
		`{"text":"a","documents":[7]}`:                                      "/documents/0 documents.type",
		`{"text":"a","corrections":[{"field":"hs_code","value":"950300"}]}`: "/corrections/0/field field.pointer",
	} {
		a := h.post(t, account.Platform, inform, body)
		a.refused(t, 422, "invalid_request")
		e := a.problem(t).Errors[0]
		require.Equal(t, wrong, e.Pointer+" "+e.Code)
	}
	taken := h.post(t, account.Platform, inform, `{"referral":"`+q.Reference+`","text":"another Boris","documents":[{"type":"passport","reference":"p-1"},"p-2"],
		"corrections":[{"field":"/consignee/name","value":"Boris B. Badenov"}]}`)
	require.Equal(t, "held", got[api.Taken](t, 202, taken).Status)
	h.post(t, account.Platform, inform, `{"text":"more"}`).refused(t, 409, "status_forbids")

	r = got[api.Review](t, 200, h.get(t, account.Officer, reviewPath(id)))
	require.Equal(t, "held", r.Status)
	require.NotNil(t, r.Referrals[0].AnsweredAt)
	require.Equal(t, &api.Answer{
		Text: "another Boris", Documents: []api.DocumentReference{{Type: "passport", Reference: "p-1"}, {Reference: "p-2"}},
		Corrections: []api.Correction{{Field: "/consignee/name", Value: "Boris B. Badenov"}},
	}, r.Referrals[0].Answer)
	for referral, wrong := range map[string]string{
		`{"type":"stop"}`:                        "/referral/type type.unknown",
		`{"field":"name"}`:                       "/referral/field field.pointer",
		`{"deadline":"2020-01-01T00:00:00Z"}`:    "/referral/deadline deadline.range",
		`{"deadline":"tomorrow"}`:                "/referral/deadline deadline.format",
		`{"type":"documents","until":"forever"}`: "/referral/until unknown_field",
	} {
		a := ask(referral)
		a.refused(t, 422, "invalid_request")
		e := a.problem(t).Errors[0]
		require.Equal(t, wrong, e.Pointer+" "+e.Code)
	}
	h.post(t, account.Officer, path, `{"action":"release","reason":"x","referral":{"text":"y"}}`).refused(t, 422, "invalid_request")
}

// toldOf waits until the platform has so many receipts of a parcel: a fact can be read when every transaction before it has ended,
// those of other tests included.
func (h *house) toldOf(t testing.TB, id string, lines int) (told []api.Receipt) {
	t.Helper()
	require.Eventually(t, func() bool {
		told = nil
		for _, line := range walk[api.Receipt](t, h, account.Platform, "/v1/receipts", 5) {
			if line.ParcelID == id {
				told = append(told, line)
			}
		}
		return len(told) == lines
	}, 20*time.Second, 20*time.Millisecond)
	return told
}

func TestAStopOutranksEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.declared(t, account.Platform, suspicious(1), suspicious(2))
	r := got[api.Review](t, 200, h.post(t, account.Officer, reviewPath(ids[1])+"/decision", `{"action":"stop","reason":"radiation alarm","referral":{"text":"do not load"}}`))
	require.True(t, r.Stopped)
	require.Equal(t, "held", r.Status)
	require.Equal(t, "stop", r.Referrals[0].Type)
	require.Nil(t, r.Referrals[0].Deadline)
	require.Equal(t, ids[1], walk[api.Review](t, h, account.Officer, "/v1/reviews", 1)[0].ParcelID, "it comes first")
	h.post(t, account.Platform, "/v1/parcels/"+ids[1]+"/cancellation", `{"reason":"give it back"}`).refused(t, 409, "parcel_stopped")
	h.post(t, account.Platform, "/v1/parcels/"+ids[1]+"/information", `{"text":"why?"}`).refused(t, 409, "status_forbids")

	release := `{"action":"release","reason":"false alarm"}`
	require.True(t, got[api.Review](t, 200, h.post(t, account.Officer, reviewPath(ids[1])+"/decision", release)).Stopped)
	h.post(t, account.Officer, reviewPath(ids[1])+"/decision", release).refused(t, 409, "second_officer_needed")
	r = got[api.Review](t, 200, h.post(t, secondOfficer, reviewPath(ids[1])+"/decision", release))
	require.Equal(t, "cleared", r.Status)
	require.False(t, r.Stopped)
	require.NotNil(t, r.Referrals[0].ClosedAt)
	lines := h.toldOf(t, ids[1], 3)
	for i, want := range []string{"held:held", "stopped:held", "cleared:cleared"} {
		require.Equal(t, want, lines[i].Kind+":"+lines[i].Status)
	}
}
