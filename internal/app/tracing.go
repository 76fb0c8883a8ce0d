package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/fault"
)

// scope names who made the spans.
const scope = "github.com/alataw/alataw"

// tracing keeps spans until a collector has them. Where, how often and how many is OpenTelemetry's own environment to say
// (OTEL_EXPORTER_OTLP_…, OTEL_TRACES_SAMPLER, OTEL_BSP_…): whoever runs a collector knows it.
type tracing struct {
	provider *sdktrace.TracerProvider // nil: nobody wants spans
}

// wantsTraces tells whether a collector is named.
func wantsTraces() bool {
	off := strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_TRACES_EXPORTER") == "none"
	return !off && os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")+os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

func newTracing(ctx context.Context, log *slog.Logger, reg prometheus.Registerer) (*tracing, error) {
	to := &exporter{log: log, spans: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "alataw_spans_total", Help: "Trace spans given to the exporter, by what became of them.",
	}, []string{"result"})}
	to.spans.WithLabelValues("sent")
	to.spans.WithLabelValues("lost")
	if !wantsTraces() {
		return &tracing{}, nil
	}
	var err error
	if to.SpanExporter, err = otlptracehttp.New(ctx); err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	what, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(semconv.ServiceName("alataw"), semconv.ServiceVersion(readBuild().version)), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return &tracing{sdktrace.NewTracerProvider(sdktrace.WithResource(what), sdktrace.WithBatcher(to))}, nil
}

// tracer gives nil when nobody wants spans.
func (t *tracing) tracer() trace.Tracer {
	if t == nil || t.provider == nil {
		return nil
	}
	return t.provider.Tracer(scope)
}

// relaying carries decisions within a span of its own; what they say in the queue leads back to it.
func (h *house) relaying(ctx context.Context, carry func(context.Context) error) error {
	tracer := h.tracing.tracer()
	if tracer == nil {
		return carry(ctx)
	}
	ctx, span := tracer.Start(ctx, "relay decisions")
	defer span.End()
	err := carry(ctx)
	if err != nil {
		span.SetStatus(codes.Error, fault.KindOf(err).String())
	}
	return err
}

// lastSpans is how long a stopping process waits for a collector to take what is left.
const lastSpans = 2 * time.Second

func (t *tracing) close(ctx context.Context) {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lastSpans)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // spans that nobody takes are no reason to fail
}

// exporter counts what a collector takes, and says once when it stops taking and once when it takes again.
type exporter struct {
	sdktrace.SpanExporter
	log      *slog.Logger
	spans    *prometheus.CounterVec
	troubled atomic.Bool
}

// ExportSpans never fails: what the collector does not take is lost, counted and told here.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	result := "sent"
	if err != nil {
		result = "lost"
	}
	e.spans.WithLabelValues(result).Add(float64(len(spans)))
	switch was := e.troubled.Swap(err != nil); {
	case err != nil && !was:
		e.log.WarnContext(ctx, "collector takes no traces", "error", err.Error())
	case err == nil && was:
		e.log.InfoContext(ctx, "collector takes traces again")
	}
	return nil
}

// traced is a log handler that tells a line's trace, so that one leads to the other.
type traced struct{ slog.Handler }

// Handle adds trace_id and span_id to a line that is written within a span.
func (h traced) Handle(ctx context.Context, line slog.Record) error {
	if in := trace.SpanContextFromContext(ctx); in.IsValid() {
		line = line.Clone()
		line.AddAttrs(slog.String("trace_id", in.TraceID().String()), slog.String("span_id", in.SpanID().String()))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs keeps the handler around the new one.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup keeps the handler around the new one.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }

// observe puts a measurement into a histogram, with the trace it was taken in for an example.
func observe(ctx context.Context, into prometheus.Observer, value float64) {
	in := trace.SpanContextFromContext(ctx)
	if exemplars, ok := into.(prometheus.ExemplarObserver); ok && in.IsSampled() {
		exemplars.ObserveWithExemplar(value, prometheus.Labels{"trace_id": in.TraceID().String()})
		return
	}
	into.Observe(value)
}
