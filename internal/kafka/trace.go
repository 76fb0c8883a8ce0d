package kafka

import (
	"bytes"
	"context"
	"strconv"

	"github.com/segmentio/kafka-go"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/event"
)

// Traces follow OpenTelemetry's conventions for messaging. One span for each publish call and each handled batch, never one for
// a record (docs/adr/0015).

const (
	scope = "github.com/alataw/alataw/internal/kafka"
	// mostLinks bounds what a batch says about where its records come from.
	mostLinks   = 32
	traceparent = "traceparent"
)

// beginSend starts the span of a publish call within the one of ctx, if that is kept.
func (p *Producer) beginSend(ctx context.Context, records int) (context.Context, trace.Span) {
	around := trace.SpanFromContext(ctx)
	if !around.IsRecording() {
		return ctx, nil
	}
	return around.TracerProvider().Tracer(scope).Start(ctx, "send "+p.topic, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		semconv.MessagingSystemKafka, semconv.MessagingOperationTypeSend, semconv.MessagingOperationName("send"),
		semconv.MessagingDestinationName(p.topic), semconv.MessagingBatchMessageCount(records)))
}

// beginBatch starts the span of a batch. It goes on with the trace of the first record whose trace is kept, and is linked to
// all of them; so a batch is kept when any of its records is.
func (p *partition) beginBatch(ctx context.Context, batch []Record) (context.Context, trace.Span) {
	if p.stage.Tracer == nil {
		return ctx, nil
	}
	parent, links := origins(ctx, batch)
	return p.stage.Tracer.Start(trace.ContextWithRemoteSpanContext(ctx, parent), "process "+p.stage.Topic,
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...), trace.WithAttributes(
			semconv.MessagingSystemKafka, semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process"),
			semconv.MessagingDestinationName(p.stage.Topic), semconv.MessagingDestinationPartitionID(strconv.Itoa(p.number)),
			semconv.MessagingConsumerGroupName(p.stage.Group), semconv.MessagingBatchMessageCount(len(batch)),
			semconv.MessagingKafkaOffset(int(batch[0].Offset))))
}

// endSpan ends a span, which may be nil. An error's text may quote a record, so only its code is kept.
func endSpan(span trace.Span, err error) {
	if span == nil {
		return
	}
	if err != nil {
		span.SetAttributes(semconv.ErrorTypeKey.String(codeOf(err)))
		span.SetStatus(codes.Error, codeOf(err))
	}
	span.End()
}

// origins gives where a batch's records come from: the distinct spans that are kept, up to mostLinks, and the first of them. When
// none is kept, it is the first that is named at all. Records of one posting bear the same bytes and mostly follow one another.
func origins(ctx context.Context, batch []Record) (parent trace.SpanContext, links []trace.Link) {
	var last []byte
	for i := range batch {
		carried := carriedBy(batch[i].Headers)
		if carried == nil || bytes.Equal(carried, last) {
			continue
		}
		last = carried
		if parent.IsValid() && !sampled(carried) {
			continue
		}
		from := originOf(ctx, batch[i])
		switch {
		case !from.IsValid():
		case !from.IsSampled():
			parent = from
		case !linked(links, from):
			if links = append(links, trace.Link{SpanContext: from}); len(links) == 1 {
				parent = from
			}
			if len(links) == mostLinks {
				return parent, links
			}
		}
	}
	return parent, links
}

func linked(links []trace.Link, to trace.SpanContext) bool {
	for _, link := range links {
		if link.SpanContext.SpanID() == to.SpanID() && link.SpanContext.TraceID() == to.TraceID() {
			return true
		}
	}
	return false
}

// carriedBy gives the value of the header traceparent, nil for none. It stands last.
func carriedBy(all []event.Header) []byte {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Key == traceparent {
			return all[i].Value
		}
	}
	return nil
}

// sampled reads the last bit of a traceparent without the rest. Its flags are 00 to 03 (W3C Trace Context, version 00).
func sampled(carried []byte) bool { return len(carried) > 0 && carried[len(carried)-1]&1 == 1 }

// originOf gives the span that a record was published in; not a valid one when it names none.
func originOf(ctx context.Context, r Record) trace.SpanContext {
	from := trace.SpanContextFromContext(within(ctx, r))
	if !from.IsRemote() {
		return trace.SpanContext{}
	}
	return from
}

// within gives a context whose log lines bear the trace that a record comes from.
func within(ctx context.Context, r Record) context.Context {
	return propagation.TraceContext{}.Extract(ctx, carrier(r.Headers))
}

// carrier is a record's headers as propagation reads them.
type carrier []event.Header

// Get gives a header's value.
func (c carrier) Get(key string) string {
	for _, h := range c {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// Set does nothing: traceHeaders writes.
func (carrier) Set(string, string) {}

// Keys names none: nobody asks.
func (carrier) Keys() []string { return nil }

// traceHeaders gives the headers that carry the span of ctx; none when there is none.
func traceHeaders(ctx context.Context) []kafka.Header {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return nil
	}
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carried)
	headers := make([]kafka.Header, 0, len(carried))
	if state := carried["tracestate"]; state != "" {
		headers = append(headers, kafka.Header{Key: "tracestate", Value: []byte(state)})
	}
	return append(headers, kafka.Header{Key: traceparent, Value: []byte(carried[traceparent])})
}
