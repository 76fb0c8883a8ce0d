// Package fault names the few ways a thing can fail, so that each door (HTTP, queue, command line) translates a failure once.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of a failure. A door maps kinds, never codes, to its own vocabulary.
type Kind int

// The kinds. Internal is the zero value: an error nobody classified is our own bug.
const (
	Internal        Kind = iota // our bug
	Malformed                   // cannot be read at all
	Invalid                     // can be read, and is wrong
	Unauthenticated             // who are you?
	Forbidden                   // you may not
	NotFound                    // there is no such thing, or not for you
	NotStored                   // accepted, and not stored yet: ask again
	Conflict                    // the thing's state does not allow it
	TooLarge                    // over a limit of size
	Unsupported                 // a media type or encoding we do not speak
	TooFast                     // over the account's rate
	Unavailable                 // a part we need is down or full: try again
)

var kindNames = [...]string{
	"internal", "malformed", "invalid", "unauthenticated", "forbidden", "not_found", "not_stored",
	"conflict", "too_large", "unsupported", "too_fast", "unavailable",
}

// String is the kind's name, bounded and fit for a metric's label.
func (k Kind) String() string { return kindNames[k] }

// Field is one wrong field of a document: an RFC 6901 JSON pointer, a stable code, and a sentence for a person.
type Field struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
	Rule    string `json:"rule,omitempty"`   // of a rule set: the rule,
	Line    int    `json:"line,omitempty"`   // and the place in the text at the pointer, from 1
	Column  int    `json:"column,omitempty"` // in characters, from 1
}

// Error is a classified failure. Code is stable and public (docs/problems.md); Detail is a sentence the caller may read.
type Error struct {
	Kind       Kind
	Code       string
	Detail     string
	Fields     []Field
	RetryAfter time.Duration // for TooFast, NotStored and Unavailable
	Cause      error         // for the log only; a caller never sees it
}

// Error joins code, detail and cause for a log line.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Cause)
	}
	return e.Code + ": " + e.Detail
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes a classified error.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Wrap makes a classified error that keeps its cause for the log.
func Wrap(cause error, kind Kind, code, format string, args ...any) *Error {
	e := New(kind, code, format, args...)
	e.Cause = cause
	return e
}

// Fields makes the error of a document with wrong fields: well-formed, but wrong.
func Fields(fields []Field) *Error {
	e := New(Invalid, "invalid_declaration", "%d field(s) break a rule; see errors", len(fields))
	e.Fields = fields
	return e
}

// KindOf classifies any error; one that nobody classified is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Describe gives a failure's code and a sentence about it, wrong fields included, for people who look into parked records.
func Describe(err error) (code, detail string) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return "internal", err.Error()
	}
	detail = e.Detail
	for _, f := range e.Fields {
		detail += fmt.Sprintf("; %s %s", f.Pointer, f.Code)
	}
	return e.Code, detail
}
