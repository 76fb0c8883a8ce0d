package event

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAnEnvelopeComesBackFromItsHeaders(t *testing.T) {
	e := Envelope{
		ID: "req/0", Type: "org.alataw.parcel.declared", Source: "/accounts/1", Subject: "pcl_x", Schema: 1, ContentType: "application/json",
		Time: time.Date(2026, 11, 22, 4, 5, 6, 789000, time.UTC), Key: []byte("k"), Data: []byte("{}"),
	}
	back, err := Open(e.Key, e.Data, append(e.Headers(), Header{"traceparent", []byte("of another hand")}))
	require.NoError(t, err)
	require.Equal(t, e, back)
	for _, missing := range []string{headerID, headerType, headerTime, headerSchema} {
		var rest []Header
		for _, h := range e.Headers() {
			if h.Key != missing {
				rest = append(rest, h)
			}
		}
		_, err := Open(e.Key, e.Data, rest)
		require.Error(t, err, missing)
	}
	for _, wrong := range []Header{{headerTime, []byte("noon")}, {headerSchema, []byte("one")}} {
		_, err := Open(e.Key, e.Data, append(e.Headers(), wrong))
		require.ErrorContains(t, err, wrong.Key)
	}
}

// Positions print so that the order of texts is theirs, and come back.
func TestPositionsSortAsTheyPrint(t *testing.T) {
	position := rapid.Custom(func(t *rapid.T) Position {
		return Position{rapid.Int64Range(0, 1e15-1).Draw(t, "tx"), rapid.Int64Range(0, 1e12-1).Draw(t, "seq"), rapid.Int64Range(0, 1e6-1).Draw(t, "sub")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := position.Draw(t, "a"), position.Draw(t, "b")
		before := a.Tx < b.Tx || a.Tx == b.Tx && (a.Seq < b.Seq || a.Seq == b.Seq && a.Sub < b.Sub)
		require.Equal(t, before, a.String() < b.String())
		back, err := ParsePosition(a.String())
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
	for _, bad := range []string{"", "1-2", "1-2-3-4", "a-b-c", "-1-2-3", "1-2-99999999999999999999"} {
		_, err := ParsePosition(bad)
		require.Error(t, err, bad)
	}
}
