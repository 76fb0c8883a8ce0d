package postgres

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/event"
)

// Whatever lies in the queue can be parked, or it would stand in its partition's way for ever; and it is replayed as it was.
func TestEveryRecordCanBeParked(t *testing.T) {
	t.Parallel()
	s := open(t)
	offset := int64(0)
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\x00\ufffe\u202e\"\\ü清"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(rt *rapid.T) {
		offset++
		r := Parked{
			Topic: "parcel.declared", Offset: offset, Key: rapid.SliceOf(rapid.Byte()).Draw(rt, "key"), Value: rapid.SliceOf(rapid.Byte()).Draw(rt, "value"),
			Headers: []event.Header{{Key: text.Draw(rt, "name"), Value: rapid.SliceOf(rapid.Byte()).Draw(rt, "header")}},
			Code:    text.Draw(rt, "code"), Detail: text.Draw(rt, "detail"),
		}
		require.NoError(rt, s.Park(t.Context(), []Parked{r, r}))
		all, err := s.ParkedRecords(t.Context(), false, 0, 10_000)
		require.NoError(rt, err)
		require.Len(rt, all, int(offset), "each once")
		stored := all[len(all)-1]
		require.Equal(rt, fmt.Sprintf("%x %x", r.Key, r.Value), fmt.Sprintf("%x %x", stored.Key, stored.Value))
		require.Equal(rt, fmt.Sprintf("%x", r.Headers[0].Value), fmt.Sprintf("%x", stored.Headers[0].Value))
		if name := r.Headers[0].Key; utf8.ValidString(name) && !strings.ContainsRune(name, 0) {
			require.Equal(rt, name, stored.Headers[0].Key)
		}
	})
}
