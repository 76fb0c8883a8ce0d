package api

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// readRequest reads the small JSON document of a request into a T. It is strict: unknown and doubled members, wrong types and
// anything behind the document are errors with their pointers. Declarations are not read here but by parcel.Read.
func readRequest[T any](d *door, c *gin.Context) (request T, err error) {
	if _, err := mediaType(c.Request, typeJSON); err != nil {
		return request, err
	}
	b, err := d.readBody(c, maxSmallBody, maxSmallBody)
	if err != nil {
		return request, err
	}
	defer b.release()
	return request, decode(b.data, &request)
}

// readNothing refuses a body where none belongs; an empty object is as good as none.
func readNothing(d *door, c *gin.Context) error {
	if c.Request.ContentLength == 0 {
		return nil
	}
	b, err := d.readBody(c, maxSmallBody, maxSmallBody)
	if err != nil {
		return err
	}
	defer b.release()
	if len(bytes.TrimSpace(b.data)) == 0 {
		return nil
	}
	return decode(b.data, new(struct{}))
}

func decode(data []byte, into any) error {
	value := jsontext.Value(bytes.TrimSpace(data))
	if kind := value.Kind(); kind != '{' && value.IsValid() {
		return invalidRequest(fault.Field{Pointer: "", Code: "request.type", Detail: "this must be an object"})
	}
	err := json.Unmarshal(data, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return invalidRequest(fault.Field{Pointer: string(syntax.JSONPointer), Code: "duplicate_field", Detail: "the field is given twice"})
		}
		return malformed(syntax.Err.Error()+" at byte "+strconv.FormatInt(syntax.ByteOffset, 10), err)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return invalidRequest(wrongMember(semantic))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed("it ends too early", err)
	}
	return malformed("it cannot be read", err)
}

func wrongMember(err *json.SemanticError) fault.Field {
	pointer := string(err.JSONPointer)
	if errors.Is(err, json.ErrUnknownName) {
		return fault.Field{Pointer: pointer, Code: "unknown_field", Detail: "there is no such field"}
	}
	if errors.Is(err, screening.ErrPercent) {
		return fault.Field{Pointer: pointer, Code: lastName(err.JSONPointer) + ".range", Detail: screening.ErrPercent.Error()}
	}
	return fault.Field{Pointer: pointer, Code: lastName(err.JSONPointer) + ".type", Detail: "this has the wrong type"}
}

// lastName is the nearest member's name in a pointer, the first word of a code.
func lastName(pointer jsontext.Pointer) string {
	name := "request"
	for token := range pointer.Tokens() {
		if _, err := strconv.Atoi(token); err != nil {
			name = token
		}
	}
	return name
}

func malformed(why string, cause error) error {
	return fault.Wrap(cause, fault.Malformed, "malformed_json", "not a JSON document: %s", why)
}

func invalidRequest(wrong ...fault.Field) error {
	err := fault.Fields(wrong)
	err.Code = "invalid_request"
	return err
}

// form collects what is wrong with a request's members.
type form struct{ wrong []fault.Field }

// refuse notes a wrong member, by its path without the first slash.
func (f *form) refuse(path, rule, detail string) {
	pointer := jsontext.Pointer("/" + path)
	f.wrong = append(f.wrong, fault.Field{Pointer: string(pointer), Code: lastName(pointer) + "." + rule, Detail: detail})
}

// text checks a text of at most most characters; a needed one is not blank.
func (f *form) text(name, value string, needed bool, most int) {
	switch {
	case needed && strings.TrimSpace(value) == "":
		f.refuse(name, "required", "this is needed")
	case utf8.RuneCountInString(value) > most:
		f.refuse(name, "length", "at most "+strconv.Itoa(most)+" characters are taken")
	case strings.ContainsFunc(value, forbidden):
		f.refuse(name, "characters", "control characters are not taken")
	}
}

// forbidden tells characters that no text may have; lines and tabs are for people.
func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// time reads a needed RFC 3339 time.
func (f *form) time(name, value string) time.Time {
	if value == "" {
		f.refuse(name, "required", "this is needed")
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		f.refuse(name, "format", "an RFC 3339 time is needed, e.g. 2026-11-22T08:00:00Z")
	}
	return t.UTC()
}

// err is what is wrong, or nil.
func (f *form) err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return invalidRequest(f.wrong...)
}
