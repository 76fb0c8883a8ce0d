package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

func TestReportForPeople(t *testing.T) {
	report := load.Report{
		Posted: 135_853, Accepted: 134_746, Refused: 1_107, RefusedBy: map[string]int64{"gross_weight_g.limit": 1_107, "hs_code.length": 2},
		Bytes: 113_500_000, Elapsed: 6800 * time.Millisecond, Rate: 19978.4, Batch: 500,
		Latency:  load.Latency{Count: 272, P50: 9_870 * time.Microsecond, P90: 21 * time.Millisecond, P99: 42 * time.Millisecond, P999: time.Second, Max: 1234 * time.Millisecond},
		Retries:  map[string]int64{"503": 3, "network": 1},
		Followed: true, Distinct: 134_700, Known: 12, Undecided: 0, Drain: 1250 * time.Millisecond,
		Kinds: map[string]int64{"cleared": 133_000, "held": 1_700, "bundled": 132_000},
	}
	require.Equal(t, strings.TrimPrefix(`
posted         135,853 orders, 113.5 MB, in 6.80 s: 19,978/s
accepted       134,746  99.19 %
refused          1,107   0.81 %
                 1,107   gross_weight_g.limit
                     2   hs_code.length
latency    p50 9.9ms  p90 21ms  p99 42ms  p99.9 1.00s  max 1.23s, of 272 batches of 500
sent again 3 × 503, 1 × network
decided        134,700 of 134,700 parcels
               133,000   cleared
               132,000   bundled
                 1,700   held
repeated            46 orders named a parcel accepted before
known               12 parcels were decided in an earlier run
drained         1.25 s after the last answer
`, "\n"), printed(t, report))
	report.Undecided = 7
	require.Contains(t, printed(t, report), "undecided            7 parcels, 1.25 s after the last answer\n")
}

func TestReportOfARunThatDidNotFollow(t *testing.T) {
	text := printed(t, load.Report{})
	require.NotContains(t, text, "decided")
	require.NotContains(t, text, "NaN")
}

func printed(t *testing.T, r load.Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.Print(&b))
	return b.String()
}
