package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// trace starts the span of a request, within the caller's where it sends one (W3C Trace Context), and puts it into the request's
// context. A path or a query may hold a tracking number, so the span has only the route's template.
func (d *door) trace(c *gin.Context, v *visit) trace.Span {
	if d.deps.Tracer == nil || isProbe(c) {
		return noop.Span{}
	}
	method := boundedMethod(c.Request.Method)
	ctx := propagation.TraceContext{}.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	ctx, span := d.deps.Tracer.Start(ctx, method+" "+routeOf(c), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(method), semconv.HTTPRoute(routeOf(c)), attribute.String("alataw.request_id", v.id)))
	c.Request = c.Request.WithContext(ctx)
	return span
}

// endTrace says how a request ended.
func endTrace(span trace.Span, v *visit, status int) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	if v.account.ID != 0 {
		span.SetAttributes(attribute.Int("alataw.account", int(v.account.ID)))
	}
	if v.accepted+v.refused > 0 {
		span.SetAttributes(attribute.Int("alataw.accepted", v.accepted), attribute.Int("alataw.refused", v.refused))
	}
	if v.code != "" {
		span.SetAttributes(semconv.ErrorTypeKey.String(v.code))
	}
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, v.code)
	}
	span.End()
}

// exemplify puts a measurement into a histogram, with the trace it was taken in for an example.
func exemplify(into prometheus.Observer, value float64, in trace.SpanContext) {
	if exemplars, ok := into.(prometheus.ExemplarObserver); ok && in.IsSampled() {
		exemplars.ObserveWithExemplar(value, prometheus.Labels{"trace_id": in.TraceID().String()})
		return
	}
	into.Observe(value)
}
