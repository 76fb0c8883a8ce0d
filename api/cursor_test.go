package api

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
)

// A cursor that is taken is one that was issued: printing its place gives the same text again, and no other list takes it.
func FuzzCursor(f *testing.F) {
	feed := list{name: "receipts", account: 7, filters: []string{"status", "held"}}
	f.Add(feed.cursor(event.Position{Tx: 1, Seq: 2, Sub: 3}.String()), "held", int32(7))
	f.Add("", "", int32(0))
	f.Add("AAAAAAAAAAAAAAAA", "held", int32(7))
	f.Fuzz(func(t *testing.T, cursor, filter string, id int32) {
		other := list{name: "receipts", account: account.ID(id), filters: []string{"status", filter}}
		for _, l := range []list{feed, other} {
			place, err := l.place(cursor)
			if err == nil {
				require.Equal(t, cursor, l.cursor(place))
				require.NotEmpty(t, place)
			}
			at, err := feedPlace(l, &query{values: url.Values{"cursor": {cursor}}})
			if err == nil && cursor != "" {
				require.Equal(t, cursor, l.cursor(at.String()))
			}
		}
		same := id == 7 && filter == "held"
		place, err := feed.place(feed.cursor(cursor))
		if len(cursor) > 0 && len(cursor) < 100 {
			require.NoError(t, err)
			require.Equal(t, cursor, place)
			_, err = other.place(feed.cursor(cursor))
			require.Equal(t, same, err == nil)
		}
	})
}
