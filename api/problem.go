package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"github.com/alataw/alataw/internal/fault"
)

// Problem is an error as a client sees it (RFC 9457).
type Problem struct {
	Type     string       `json:"type" example:"/problems/invalid_declaration"` // the path where the problem is documented
	Title    string       `json:"title" example:"The declaration breaks a rule"`
	Status   int          `json:"status" example:"422"`
	Detail   string       `json:"detail" example:"1 field(s) break a rule; see errors"`
	Instance string       `json:"instance" example:"01K9Q3V7W2T5"` // the request's id, as in X-Request-Id and the log
	Errors   []FieldError `json:"errors,omitempty"`
} //	@name	Problem

// FieldError is one wrong field.
type FieldError struct {
	Pointer string `json:"pointer" example:"/items/0/hs_code"` // RFC 6901 JSON pointer into the request; of a query, the parameter's name
	Code    string `json:"code" example:"hs_code.length"`      // stable
	Detail  string `json:"detail" example:"an HS code has 4, 6, 8 or 10 digits"`
	Rule    string `json:"rule,omitempty"`  // of a rule set: the rule,
	Line    int    `json:"line,omitzero"`   // and the place in the text at the pointer, from 1
	Column  int    `json:"column,omitzero"` // in characters, from 1
} //	@name	FieldError

const problemType = "application/problem+json"

// kindStatus is how the door says each kind of fault.
var kindStatus = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Malformed:       http.StatusBadRequest,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.NotStored:       http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.TooFast:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// statusClientGone is what is logged when a client left before its answer. It has no number in HTTP; this is nginx's.
const statusClientGone = 499

// statusError is a failure that only HTTP knows: no kind of fault describes it.
type statusError struct {
	status int
	fault  *fault.Error
}

func (e statusError) Error() string { return e.fault.Error() }
func (e statusError) Unwrap() error { return e.fault }

func noRoute(*gin.Context) (any, error) {
	return nil, fault.New(fault.NotFound, "not_found", "there is nothing at this path; /docs/ shows what there is")
}

func noMethod(*gin.Context) (any, error) {
	return nil, statusError{http.StatusMethodNotAllowed, fault.New(fault.Unsupported, "method_not_allowed", "this path takes only the methods in Allow")}
}

// classified gives what a client may know of an error, and the status to say it with.
func classified(ctx context.Context, err error) (int, *fault.Error) {
	if h, ok := errors.AsType[statusError](err); ok {
		return h.status, h.fault
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return statusClientGone, fault.New(fault.Unavailable, "client_gone", "the client left before the answer")
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		return kindStatus[f.Kind], f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, fault.New(fault.Unavailable, "timeout", "the answer took too long; try again")
	}
	return http.StatusInternalServerError, fault.New(fault.Internal, "internal", "this is our mistake; the request's id finds it in our log")
}

// refuse answers with a problem. The error itself goes to the log.
func (d *door) refuse(c *gin.Context, err error) {
	v := visitOf(c)
	v.err = err
	status, f := classified(c.Request.Context(), err)
	v.code = f.Code
	if c.Writer.Written() {
		return // too late to say it
	}
	p := Problem{Type: "/problems/" + f.Code, Title: titleOf(f), Status: status, Detail: f.Detail, Instance: v.id, Errors: fieldErrors(f.Fields)}
	data, err := json.Marshal(p, answerOptions)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	leaveBody(c)
	setRefusalHeaders(c.Writer.Header(), status, f)
	c.Data(status, problemType, data)
}

// setRefusalHeaders sets what RFC 9110 wants beside some statuses.
func setRefusalHeaders(h http.Header, status int, f *fault.Error) {
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	switch {
	case status == http.StatusUnauthorized && f.Code == codeMissingKey:
		h.Set("WWW-Authenticate", `Bearer realm="alataw"`)
	case status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="alataw", error="invalid_token"`)
	case f.Code == codeEncoding:
		h.Set("Accept-Encoding", acceptedEncodings)
	case f.Kind == fault.TooFast, f.Kind == fault.Unavailable, f.Kind == fault.NotStored:
		h.Set("Retry-After", retryAfter(f.RetryAfter))
	}
}

// retryAfter prints whole seconds, rounded up, at least 1.
func retryAfter(d time.Duration) string {
	return strconv.FormatInt(max(1, int64(math.Ceil(d.Seconds()))), 10)
}

func fieldErrors(fields []fault.Field) []FieldError {
	out := make([]FieldError, len(fields))
	for i, f := range fields {
		out[i] = FieldError(f)
	}
	return out
}
