package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// Whatever stands in the header, nobody is asked for a text that is no key, no part of it comes back, and one slip of the finger
// is seen without asking.
func FuzzKey(f *testing.F) {
	key := account.NewKey()
	for _, seed := range []string{"Bearer " + key, "bearer  " + key + " ", "Basic " + key, key, "Bearer", "", "Bearer \x00", "Bearer " + key[:20]} {
		f.Add(seed, "", uint8(3))
		f.Add(seed, seed, uint8(40))
	}
	f.Fuzz(func(t *testing.T, header, second string, at uint8) {
		headers := []string{header}
		if second != "" {
			headers = append(headers, second)
		}
		given, err := bearer(headers)
		if err != nil {
			require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
			require.Empty(t, given)
			return
		}
		require.Len(t, headers, 1)
		require.True(t, account.WellFormed(given))
		require.Equal(t, given, strings.TrimSpace(header[len("bearer "):]))
		require.NotContains(t, account.Hint(given), given[len(given)-20:])
		slip := []byte(given)
		slip[int(at)%len(slip)] ^= 1
		require.False(t, account.WellFormed(string(slip)))
	})
}
