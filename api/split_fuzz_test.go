package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
)

// Whatever document comes, its declarations are those that a general decoder finds, byte for byte and in their order.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"parcels":[{"order_no":"1"},[ 2 ],"x\"]",null]}`, `{"parcels":[]}`, `{"parcels":[1],"parcels":[2]}`, `{"p\u0061rcels":[1]}`, `{"parcels":[{]}`,
		`[1]`, `{"x":1,"parcels":[1]}`, `{"parcels":[` + strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000) + `,1]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		orders, err := splitBatch(data)
		require.True(t, bytes.Equal(before, data))
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Malformed, fault.Invalid}, fault.KindOf(err))
			return
		}
		require.NotEmpty(t, orders)
		require.LessOrEqual(t, len(orders), mostInBatch)
		var want struct {
			Parcels []json.RawMessage `json:"parcels"`
		}
		if json.Unmarshal(data, &want) != nil { // it goes less deep, and takes no broken UTF-8
			return
		}
		require.Len(t, orders, len(want.Parcels))
		for i, raw := range want.Parcels {
			require.Equal(t, string(raw), string(orders[i]))
		}
	})
}
