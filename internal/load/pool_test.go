package load_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

// A pool goes round for ever, and from the second round on every order is a new one to a new consignee.
func TestAPoolNeverGivesAnOrderTwice(t *testing.T) {
	pool, err := load.NewPool(load.Sample(1, 50), 100)
	require.NoError(t, err)
	require.Equal(t, 50, pool.Len())
	first, err := drain(pool.First(60))
	require.NoError(t, err)
	second, err := drain(pool.First(60))
	require.NoError(t, err)
	all := append(first, second...)
	require.Len(t, all, 120)
	seen := map[string]bool{}
	for _, order := range all {
		require.True(t, json.Valid([]byte(order)), order)
		require.False(t, seen[order])
		seen[order] = true
	}
	require.Equal(t, string(pool.Held(3)), all[3])
	require.Contains(t, all[53], `"order_no":"r1-SD1-`)
	require.Contains(t, all[53], `"lines":["r1 `)
	require.Contains(t, all[103], `"order_no":"r2-SD1-`)
}

func TestAPoolWithoutOrdersIsRefused(t *testing.T) {
	_, err := load.NewPool(load.Sample(1, 0), 10)
	require.ErrorContains(t, err, "there are none")
	_, err = load.NewPool(&brittle{err: load.ErrTorn}, 10)
	require.ErrorIs(t, err, load.ErrTorn)
}
