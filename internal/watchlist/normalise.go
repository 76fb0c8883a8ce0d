package watchlist

import (
	"bytes"
	"slices"
)

// Normalise gives the form in which the spellings of one name are equal: folded as by Fold, its words in rising order of their
// bytes. Lists write "ZAYDAN, Muhammad" and labels "Muhammad Zaydan"; of a company's words the order says little too.
//
// It knows no transliteration, no corporate forms and no typing errors. Normalise(Normalise(x)) is Normalise(x).
func Normalise(name string) string {
	var room [keyRoom]byte
	return string(AppendNormalised(room[:0], name))
}

// keyRoom is room on the stack for a name's normal form; longer ones work too, on the heap.
const keyRoom = 256

// AppendNormalised appends what Normalise gives to dst. It allocates nothing for names of usual length when dst has the room.
func AppendNormalised(dst []byte, name string) []byte {
	start := len(dst)
	dst = AppendFolded(dst, name)
	sortWords(dst[start:])
	return dst
}

// word is where a word stands in a text.
type word struct{ from, to int }

// sortWords puts words separated by single spaces in rising order, in place.
func sortWords(text []byte) {
	var room [32]word
	words := appendWords(room[:0], text)
	inOrder := func(a, b word) int { return bytes.Compare(text[a.from:a.to], text[b.from:b.to]) }
	if slices.IsSortedFunc(words, inOrder) {
		return
	}
	slices.SortFunc(words, inOrder)
	var copyRoom [keyRoom]byte
	old := append(copyRoom[:0], text...)
	at := 0
	for i, w := range words {
		if i > 0 {
			text[at] = ' '
			at++
		}
		at += copy(text[at:], old[w.from:w.to])
	}
}

func appendWords(words []word, text []byte) []word {
	from := 0
	for at, c := range text {
		if c == ' ' {
			words = append(words, word{from, at})
			from = at + 1
		}
	}
	return append(words, word{from, len(text)})
}
