package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Share is the part of a profile that one stage spent in one kind of work.
type Share struct {
	Stage, Work string
	Of          float64 // 0 to 1
}

const (
	workCollector = "garbage collection"
	workRuntime   = "scheduling and idling"
	unlabelled    = "shared"
)

// ours tells by a function's package what kind of work it is. The innermost function that is listed decides: decoding JSON for
// parcel.Read is parcel.Read's, writing to a socket for a COPY is the database client's.
var ours = []struct{ prefix, work string }{
	{"github.com/alataw/alataw/internal/parcel.", "orders: read and check"},
	{"github.com/alataw/alataw/internal/screening", "rules"},
	{"github.com/alataw/alataw/internal/watchlist", "rules"},
	{"github.com/alataw/alataw/internal/consignment", "packing"},
	{"github.com/alataw/alataw/internal/kafka", "queue client: encode, compress, send, fetch"},
	{"github.com/segmentio/kafka-go", "queue client: encode, compress, send, fetch"},
	{"github.com/twmb/franz-go", "embedded broker"},
	{"github.com/alataw/alataw/internal/postgres", "database client: COPY, queries"},
	{"github.com/jackc/", "database client: COPY, queries"},
	{"gorm.io/", "database client: COPY, queries"},
	{"github.com/alataw/alataw/api", "HTTP, JSON, key and limits"},
	{"github.com/gin-gonic/gin", "HTTP, JSON, key and limits"},
	{"net/http", "HTTP, JSON, key and limits"},
	{"github.com/prometheus/", "metrics"},
	{"go.opentelemetry.io/", "traces"},
	{"github.com/alataw/alataw/internal/app", "between the stages"},
}

// collector are the functions whose presence makes a sample the garbage collector's.
var collector = []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcStart", "runtime.gcMarkDone"}

// Shares reads a CPU profile in pprof's form and sums it by stage, which the named label tells, and work, the largest first.
func Shares(from io.Reader, label string) ([]Share, error) {
	p, err := profile.Parse(from)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	at := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "cpu" })
	if at < 0 {
		return nil, fmt.Errorf("profile: there is no CPU time in it")
	}
	sums := map[Share]float64{}
	var total float64
	for _, sample := range p.Sample {
		nanos := float64(sample.Value[at])
		sums[place(sample, label)] += nanos
		total += nanos
	}
	shares := make([]Share, 0, len(sums))
	for s, nanos := range sums {
		s.Of = nanos / total
		shares = append(shares, s)
	}
	slices.SortFunc(shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Of, a.Of), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Work, b.Work))
	})
	return shares, nil
}

// place gives a sample's stage and work.
func place(sample *profile.Sample, label string) Share {
	at := Share{Stage: unlabelled, Work: workRuntime}
	if labels := sample.Label[label]; len(labels) > 0 {
		at.Stage = labels[0]
	}
	names := functions(sample)
	for _, name := range names {
		if slices.ContainsFunc(collector, func(c string) bool { return strings.HasPrefix(name, c) }) {
			return Share{Stage: unlabelled, Work: workCollector}
		}
	}
	for _, name := range names {
		for _, known := range ours {
			if strings.HasPrefix(name, known.prefix) {
				at.Work = known.work
				return at
			}
		}
	}
	return at
}

// functions are a sample's, the innermost first.
func functions(sample *profile.Sample) (names []string) {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if line.Function != nil {
				names = append(names, line.Function.Name)
			}
		}
	}
	return names
}
