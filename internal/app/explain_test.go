package app

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// A release that knows other things of goods, names or currencies says so, and compares what it finds; its rules have another version.
func TestExplainByOtherTables(t *testing.T) {
	now := screening.NewRules(screening.DefaultConfig(), screening.Basis{Set: screening.Builtin(), Lists: watchlist.NewIndex(nil)})
	verdict := func(version string, explanation string) *screening.Verdict {
		return &screening.Verdict{Lane: parcel.Yellow, Version: version, Reasons: []parcel.Reason{{Rule: "value.limit", Version: version, Explanation: explanation}}}
	}
	stored := screening.Evidence{Lane: parcel.Yellow, Rules: "builtin-1", Reasons: verdict("builtin-1", "too much").Reasons, Basis: now.Record("v0.3.0")}
	require.True(t, stored.Basis.SameTables())
	require.True(t, same(&stored, verdict("builtin-1", "too much")))
	require.False(t, same(&stored, verdict("builtin-2", "too much")), "by the same tables another version is another judgement")

	stored.Basis.Tables = "others"
	again := verdict("builtin-2", "too much")
	require.True(t, same(&stored, again))
	require.Equal(t, "builtin-2", again.Reasons[0].Version, "what was found stays as it is")
	require.False(t, same(&stored, verdict("builtin-2", "far too much")))

	var said bytes.Buffer
	require.NoError(t, (&explanation{Basis: stored.Basis, OtherTables: true}).print(&said))
	require.Contains(t, said.String(), "they have changed since: what follows is judged by this program's, v0.3.0 judged by its own")
}
