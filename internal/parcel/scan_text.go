package parcel

import (
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string: a part of the text, or a decoded copy when it has escapes. The cursor stands at its opening quote.
func (s *scanner) string() string {
	from := s.at + 1
	at := from
	for {
		if at+8 > len(s.text) {
			return s.uncommon(from, from)
		}
		if found := oddBytes(eight(s.text[at:])); found != 0 {
			at += bits.TrailingZeros64(found) / 8
			break
		}
		at += 8
	}
	if s.text[at] != '"' {
		return s.uncommon(from, at)
	}
	s.at = at + 1
	return s.text[from:at]
}

// eight gives eight bytes of a text as a number, the first the lowest.
func eight(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// oddBytes marks, by its highest bit, the first byte of eight that is no plain part of a string: a quote, a backslash, a control
// character or more than ASCII. A byte behind the first may be marked wrongly. Eight at once take a third of the time of one by one.
func oddBytes(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = ones << 7
	)
	quote, backslash := w^ones*'"', w^ones*'\\'
	return ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-ones*' ')&^w | w | (w + ones)) & highs // 0x7F + 1 is past ASCII
}

// uncommon reads a string that begins at from and has more than ASCII, or escapes, from at on.
func (s *scanner) uncommon(from, at int) string {
	var decoded []byte // what stands before from; nil while there was no escape
	for s.at = at; s.at < len(s.text); {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			if decoded == nil {
				return s.text[from : s.at-1]
			}
			return string(append(decoded, s.text[from:s.at-1]...))
		case c == '\\':
			s.control = true
			decoded = append(decoded, s.text[from:s.at]...)
			decoded = utf8.AppendRune(decoded, s.escape())
			from = s.at
		case c < ' ':
			s.fail("no control character")
		case c < utf8.RuneSelf:
			s.control = s.control || c == 0x7f
			s.at++
		default:
			_, size := utf8.DecodeRuneInString(s.text[s.at:])
			if size == 1 {
				s.fail("valid UTF-8")
				return ""
			}
			s.control = s.control || c == 0xc2 // as U+0080 to U+009F begin
			s.at += size
		}
	}
	s.fail("")
	return ""
}

// escape reads an escape sequence. Half a surrogate pair is none.
func (s *scanner) escape() rune {
	s.at++ // the backslash
	if s.at == len(s.text) {
		return 0
	}
	c := s.text[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
		return rune(c)
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'u':
		return s.unicodeEscape()
	}
	s.at--
	s.fail("an escape sequence")
	return 0
}

// unicodeEscape reads the hexadecimal digits behind \u, and for a character past U+FFFF the second escape of its surrogate pair.
func (s *scanner) unicodeEscape() rune {
	r := s.hexadecimal()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if s.at+2 <= len(s.text) && s.text[s.at:s.at+2] == `\u` {
		s.at += 2
		r = utf16.DecodeRune(r, s.hexadecimal())
	}
	if utf16.IsSurrogate(r) || r == utf8.RuneError {
		s.fail("the other half of a surrogate pair")
	}
	return r
}

func (s *scanner) hexadecimal() rune {
	end := s.at + 4
	if end > len(s.text) {
		s.at = len(s.text)
		return 0
	}
	n, err := strconv.ParseUint(s.text[s.at:end], 16, 16)
	if err != nil {
		s.fail("four hexadecimal digits")
		return 0
	}
	s.at = end
	return rune(n)
}
