package kafka_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

// tracer gives a tracer that keeps what callers keep and nothing else, and what it kept.
func tracer(t testing.TB) (trace.Tracer, *tracetest.SpanRecorder) {
	kept := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(kept), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample())))
	t.Cleanup(func() { require.NoError(t, provider.Shutdown(context.Background())) })
	return provider.Tracer("test"), kept
}

// caller is somebody else's span.
func caller(ctx context.Context, n byte, flags trace.TraceFlags) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: n}, SpanID: trace.SpanID{7: n}, TraceFlags: flags,
	}))
}

// handled runs a stage over all that a topic has and gives the contexts that its handler saw.
func handled(t *testing.T, client *kafka.Client, stage kafka.Stage) (seen []trace.SpanContext) {
	t.Helper()
	var mu sync.Mutex
	stage.Group, stage.Linger = stage.Topic, time.Second
	inner := stage.Handle
	stage.Handle = func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		mu.Lock()
		seen = append(seen, trace.SpanContextFromContext(ctx))
		mu.Unlock()
		if inner != nil {
			return inner(ctx, batch)
		}
		return nil, nil
	}
	stop := run(t, client, stage, newLedger().park)
	caughtUp(t, client, stage.Topic, stage.Group)
	stop()
	return seen
}

// spansOf gives the ended spans of a name.
func spansOf(kept *tracetest.SpanRecorder, name string) (found []sdktrace.ReadOnlySpan) {
	for _, span := range kept.Ended() {
		if span.Name() == name {
			found = append(found, span)
		}
	}
	return found
}

func TestABatchIsLinkedToWhereItsRecordsComeFrom(t *testing.T) {
	t.Parallel()
	client := newEnv(t).client(t)
	name := topic(t, client, 1)
	tracer, kept := tracer(t)
	publish := func(ctx context.Context, ids ...string) {
		t.Helper()
		ctx, span := tracer.Start(ctx, "posting")
		defer span.End()
		var facts []event.Envelope
		for _, id := range ids {
			facts = append(facts, fact(id, id))
		}
		require.NoError(t, client.Topic(name).Publish(ctx, facts))
	}
	publish(t.Context(), "of-nobody")
	publish(caller(t.Context(), 100, 0), "not-kept")
	for n := range byte(40) {
		publish(caller(t.Context(), n+1, trace.FlagsSampled), string('a'+rune(n)), string('A'+rune(n)))
	}
	sends := spansOf(kept, "send "+name)
	require.Len(t, sends, 40, "one for each call that is kept")

	seen := handled(t, client, kafka.Stage{Topic: name, Tracer: tracer})
	batches := spansOf(kept, "process "+name)
	require.Len(t, batches, 1)
	batch := batches[0]
	require.Equal(t, []trace.SpanContext{batch.SpanContext()}, seen, "the handler works within it")
	require.Len(t, batch.Links(), 32)
	for i, link := range batch.Links() {
		require.Equal(t, sends[i].SpanContext().SpanID(), link.SpanContext.SpanID())
		require.Equal(t, trace.TraceID{15: byte(i + 1)}, link.SpanContext.TraceID())
	}
	require.Equal(t, sends[0].SpanContext().SpanID(), batch.Parent().SpanID(), "it goes on with the first")
}

func TestABatchOfWhatNobodyKeepsIsNotKept(t *testing.T) {
	t.Parallel()
	client := newEnv(t).client(t)
	name := topic(t, client, 1)
	tracer, kept := tracer(t)
	require.NoError(t, client.Topic(name).Publish(caller(t.Context(), 7, 0), facts(3, 3)))
	seen := handled(t, client, kafka.Stage{Topic: name, Tracer: tracer})
	require.Equal(t, trace.TraceID{15: 7}, seen[0].TraceID(), "its trace goes on all the same")
	require.False(t, seen[0].IsSampled())
	require.Empty(t, kept.Ended())
}

// Each handing over is a span, the failed ones with a code and without a word of the record.
func TestAFailedBatchSaysSo(t *testing.T) {
	t.Parallel()
	client := newEnv(t).client(t)
	name := topic(t, client, 1)
	tracer, kept := tracer(t)
	require.NoError(t, client.Topic(name).Publish(caller(t.Context(), 7, trace.FlagsSampled), facts(1, 1)))
	handled(t, client, kafka.Stage{Topic: name, Tracer: tracer, Handle: func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
		return nil, fault.New(fault.Invalid, "bad_order", "Jane Doe's order is bad")
	}})
	batches := spansOf(kept, "process "+name)
	require.Len(t, batches, 1)
	require.Equal(t, "bad_order", batches[0].Status().Description)
	require.NotContains(t, fmt.Sprint(batches[0].Attributes(), batches[0].Events(), batches[0].Status()), "Jane")
}

// Without a tracer a stage neither reads nor makes spans.
func TestAStageWithoutATracer(t *testing.T) {
	t.Parallel()
	client := newEnv(t).client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Topic(name).Publish(caller(t.Context(), 7, trace.FlagsSampled), facts(1, 1)))
	require.False(t, handled(t, client, kafka.Stage{Topic: name})[0].IsValid())
}
