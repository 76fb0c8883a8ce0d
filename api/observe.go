package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// visit is what is known of a request while it is served: one log line in the end.
type visit struct {
	id       string // the request's
	began    time.Time
	account  account.Account
	accepted int // parcels
	refused  int // parcels
	code     string
	err      error
	bodyRead bool // to its end
}

const (
	visitKey     = "visit"
	headerID     = "X-Request-Id"
	longestID    = 128
	unknownRoute = "unmatched"
)

func visitOf(c *gin.Context) *visit { return c.MustGet(visitKey).(*visit) }

// observe surrounds every request: its id, its log line, its metrics, and what happens when a handler panics.
func (d *door) observe(c *gin.Context) {
	v := &visit{id: requestID(c.Request), began: d.deps.Now()}
	c.Set(visitKey, v)
	setSafeHeaders(c.Writer.Header(), v.id)
	span := d.trace(c, v)
	d.watched.inFlight.Inc()
	defer func() {
		aborted := d.recovered(c, recover())
		d.watched.inFlight.Dec()
		d.leave(c, v, span)
		if aborted {
			panic(http.ErrAbortHandler) // the server cuts the connection
		}
	}()
	c.Next()
}

// recovered answers for a handler that panicked. It tells whether the connection must be cut.
func (d *door) recovered(c *gin.Context, cause any) (abort bool) {
	switch cause {
	case nil:
		return false
	case http.ErrAbortHandler:
		return true
	}
	d.deps.Log.ErrorContext(c.Request.Context(), "handler panicked",
		"request_id", visitOf(c).id, "route", routeOf(c), "panic", cause, "stack", string(debug.Stack()))
	written := c.Writer.Written()
	d.refuse(c, fault.New(fault.Internal, "internal", "handler panicked"))
	return written // half an answer must not look whole
}

func setSafeHeaders(h http.Header, id string) {
	h.Set(headerID, id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// requestID takes the client's id where it is short and visible ASCII, else makes one.
func requestID(r *http.Request) string {
	id := r.Header.Get(headerID)
	visible := !strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' })
	if id == "" || len(id) > longestID || !visible {
		return rand.Text()
	}
	return id
}

func routeOf(c *gin.Context) string {
	if route := c.FullPath(); route != "" {
		return route
	}
	return unknownRoute
}

// leave counts the request and writes its line.
func (d *door) leave(c *gin.Context, v *visit, span trace.Span) {
	status, took := c.Writer.Status(), d.deps.Now().Sub(v.began)
	if errors.Is(v.err, context.Canceled) && c.Request.Context().Err() != nil {
		status = statusClientGone
	}
	d.watched.observe(routeOf(c), c.Request.Method, status, took, v, span.SpanContext())
	endTrace(span, v, status)
	line := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", routeOf(c)), slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int("bytes", max(0, c.Writer.Size())),
		slog.String("request_id", v.id),
	}
	if v.account.ID != 0 {
		line = append(line, slog.Int("account", int(v.account.ID)))
	}
	if v.accepted+v.refused > 0 {
		line = append(line, slog.Int("accepted", v.accepted), slog.Int("refused", v.refused))
	}
	if v.code != "" {
		line = append(line, slog.String("problem", v.code))
	}
	if v.err != nil && status >= http.StatusInternalServerError {
		line = append(line, slog.String("error", v.err.Error())) // a client's own errors may hold its texts
	}
	d.deps.Log.LogAttrs(c.Request.Context(), levelOf(c, status), "request", line...)
}

// levelOf keeps the probes of a machine out of the log.
func levelOf(c *gin.Context, status int) slog.Level {
	switch {
	case status == http.StatusInternalServerError:
		return slog.LevelError
	case status > http.StatusInternalServerError:
		return slog.LevelWarn
	}
	if isProbe(c) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// isProbe tells of what a machine asks every few seconds.
func isProbe(c *gin.Context) bool {
	switch c.FullPath() {
	case "/healthz", "/readyz", "/metrics":
		return true
	}
	return false
}
