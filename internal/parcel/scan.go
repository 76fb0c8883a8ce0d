package parcel

import (
	"errors"
	"strconv"
	"strings"
)

// maxDepth is how deep objects and arrays may stand in one another, as deep as encoding/json/v2 takes them.
const maxDepth = 10_000

// scanner is a cursor over a JSON text (RFC 8259). After a failure it stands at the text's end, where every reading ends by itself:
// so a walk need not ask after each step whether it failed.
type scanner struct {
	text    string
	at      int
	err     error // the first failure, nil while there is none
	control bool  // a string may have a control character
}

var errTooEarly = errors.New("it ends too early")

// fail ends the scan where the cursor stands, because something else should stand there.
func (s *scanner) fail(want string) {
	if s.err != nil {
		return
	}
	s.err = errTooEarly
	if s.at < len(s.text) {
		s.err = errors.New("expected " + want + " at byte " + strconv.Itoa(s.at))
	}
	s.at = len(s.text)
}

// peek gives the byte that the next token begins with, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// take steps over the next token's first byte if it is c.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.at == len(s.text) {
		return false
	}
	s.at++
	return true
}

// first tells, behind an opening bracket, whether something stands before the closing one.
func (s *scanner) first(closing byte) bool { return !s.take(closing) && s.err == nil }

// more tells, behind a member or an element, whether another follows, and steps over the comma or the closing bracket.
func (s *scanner) more(closing byte) bool {
	switch c := s.peek(); {
	case c == ',':
		s.at++
		return true
	case c == closing && s.at < len(s.text):
		s.at++
	default:
		s.fail("a comma or " + strconv.Quote(string(closing)))
	}
	return false
}

// memberName reads a member's name and the colon behind it.
func (s *scanner) memberName() string {
	if s.peek() != '"' {
		s.fail("a member's name")
		return ""
	}
	name := s.string()
	if !s.take(':') {
		s.fail("a colon")
	}
	return name
}

// takeText steps over a text if it stands at the cursor.
func (s *scanner) takeText(text string) bool {
	end := s.at + len(text)
	if end > len(s.text) || s.text[s.at:end] != text {
		return false
	}
	s.at = end
	return true
}

// literal steps over null, true or false.
func (s *scanner) literal(word string) {
	if !strings.HasPrefix(s.text[s.at:], word) {
		if strings.HasPrefix(word, s.text[s.at:]) {
			s.at = len(s.text)
		}
		s.fail("a value")
		return
	}
	s.at += len(word)
}

// number reads a number as it stands.
func (s *scanner) number() string {
	from := s.at
	if s.text[s.at] == '-' {
		s.at++
	}
	if s.at < len(s.text) && s.text[s.at] == '0' {
		s.at++
	} else {
		s.digits()
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		s.at++
		s.digits()
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		s.digits()
	}
	return s.text[from:s.at]
}

// digits steps over at least one digit.
func (s *scanner) digits() {
	from := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	if s.at == from {
		s.fail("a digit")
	}
}

// skip reads any one value and forgets it. depth is how many objects and arrays it stands in.
func (s *scanner) skip(depth int) {
	switch c := s.peek(); c {
	case '"':
		s.string()
	case '{', '[':
		s.skipNested(depth + 1)
	case 'n':
		s.literal("null")
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.number()
	default:
		s.fail("a value")
	}
}

// skipNested reads an object or an array, the depth-th from outside.
func (s *scanner) skipNested(depth int) {
	if depth > maxDepth {
		s.fail("nothing nested so deep")
		return
	}
	named, closing := s.text[s.at] == '{', s.text[s.at]+2 // in ASCII, "}" and "]" stand two behind "{" and "["
	s.at++
	for more := s.first(closing); more; more = s.more(closing) {
		if named {
			s.memberName()
		}
		s.skip(depth)
	}
}

// end tells whether nothing but blanks is left.
func (s *scanner) end() bool { return s.peek() == 0 && s.at == len(s.text) }
