package account

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeysAreRecognisedByTheirForm(t *testing.T) {
	key := NewKey()
	require.True(t, WellFormed(key))
	require.NotEqual(t, key, NewKey())
	require.NotEqual(t, Hash(key), Hash(NewKey()))
	require.NotContains(t, Hint(key), key[12:], "a hint gives nothing away")
	for i := range key { // a typing error is told from a guess, without asking the database
		wrong := []byte(key)
		wrong[i] ^= 1
		require.False(t, WellFormed(string(wrong)), "character %d", i)
	}
	require.False(t, WellFormed(""))
	require.False(t, WellFormed(key[1:]))
	require.False(t, WellFormed(key+"0"))
}
