package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// errNotJSON tells that a text is not JSON where JSON is due.
var errNotJSON = errors.New("not JSON")

// maxDepth is how deep values may nest before they are taken for an attack on the stack.
const maxDepth = 64

// scanner walks JSON text without building values: answers and receipts hold a few members the client needs among many it does not.
// It checks the structure, not the spelling of numbers.
type scanner struct {
	data []byte
	at   int
}

// peek gives the next byte that is no blank, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.data) {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take moves past c if it is the next byte.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) wrong() error { return fmt.Errorf("%w at byte %d", errNotJSON, s.at) }

// object walks an object. member is called with each name and must read exactly one value.
func (s *scanner) object(member func(name []byte) error) error {
	if !s.take('{') {
		return s.wrong()
	}
	if s.take('}') {
		return nil
	}
	for {
		name, err := s.raw()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.wrong()
		}
		if err := member(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.wrong()
		}
	}
}

// array walks an array. element must read exactly one value.
func (s *scanner) array(element func() error) error {
	if !s.take('[') {
		return s.wrong()
	}
	if s.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.wrong()
		}
	}
}

// raw reads a string and gives what stands between its quotes, escapes unresolved.
func (s *scanner) raw() ([]byte, error) {
	if !s.take('"') {
		return nil, s.wrong()
	}
	for start := s.at; ; {
		end := bytes.IndexByte(s.data[s.at:], '"')
		if end < 0 {
			s.at = len(s.data)
			return nil, s.wrong()
		}
		s.at += end + 1
		if !escaped(s.data[start : s.at-1]) {
			return s.data[start : s.at-1], nil
		}
	}
}

// escaped tells whether what follows text is escaped: an odd number of backslashes stands at its end.
func escaped(text []byte) bool {
	i := len(text)
	for i > 0 && text[i-1] == '\\' {
		i--
	}
	return (len(text)-i)%2 == 1
}

// text reads a string. The bytes are a part of the scanned text where no escape had to be resolved. null reads as nothing.
func (s *scanner) text() ([]byte, error) {
	if s.peek() == 'n' {
		return nil, s.word()
	}
	raw, err := s.raw()
	if err != nil || bytes.IndexByte(raw, '\\') < 0 {
		return raw, err
	}
	var decoded string
	if err := json.Unmarshal(s.data[s.at-len(raw)-2:s.at], &decoded); err != nil {
		return nil, s.wrong()
	}
	return []byte(decoded), nil
}

// whole reads a whole number.
func (s *scanner) whole() (int, error) {
	negative := s.take('-')
	s.peek()
	n, start := 0, s.at
	for s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '9' && s.at-start < 18 {
		n = n*10 + int(s.data[s.at]-'0')
		s.at++
	}
	if s.at == start {
		return 0, s.wrong()
	}
	if negative {
		n = -n
	}
	return n, nil
}

// word passes a number, true, false or null.
func (s *scanner) word() error {
	start := s.at
	for s.at < len(s.data) && isWord[s.data[s.at]] {
		s.at++
	}
	if s.at == start {
		return s.wrong()
	}
	return nil
}

var isWord = func() (table [256]bool) {
	for _, c := range "+-.0123456789eEaflnrstu" {
		table[c] = true
	}
	return table
}()

// skip passes one value of any kind.
func (s *scanner) skip() error { return s.skipBelow(maxDepth) }

func (s *scanner) skipBelow(depth int) error {
	if depth == 0 {
		return fmt.Errorf("%w: nested too deep", s.wrong())
	}
	switch s.peek() {
	case '{':
		return s.object(func([]byte) error { return s.skipBelow(depth - 1) })
	case '[':
		return s.array(func() error { return s.skipBelow(depth - 1) })
	case '"':
		_, err := s.raw()
		return err
	default:
		return s.word()
	}
}

// wholeObject tells whether text is one JSON object with nothing behind it.
func wholeObject(text []byte) bool {
	s := scanner{data: text}
	return s.peek() == '{' && s.skip() == nil && s.peek() == 0 && s.at == len(text)
}
