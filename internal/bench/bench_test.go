package bench_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/bench"
)

// sample is one line of a made profile: what it cost, its label, and its functions, the innermost first.
type sample struct {
	millis int64
	stage  string
	stack  []string
}

func made(t *testing.T, samples ...sample) *bytes.Buffer {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	for _, s := range samples {
		line := &profile.Sample{Value: []int64{1, s.millis * 1e6}}
		if s.stage != "" {
			line.Label = map[string][]string{"stage": {s.stage}}
		}
		for _, name := range s.stack {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
			at := &profile.Location{ID: uint64(len(p.Location) + 1), Line: []profile.Line{{Function: f}}}
			p.Function, p.Location = append(p.Function, f), append(p.Location, at)
			line.Location = append(line.Location, at)
		}
		p.Sample = append(p.Sample, line)
	}
	var buf bytes.Buffer
	require.NoError(t, p.Write(&buf))
	return &buf
}

func TestAProfileIsSummedByStageAndByTheInnermostWorkKnown(t *testing.T) {
	const ours = "github.com/alataw/alataw/"
	shares, err := bench.Shares(made(t,
		sample{40, "http", []string{"runtime.memmove", ours + "internal/parcel.Read", ours + "api.(*door).declare", "net/http.(*conn).serve"}},
		sample{20, "screening", []string{"syscall.write", "github.com/jackc/pgx/v5/pgconn.(*PgConn).CopyFrom", ours + "internal/postgres.copyParcels", ours + "internal/kafka.run"}},
		sample{10, "screening", []string{"syscall.write", "github.com/jackc/pgx/v5/pgconn.(*PgConn).CopyFrom"}},
		sample{15, "screening", []string{"runtime.scanobject", "runtime.gcAssistAlloc1", ours + "internal/screening.NewSubject"}},
		sample{10, "", []string{"runtime.gcDrain", "runtime.gcBgMarkWorker"}},
		sample{5, "", []string{"runtime.futex", "runtime.mcall"}},
	), "stage")
	require.NoError(t, err)
	require.Equal(t, []bench.Share{
		{Stage: "http", Work: "orders: read and check", Of: 0.4},
		{Stage: "screening", Work: "database client: COPY, queries", Of: 0.3},
		{Stage: "shared", Work: "garbage collection", Of: 0.25},
		{Stage: "shared", Work: "scheduling and idling", Of: 0.05},
	}, shares)
	_, err = bench.Shares(strings.NewReader("no profile"), "stage")
	require.Error(t, err)
}

// A real profile of this process tells the label that the work was done under.
func TestALabelIsFoundInARealProfile(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, pprof.StartCPUProfile(&buf))
	before := bench.Meter{Service: os.Getpid(), Now: time.Now}.Read()
	pprof.Do(t.Context(), pprof.Labels("stage", "spinning"), func(context.Context) {
		sum := []byte("spin")
		for until := cpu(t) + 300*time.Millisecond; cpu(t) < until; {
			for range 1000 {
				next := sha256.Sum256(sum)
				copy(sum, next[:])
			}
		}
	})
	used := bench.Meter{Service: os.Getpid(), Now: time.Now}.Read().Since(before)
	pprof.StopCPUProfile()
	shares, err := bench.Shares(&buf, "stage")
	require.NoError(t, err)
	require.Contains(t, func() (stages []string) {
		for _, s := range shares {
			stages = append(stages, s.Stage)
		}
		return stages
	}(), "spinning")
	if used.Known {
		require.Positive(t, used.Per(bench.ServicePart, 1))
		require.LessOrEqual(t, used.Idle()+used.Others()+used.Busy(bench.ServicePart), 1.05)
	}
}

// cpu is what this process has used of the processors.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestTheTablePutsFiguresBesideTheirBaselines(t *testing.T) {
	report := bench.Report{
		Figures: []bench.Figure{
			{Part: "journey", Name: "order → unit", Value: 21234, Unit: "parcels/s", Aim: "≥ 20,000", Comments: []string{"nothing refused"}},
			bench.Figure{Part: "single", Name: "POST p99", Value: 9, Unit: "ms"}.Against("a bare 202", 3),
			bench.Figure{Part: "intake", Name: "batches", Value: 60_000, Unit: "orders/s"}.Against("bare produce", 120_000),
		},
		Costs: []bench.Cost{{Part: "journey", Owner: "service", Stage: "http", Work: "HTTP", Us: 12.5}, {Part: "journey", Owner: "PostgreSQL", Us: 7.5}},
	}
	var out bytes.Buffer
	require.NoError(t, report.Print(&out))
	for _, line := range []string{
		`journey +order → unit +21,234 parcels/s +≥ 20,000 +- +- +- +- +- +-`,
		`single +POST p99 +9.00 ms +- +a bare 202 +3.00 ms +3.0 × +-`,
		`intake +batches +60,000 orders/s +- +bare produce +120,000 orders/s +50 % +-`,
		`journey, order → unit: nothing refused`,
		` 20.00  in all`,
	} {
		require.Regexp(t, line, out.String())
	}
}

func TestSlopeAndMedian(t *testing.T) {
	moments := []bench.Moment{{Second: 1, RSS: 10}, {Second: 2, RSS: 12}, {Second: 3, RSS: 14}}
	rss := func(m bench.Moment) float64 { return float64(m.RSS) }
	require.InDelta(t, 2, bench.Slope(moments, rss), 1e-9)
	require.Zero(t, bench.Slope(moments[:1], rss))
	require.EqualValues(t, 3, bench.Median([]int64{9, 1, 3}))
	require.Zero(t, bench.Median(nil))
}
