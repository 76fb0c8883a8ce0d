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
	t.Parallel()
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

// A reason is printed with the field and the value that it has.
func TestExplainNamesTheEvidence(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	require.NoError(t, (&explanation{Reasons: []parcel.Reason{
		{Rule: "value.limit", Lane: parcel.Yellow, Score: 0.5, Field: "/goods_value", Value: "9 GBP"},
		{Rule: "number.used", Lane: parcel.Blue, Score: 0.7, Field: "/tracking_no"},
		{Rule: "drawn.twice", Lane: parcel.Yellow, Value: "50"},
		{Rule: "says.nothing", Lane: parcel.Red, Score: 1},
	}}).print(&said))
	require.Regexp(t, `(?m)^value\.limit +yellow, score 0\.50, /goods_value "9 GBP"$`, said.String())
	require.Regexp(t, `(?m)^number\.used +blue, score 0\.70, /tracking_no$`, said.String())
	require.Regexp(t, `(?m)^drawn\.twice +yellow, score 0\.00, "50"$`, said.String())
	require.Regexp(t, `(?m)^says\.nothing +red, score 1\.00$`, said.String())
}
