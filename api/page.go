package api

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

const (
	defaultLimit = 100
	mostOnPage   = 500
	longestWait  = 30 // seconds
	cursorSum    = 9  // bytes of checksum in a cursor
	cursorCap    = 200
)

// Page is one page of a list. next_cursor is null behind the last page of a list; a feed always gives one.
type Page[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" example:"c9m1Yb0"`
}

// query reads a request's query parameters, and notes all that is wrong with them.
type query struct {
	values url.Values
	form
}

// readQuery reads a query that may have the given parameters, each once. An empty one is as good as none.
func readQuery(u *url.URL, allowed ...string) *query {
	values, err := url.ParseQuery(u.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.refuse("query", "format", "this is no query string")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch given := values[name]; {
		case !slices.Contains(allowed, name):
			q.wrong = append(q.wrong, fault.Field{Pointer: "/" + name, Code: "unknown_parameter", Detail: "there is no such parameter here"})
		case len(given) > 1:
			q.wrong = append(q.wrong, fault.Field{Pointer: "/" + name, Code: "duplicate_parameter", Detail: "the parameter is given twice"})
		case !storable(given[0]):
			q.refuse(name, "characters", "this must be UTF-8 without a NUL")
		}
	}
	return q
}

// storable tells a text that a database can compare.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func (q *query) get(name string) string { return q.values.Get(name) }

// one reads a parameter that is one of a few words, or absent.
func one[T ~string](q *query, name string, words []T) T {
	value := T(q.get(name))
	if value != "" && !slices.Contains(words, value) {
		q.refuse(name, "unknown", "this is one of "+strings.Trim(fmt.Sprint(words), "[]"))
	}
	return value
}

// flag reads true, false, or absent.
func (q *query) flag(name string) bool {
	switch q.get(name) {
	case "", "false":
		return false
	case "true":
		return true
	}
	q.refuse(name, "unknown", "this is true or false")
	return false
}

// whole reads a whole number within bounds.
func (q *query) whole(name string, least, most, absent int) int {
	text := q.get(name)
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || text[0] == '+' {
		q.refuse(name, "range", fmt.Sprintf("this is a whole number from %d to %d", least, most))
	}
	return n
}

func (q *query) limit() int { return q.whole("limit", 1, mostOnPage, defaultLimit) }

func (q *query) wait() time.Duration {
	return time.Duration(q.whole("wait", 0, longestWait, 0)) * time.Second
}

// err is all that is wrong with the query. A wrong query cannot be read: 400.
func (q *query) err() error {
	if len(q.wrong) == 0 {
		return nil
	}
	err := fault.New(fault.Malformed, "invalid_query", "%d parameter(s) are wrong; see errors", len(q.wrong))
	err.Fields = q.wrong
	return err
}

// list is what a cursor belongs to: one list, seen by one account through one set of filters.
type list struct {
	name    string
	account account.ID
	filters []string
}

// listOf names the list a query asks for. Every parameter but limit, cursor and wait is a filter.
func listOf(name string, who account.ID, q *query) list {
	l := list{name: name, account: who}
	for _, parameter := range slices.Sorted(maps.Keys(q.values)) {
		switch parameter {
		case "limit", "cursor", "wait":
		default:
			if value := q.get(parameter); value != "" {
				l.filters = append(l.filters, parameter, value)
			}
		}
	}
	return l
}

// cursor prints a place in the list so that nobody mistakes it for anything but a token: its checksum binds it to the list.
// It guards against mistakes, not against forgery: whoever asks sees only what is theirs, whatever the cursor says.
func (l list) cursor(place string) string {
	return base64.RawURLEncoding.EncodeToString(append(l.sum(place), place...))
}

// place reads a cursor back; one that was not issued for this list is an error.
func (l list) place(cursor string) (string, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(cursor) > cursorCap || len(raw) <= cursorSum {
		return "", unknownCursor()
	}
	place := string(raw[cursorSum:])
	if l.cursor(place) != cursor {
		return "", unknownCursor()
	}
	return place, nil
}

func (l list) sum(place string) []byte {
	h := sha256.New()
	for _, part := range append([]string{"alataw.cursor.v1", l.name, strconv.Itoa(int(l.account)), place}, l.filters...) {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)[:cursorSum]
}

func unknownCursor() error {
	return fault.New(fault.Malformed, "invalid_cursor", "this cursor was not issued for this list; start again without one")
}
