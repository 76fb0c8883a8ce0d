package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/alataw/alataw/internal/bench"
)

// profile takes a CPU profile of the child for a time and sums it by stage and work.
func (c *child) profile(ctx context.Context, lasting time.Duration) ([]bench.Share, error) {
	seconds := strconv.Itoa(max(1, int(lasting.Seconds())))
	raw, err := c.get(ctx, c.at.Admin, "/debug/pprof/profile?seconds="+seconds)
	if err != nil {
		return nil, fmt.Errorf("profile the service: %w", err)
	}
	return bench.Shares(bytes.NewReader(raw), stageLabel)
}

// costs adds what each stage cost for each parcel. The service's whole account is shared out by its profile, so the lines add up to
// what the processes used; what is too small to see is one line.
func (r *benchRun) costs(m *stretch, part string) {
	if !m.used.Known {
		r.say("%s: CPU by stage is not measured: this system has no /proc", part)
		return
	}
	n := m.parcels()
	var costs []bench.Cost
	add := func(owner, stage, work string, us float64) {
		costs = append(costs, bench.Cost{Part: part, Owner: owner, Stage: stage, Work: work, Us: us})
	}
	const visible = 0.05 // µs
	small, whole := 0.0, m.used.Per(bench.ServicePart, n)
	for _, s := range m.shares {
		if us := s.Of * whole; us >= visible {
			add(bench.ServicePart, s.Stage, s.Work, us)
		} else {
			small += us
		}
	}
	add(bench.ServicePart, "all", "all that is less than 0.05 µs", small)
	for title, used := range m.used.Titles {
		if used > 0 {
			add(bench.DatabasePart, title, "", float64(used.Microseconds())/float64(max(1, n)))
		}
	}
	for _, owner := range []string{bench.BrokerPart, bench.LoadPart} {
		if us := m.used.Per(owner, n); us > 0 {
			add(owner, "", "", us)
		}
	}
	slices.SortStableFunc(costs, func(a, b bench.Cost) int {
		return cmp.Or(cmp.Compare(ownerOrder[a.Owner], ownerOrder[b.Owner]), cmp.Compare(a.Stage, b.Stage), cmp.Compare(b.Us, a.Us))
	})
	r.report.Costs = append(r.report.Costs, costs...)
	r.statements(m, part)
}

// ownerOrder is how a parcel meets the processes.
var ownerOrder = map[string]int{bench.LoadPart: 0, bench.ServicePart: 1, bench.BrokerPart: 2, bench.DatabasePart: 3}

// statements adds the time spent in PostgreSQL's statements: by the clock, so waiting for the disk and for each other is in it.
func (r *benchRun) statements(m *stretch, part string) {
	if !m.knowStatement {
		r.say("%s: time in statements is not measured: this PostgreSQL has no pg_stat_statements", part)
		return
	}
	const visible = 0.1 // µs
	var small float64
	var times []bench.Cost
	for family, took := range m.statements {
		us := float64(took.Microseconds()) / float64(max(1, m.parcels()))
		if us < visible {
			small += us
			continue
		}
		times = append(times, bench.Cost{Part: part, Owner: bench.DatabasePart, Stage: family, Us: us})
	}
	slices.SortFunc(times, func(a, b bench.Cost) int { return cmp.Compare(b.Us, a.Us) })
	r.report.Statements = append(r.report.Statements, append(times, bench.Cost{Part: part, Owner: bench.DatabasePart, Stage: "all others", Us: small})...)
}
