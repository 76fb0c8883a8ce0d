package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/alataw/alataw/internal/fault"
)

const scope = "github.com/alataw/alataw/internal/postgres"

// begin starts a span within the one of ctx if that is kept; otherwise it costs next to nothing. The database starts no trace of
// its own.
func begin(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	around := trace.SpanFromContext(ctx)
	if !around.IsRecording() {
		return ctx, noop.Span{}
	}
	return around.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithSpanKind(kind),
		trace.WithAttributes(semconv.DBSystemNamePostgreSQL), trace.WithAttributes(attrs...))
}

// end ends a span. The database's words may quote a row, so of an error only its code is kept.
func end(span trace.Span, err error) {
	if err != nil && span.IsRecording() {
		span.SetAttributes(semconv.ErrorTypeKey.String(codeOf(err)))
		span.SetStatus(codes.Error, codeOf(err))
	}
	span.End()
}

// codeOf names an error: the SQLSTATE, the code of a fault, or only that it is another.
func codeOf(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code
	}
	return semconv.ErrorTypeOther.Value.AsString()
}

// statements makes a span of each statement, batch and copy within a span that is kept. Their arguments are not in it: they are
// what people declared.
type statements struct{}

// started is where the span of a statement waits in the context for its end.
type started struct{}

func startStatement(ctx context.Context, name string, attrs ...attribute.KeyValue) context.Context {
	ctx, span := begin(ctx, name, trace.SpanKindClient, attrs...)
	if !span.IsRecording() {
		return ctx
	}
	return context.WithValue(ctx, started{}, span)
}

func endStatement(ctx context.Context, err error) {
	if span, ok := ctx.Value(started{}).(trace.Span); ok {
		end(span, err)
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	text := strings.Join(strings.Fields(data.SQL), " ")
	verb, _, _ := strings.Cut(text, " ")
	return startStatement(ctx, strings.ToUpper(verb), semconv.DBQueryText(text))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	endStatement(ctx, data.Err)
}

// TraceBatchStart implements pgx.BatchTracer.
func (statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return startStatement(ctx, "BATCH", semconv.DBOperationBatchSize(data.Batch.Len()))
}

// TraceBatchQuery implements pgx.BatchTracer: one span for the batch is enough.
func (statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (statements) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	endStatement(ctx, data.Err)
}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (statements) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	table := strings.Join(data.TableName, ".")
	return startStatement(ctx, "COPY "+table, semconv.DBCollectionName(table))
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (statements) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	endStatement(ctx, data.Err)
}
