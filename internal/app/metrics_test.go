package app

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/postgres"
)

// scrape reads a service's metrics as a client that takes the given type.
func (r *running) scrape(accept string) string {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url+"/metrics", nil)
	require.NoError(r.t, err)
	request.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer answer.Body.Close()
	require.Equal(r.t, http.StatusOK, answer.StatusCode)
	body, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	return string(body)
}

// gauge gives the value of the first sample that begins so.
func (r *running) gauge(sample string) (value float64, found bool) {
	r.t.Helper()
	for line := range strings.Lines(r.scrape("text/plain")) {
		if rest, ok := strings.CutPrefix(line, sample); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndex(rest, " ")+1:]), 64)
			require.NoError(r.t, err)
			return value, true
		}
	}
	return 0, false
}

// described is a metric as the list or a scrape describes it: its type, then its labels in order.
type described map[string]string

var (
	typeLine   = regexp.MustCompile(`^# TYPE (alataw_\w+) (\w+)$`)
	sampleLine = regexp.MustCompile(`^(alataw_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? \S+$`)
	labelName  = regexp.MustCompile(`(\w+)="(?:[^"\\]|\\.)*"`)
	listedLine = regexp.MustCompile("^\\| `(alataw_\\w+)` \\| (\\w+) \\| ([^|]*)\\|")
)

func served(text string) described {
	types, labels := map[string]string{}, map[string]map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := typeLine.FindStringSubmatch(line); m != nil {
			types[m[1]], labels[m[1]] = m[2], map[string]bool{}
		} else if m := sampleLine.FindStringSubmatch(line); m != nil {
			for _, label := range labelName.FindAllStringSubmatch(m[2], -1) {
				if of, ok := labels[m[1]]; ok && label[1] != "le" {
					of[label[1]] = true
				}
			}
		}
	}
	all := described{}
	for name, kind := range types {
		all[name] = strings.TrimSpace(kind + " " + strings.Join(slices.Sorted(maps.Keys(labels[name])), " "))
	}
	return all
}

func listedMetrics(t *testing.T) described {
	t.Helper()
	file, err := os.Open("../../docs/metrics.md")
	require.NoError(t, err)
	defer file.Close()
	all := described{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if m := listedLine.FindStringSubmatch(lines.Text()); m != nil {
			labels := strings.FieldsFunc(m[3], func(c rune) bool { return strings.ContainsRune("`, ", c) })
			slices.Sort(labels)
			all[m[1]] = strings.TrimSpace(m[2] + " " + strings.Join(labels, " "))
		}
	}
	return all
}

// Every metric that is served is in docs/metrics.md with its type and labels, and the other way round.
func TestTheListOfMetricsIsTrue(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--screening-random-basis-points", "0").settings(t))
	r.plan("TEST-1", time.Hour)
	r.post(order("1"))
	require.NoError(t, r.denyParty(t.Context(), "Invented Denied"))
	require.NoError(t, r.store.SaveProfile(t.Context(), postgres.Profile{Kind: postgres.PricesProfile, Version: "unreadable", Data: []byte("x"), LearnedAt: time.Now()}))
	eventually(t, "everything has been measured", func() bool { return len(served(r.scrape("text/plain"))) >= len(listedMetrics(t)) })
	require.Equal(t, listedMetrics(t), served(r.scrape("text/plain")))
}

// The gauges show what waits, and what it waits for.
func TestTheGaugesShowHowTheJourneyStands(t *testing.T) {
	t.Parallel()
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--roles", "api,screen,bundle").settings(t))
	r.plan("TEST-1", time.Minute)
	id := r.post(order("1"))[0]
	eventually(t, "bundled", func() bool { return r.feed()[id]["bundled"] == 1 })
	shows := func(sample string, as func(float64) bool) {
		t.Helper()
		eventually(t, sample, func() bool { value, found := r.gauge(sample); return found && as(value) })
	}
	shows("alataw_units_open", func(v float64) bool { return v == 1 })
	shows(`alataw_next_cutoff_seconds{route="CN-EU"}`, func(v float64) bool { return v > 0 && v <= 60 })
	shows("alataw_relay_leads", func(v float64) bool { return v == 1 })
	shows("alataw_verdict_delay_seconds_count", func(v float64) bool { return v == 1 })
	shows(`alataw_database_connections{state="idle"}`, func(v float64) bool { return v > 0 })
	for partition := range 2 { // the embedded queue has as many at least
		shows(`alataw_kafka_lag_records{group="screening",partition="`+strconv.Itoa(partition)+`"`, func(v float64) bool { return v == 0 })
	}
}
