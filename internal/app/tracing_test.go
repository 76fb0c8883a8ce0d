package app

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/alataw/alataw/internal/account"
)

// spans is what a collector has been given.
type spans struct {
	mu  sync.Mutex
	all []*otlp.Span
}

// collect runs a collector of OTLP over HTTP and gives its address to the service that is started next.
func collect(t *testing.T) *spans {
	t.Helper()
	s := &spans{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, resource := range sent.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				s.all = append(s.all, scope.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	return s
}

func (s *spans) seen() []*otlp.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// find waits for a span with this name below parent; a parent of nil stands for any.
func (s *spans) find(t *testing.T, name string, parent *otlp.Span) (found *otlp.Span) {
	t.Helper()
	eventually(t, "a span "+name, func() bool {
		for _, span := range s.seen() {
			if span.GetName() == name && (parent == nil || bytes.Equal(span.GetParentSpanId(), parent.GetSpanId())) {
				found = span
			}
		}
		return found != nil
	})
	if parent != nil {
		require.Equal(t, parent.GetTraceId(), found.GetTraceId(), name)
	}
	return found
}

// above waits for the span that another was made in, which has this name.
func (s *spans) above(t *testing.T, span *otlp.Span, name string) (found *otlp.Span) {
	t.Helper()
	eventually(t, "the span around "+span.GetName(), func() bool {
		for _, other := range s.seen() {
			if bytes.Equal(other.GetSpanId(), span.GetParentSpanId()) {
				found = other
			}
		}
		return found != nil
	})
	require.Equal(t, name, found.GetName())
	require.Equal(t, span.GetTraceId(), found.GetTraceId(), name)
	return found
}

// send posts an order as a caller who is in the midst of a trace of his own.
func (r *running) send(order []byte, traceparent string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+"/v1/parcels", bytes.NewReader(order))
	require.NoError(r.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+r.keys[account.Platform])
	request.Header.Set("X-Request-Id", "my-request")
	request.Header.Set("traceparent", traceparent)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer answer.Body.Close()
	require.Equal(r.t, http.StatusAccepted, answer.StatusCode)
}

// topic is a topic's whole name.
func (r *running) topic(name string) string { return r.cfg.Kafka.Prefix + name }

const openMetrics = "application/openmetrics-text; version=1.0.0"

// exemplified tells whether a histogram shows a trace as an example.
func (r *running) exemplified(histogram, trace string) bool {
	for line := range strings.Lines(r.scrape(openMetrics)) {
		if strings.HasPrefix(line, histogram+"_bucket") && strings.Contains(line, `# {trace_id="`+trace) {
			return true
		}
	}
	return false
}

// One trace leads from the order's POST through the queue to the stored verdict; the decision's takes it from the relay to the unit.
func TestOneTraceFromTheOrderToItsVerdict(t *testing.T) {
	got := collect(t)
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--log-level", "info").settings(t))
	r.plan("TEST-1", time.Hour)
	r.post(order("1"), order("2"))
	posted := got.find(t, "POST /v1/parcels/batch", nil)
	require.Empty(t, posted.GetParentSpanId())
	sent := got.find(t, "send "+r.topic(topicDeclared), posted)
	require.Equal(t, otlp.Span_SPAN_KIND_PRODUCER, sent.GetKind())
	handled := got.find(t, "process "+r.topic(topicDeclared), sent)
	require.Equal(t, otlp.Span_SPAN_KIND_CONSUMER, handled.GetKind())
	require.Len(t, handled.GetLinks(), 1, "both orders are of one posting")
	require.Equal(t, sent.GetSpanId(), handled.GetLinks()[0].GetSpanId())
	recorded := got.find(t, "record verdicts", handled)
	got.find(t, "COMMIT", recorded)

	// Two orders may be two decisions, relayed and bundled apart or together: one that was bundled leads back to its relay.
	bundled := got.above(t, got.find(t, "load on route CN-EU", nil), "process "+r.topic(topicDecided))
	decided := got.above(t, bundled, "send "+r.topic(topicDecided))
	got.above(t, decided, "relay decisions")

	trace := hex.EncodeToString(posted.GetTraceId())
	eventually(t, "its line in the log", func() bool { return strings.Contains(r.logs.String(), `"trace_id":"`+trace) })
	eventually(t, "examples", func() bool {
		return r.exemplified("alataw_http_request_duration_seconds", trace) && r.exemplified("alataw_verdict_delay_seconds", trace)
	})
	require.NotContains(t, r.scrape("text/plain"), "trace_id", "the plain format has no room for them")
	eventually(t, "counted", func() bool { sent, _ := r.gauge(`alataw_spans_total{result="sent"}`); return sent > 0 })
	for _, span := range got.seen() {
		said := fmt.Sprint(span.GetName(), span.GetAttributes(), span.GetEvents(), span.GetStatus()) // not its ids: random bytes say anything
		require.NotRegexp(t, `Person|Hauptstr|\+4930|T1\b|LED|Huaxin`, said, "nothing personal")
	}
}

// With a ratio of zero only those traces are kept that callers keep, from end to end.
func TestACallersTraceGoesOn(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0")
	got := collect(t)
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--log-level", "info").settings(t))
	const kept = "4bf92f3577b34da6a3ce929d0e0e4736"
	r.send(order("1"), "00-"+strings.Repeat("a", 32)+"-00f067aa0ba902b7-00") // the caller does not keep this one
	r.send(order("2"), "nonsense")
	r.send(order("3"), "00-"+kept+"-00f067aa0ba902b7-01")
	recorded := got.find(t, "record verdicts", got.find(t, "process "+r.topic(topicDeclared), nil))
	require.Equal(t, kept, hex.EncodeToString(recorded.GetTraceId()))
	for _, span := range got.seen() {
		require.Equal(t, kept, hex.EncodeToString(span.GetTraceId()), span.GetName())
	}
	require.Regexp(t, `"request_id":"my-request".*"trace_id":"`+kept, r.logs.String())
}

func TestNoTracesUnlessACollectorIsNamed(t *testing.T) {
	got := collect(t)
	t.Setenv("OTEL_SDK_DISABLED", "true")
	r := start(t, scratch(t, "--screening-random-basis-points", "0", "--log-level", "info").settings(t))
	r.send(order("1"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	eventually(t, "screened", func() bool { n, _ := r.gauge("alataw_verdict_delay_seconds_count"); return n == 1 })
	require.NotContains(t, r.scrape(openMetrics), "trace_id")
	require.NoError(t, r.stop())
	require.NotContains(t, r.logs.String(), "trace_id")
	require.Empty(t, got.seen())
}

// A collector that takes connections and never answers costs spans, not orders.
func TestADeadCollectorSlowsNobody(t *testing.T) {
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, hole.Close()) })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+hole.Addr().String())
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "500")
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
	r := start(t, scratch(t, "--screening-random-basis-points", "0").settings(t))
	began := time.Now()
	for n := range 100 {
		r.send(order(string(rune('A'+n%26))+strings.Repeat("0", n/26)), "")
	}
	require.Less(t, time.Since(began), 20*time.Second, "a hundred orders, which the collector would hold for half a second each")
	eventually(t, "screened", func() bool { n, _ := r.gauge("alataw_verdict_delay_seconds_count"); return n == 100 })
	eventually(t, "told", func() bool { return strings.Contains(r.logs.String(), "collector takes no traces") })
	eventually(t, "counted", func() bool { lost, _ := r.gauge(`alataw_spans_total{result="lost"}`); return lost > 0 })
	began = time.Now()
	require.NoError(t, r.stop())
	require.Less(t, time.Since(began), 20*time.Second)
}
