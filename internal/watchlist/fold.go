package watchlist

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold takes from a text what only distinguishes its spellings: compatibility forms and accents (Unicode NFKD, marks stripped),
// case, punctuation, repeated blanks. What is left is words of letters and digits with one space between.
//
// Apostrophes and invisible characters join ("O'Brien" is "obrien"), all other punctuation separates ("Al-Nasr" is "al nasr").
// Latin letters that Unicode does not take apart are written as passports do: ø o, ł l, æ ae, ß ss. Marks that make another
// letter (Indic vowels, Japanese voicing) stay.
func Fold(text string) string {
	var room [keyRoom]byte
	return string(AppendFolded(room[:0], text))
}

// AppendFolded appends what Fold gives to dst.
func AppendFolded(dst []byte, text string) []byte {
	start := len(dst)
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			dst = appendASCII(dst, start, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch encoded := text[i : i+size]; {
		case r < tabled && lowFold[r] == " ":
			dst = appendSpace(dst, start)
		case r < tabled:
			dst = append(dst, lowFold[r]...)
		case r >= hanFirst && r <= hanLast: // these have neither case nor decomposition
			dst = append(dst, encoded...)
		default:
			dst = appendDecomposed(dst, start, r, encoded)
		}
		i += size
	}
	if n := len(dst); n > start && dst[n-1] == ' ' {
		dst = dst[:n-1]
	}
	return dst
}

// What becomes of an ASCII character: itself in lower case, or one of these.
const (
	separates = 0
	vanishes  = 1
)

var asciiFold = foldTable()

func foldTable() (table [utf8.RuneSelf]byte) {
	for c := byte('0'); c <= '9'; c++ {
		table[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		table[c], table[c-'a'+'A'] = c, c
	}
	table['\''], table['`'] = vanishes, vanishes
	return table
}

func appendASCII(dst []byte, start int, c byte) []byte {
	switch f := asciiFold[c]; f {
	case vanishes:
		return dst
	case separates:
		return appendSpace(dst, start)
	default:
		return append(dst, f)
	}
}

// The common scripts are fast: up to Arabic by a table, the ideographs of Unicode 1.0 by their place.
const (
	tabled   = 0x0700
	hanFirst = 0x4E00
	hanLast  = 0x9FA5
)

// lowFold is what becomes of each character below tabled; " " where it ends a word.
var lowFold = lowFoldTable()

func lowFoldTable() (table [tabled]string) {
	for r := rune(utf8.RuneSelf); r < tabled; r++ {
		const before = "x" // a separator shows only behind a word
		table[r] = string(appendDecomposed([]byte(before), 0, r, string(r))[len(before):])
	}
	return table
}

// appendSpace ends a word, if one has begun.
func appendSpace(dst []byte, start int) []byte {
	if n := len(dst); n == start || dst[n-1] == ' ' {
		return dst
	}
	return append(dst, ' ')
}

// appendDecomposed takes a character apart and appends its parts. encoded is r as it stands in the text.
func appendDecomposed(dst []byte, start int, r rune, encoded string) []byte {
	switch {
	case joins(r):
		return dst
	case isHangul(r):
		return appendJamo(dst, r)
	}
	parts := norm.NFKD.PropertiesString(encoded).Decomposition()
	if parts == nil {
		return appendRune(dst, start, r)
	}
	for len(parts) > 0 {
		part, size := utf8.DecodeRune(parts)
		dst = appendRune(dst, start, part)
		parts = parts[size:]
	}
	return dst
}

func appendRune(dst []byte, start int, r rune) []byte {
	if r < utf8.RuneSelf {
		return appendASCII(dst, start, byte(r))
	}
	if latin := latinOf(r); latin != "" {
		return append(dst, latin...)
	}
	switch {
	case joins(r):
		return dst
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return utf8.AppendRune(dst, unicode.ToLower(unicode.ToUpper(r))) // over the capital: final ς is σ
	case unicode.IsMark(r):
		return utf8.AppendRune(dst, r)
	}
	return appendSpace(dst, start)
}

// latinOf gives the plain letters of Latin ones that have no decomposition (ICAO Doc 9303 part 3, section 6, where it has one).
func latinOf(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	case 'ø', 'Ø':
		return "o"
	case 'ł', 'Ł':
		return "l"
	case 'đ', 'Đ', 'ð', 'Ð':
		return "d"
	case 'þ', 'Þ':
		return "th"
	case 'ħ', 'Ħ':
		return "h"
	case 'ı':
		return "i"
	}
	return ""
}

// joins tells whether a character is dropped without ending the word: accents, apostrophes, and what cannot be seen.
func joins(r rune) bool {
	switch r {
	case '’', '‘', 'ʼ', 'ʻ', '´', '＇', 'ـ': // the last is Arabic tatweel, which only stretches a line
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(accents, r)
}

// accents are the marks that a name keeps its sense without: Latin, Greek and Cyrillic accents, Hebrew and Arabic pointing.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036F, Stride: 1},
	{Lo: 0x0483, Hi: 0x0489, Stride: 1},
	{Lo: 0x0591, Hi: 0x05C7, Stride: 1},
	{Lo: 0x0610, Hi: 0x061A, Stride: 1},
	{Lo: 0x064B, Hi: 0x065F, Stride: 1},
	{Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x06D6, Hi: 0x06ED, Stride: 1},
	{Lo: 0x1AB0, Hi: 0x1AFF, Stride: 1},
	{Lo: 0x1DC0, Hi: 0x1DFF, Stride: 1},
	{Lo: 0x20D0, Hi: 0x20FF, Stride: 1},
	{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1},
	{Lo: 0xFE20, Hi: 0xFE2F, Stride: 1},
}}

// A Hangul syllable is its jamo by arithmetic (Unicode Standard, section 3.12); tables leave it out.
const (
	hangulFirst, hangulLast = 0xAC00, 0xD7A3
	jamoLead, jamoVowel     = 0x1100, 0x1161
	jamoTrail               = 0x11A7
	vowels, trails          = 21, 28
)

func isHangul(r rune) bool { return r >= hangulFirst && r <= hangulLast }

func appendJamo(dst []byte, r rune) []byte {
	n := r - hangulFirst
	dst = utf8.AppendRune(dst, jamoLead+n/(vowels*trails))
	dst = utf8.AppendRune(dst, jamoVowel+n/trails%vowels)
	if trail := n % trails; trail > 0 {
		dst = utf8.AppendRune(dst, jamoTrail+trail)
	}
	return dst
}
