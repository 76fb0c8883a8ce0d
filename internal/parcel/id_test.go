package parcel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
)

// A byte that the decoder takes for padding makes no id of fewer bytes, and no panic.
func TestParseIDOfPadding(t *testing.T) {
	for _, s := range []string{"pcl_osppfig3mha5mtrru4z5m\xff\xff\xff\x7fe", "pcl_" + strings.Repeat("\xff", 26), "pcl_" + strings.Repeat("\n", 26)} {
		_, err := parcel.ParseID(s)
		require.Error(t, err, "%q", s)
	}
}
