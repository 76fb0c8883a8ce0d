package goods

import (
	"unicode/utf8"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// readText reads a description. It goes from word to word, and within Chinese from character to character. A guard hides the guards within
// it, and a ware the wares. All it needs stands in the room, so that nothing is left on the heap.
func readText(words *lexicon, description string, room *Room) Reading {
	text, name := fold(room.text[:0], description)
	r := Reading{Mentions: room.mentions[:0]}
	var last match // of the guards
	for at, wareTo := 0, 0; at < len(text); {
		if text[at] == ' ' {
			name.gap(text, at)
			at++
			continue
		}
		find := search{trie: words.trie, text: text}
		find.from(at)
		end := unitEnd(text, at)
		switch {
		case at < last.end:
		case find.guard.term != 0:
			last = find.guard
			r.Mentions, r.Letters = words.guards[last.term].tell(r.Mentions, r.Letters, text, at, last.end)
		default:
			r.Letters += lettersOf(text[at:end])
		}
		if at >= wareTo {
			name.unit(words, text, at, end, find.ware)
			wareTo = find.ware.end
		}
		at = end
	}
	if last.term != 0 && words.guards[last.term].topic == likeness && onlySizes(text[last.end:]) {
		r.Mentions = dropPictured(r.Mentions)
	}
	place(r.Mentions, text, description)
	r.Ware = words.named(name)
	return r
}

// fold folds a description in two parts: what stands before the first comma or bracket, and the rest.
func fold(dst []byte, description string) ([]byte, naming) {
	part, several := partOf(description)
	text := watchlist.AppendFolded(dst, description[:part])
	name := naming{head: len(text), closed: several}
	if part < len(description) {
		if len(text) > 0 {
			text = append(text, ' ')
		}
		if text = watchlist.AppendFolded(text, description[part:]); len(text) > 0 && text[len(text)-1] == ' ' {
			text = text[:len(text)-1]
		}
	}
	return text, name
}

// partOf gives where the first part of a description ends, and whether its signs say that it names several things.
func partOf(description string) (end int, several bool) {
	end = len(description)
	for i := 0; i < len(description); i++ {
		switch c := description[i]; {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == ' ':
		case c == '&' || c == '+' || c == '/':
			several = true
		case end < len(description):
		case c == ',' || c == ';' || c == '(' || c == '[':
			end = i
		case c == 0xE3 || c == 0xEF: // the same, full width
			r, _ := utf8.DecodeRuneInString(description[i:])
			switch r {
			case '、', '【', '，', '；', '（':
				end = i
			}
		}
	}
	return end, several
}

// tell adds what a guard that stands at a place says: a mention where it names something, and letters unless it is vague.
func (t *term) tell(mentions []Mention, letters int, text []byte, from, to int) ([]Mention, int) {
	if t.topic != vague {
		letters += lettersOf(text[from:to])
	}
	if t.topic == names {
		mentions = append(mentions, Mention{Thing: t.thing, From: from, To: to, Row: t.phrase, Language: t.language, Lane: t.lane})
	}
	return mentions, letters
}

// onlySizes tells whether a text has only words with digits.
func onlySizes(text []byte) bool {
	for at := 0; at < len(text); {
		if text[at] == ' ' {
			at++
			continue
		}
		end := unitEnd(text, at)
		if !hasDigit(text[at:end]) {
			return false
		}
		at = end
	}
	return true
}

// dropPictured drops what is not sure to be more than a picture.
func dropPictured(mentions []Mention) []Mention {
	kept := mentions[:0]
	for i := range mentions {
		if m := &mentions[i]; m.Lane == parcel.Red || !m.Kind.pictured() {
			kept = append(kept, *m)
		}
	}
	return kept
}

// place turns the mentions' places in the folded text into those in the description as it was declared. It goes on behind each, since
// words fold apart from one another.
func place(mentions []Mention, text []byte, description string) {
	declared, folded := 0, 0 // how far both are done with
	for i := range mentions {
		m := &mentions[i]
		if folded > 0 && text[folded] == ' ' {
			folded++ // what folds to a space at the beginning folds to nothing
		}
		rest := description[declared:]
		first, end := reaches(rest, m.From+1-folded), reaches(rest, m.To-folded)
		_, size := utf8.DecodeLastRuneInString(rest[:first])
		folded = m.To
		m.From, m.To = declared+first-size, declared+end
		m.Phrase = description[m.From:m.To]
		declared = m.To
	}
}

// reaches gives the length of the shortest beginning of a description that folds to so many bytes.
func reaches(description string, folded int) int {
	var room [768]byte
	reach := func(n int) bool { return len(watchlist.AppendFolded(room[:0], description[:n])) >= folded }
	low, high := 0, len(description)
	for step := 4; low+step < high; step *= 2 {
		if reach(low + step) {
			high = low + step
			break
		}
		low += step
	}
	for low < high {
		if n := (low + high) / 2; reach(n) {
			high = n
		} else {
			low = n + 1
		}
	}
	return low
}

// unitEnd gives where the word or Chinese character that begins at a place ends.
func unitEnd(text []byte, at int) int {
	if hanAt(text, at) {
		_, size := utf8.DecodeRune(text[at:])
		return at + size
	}
	for at < len(text) && text[at] != ' ' && (text[at] < firstHan || !hanAt(text, at)) {
		at++
	}
	return at
}

// firstHan is the least byte that a Chinese character begins with.
const firstHan = 0xE3

// lettersOf counts what letters a stretch of text says something with. A Han character says as much as three letters.
// A single letter says nothing, nor does a digit.
func lettersOf(text []byte) int {
	letters := 0
	for at := 0; at < len(text); at++ {
		switch c := text[at]; {
		case c == ' ', isDigit(c), c&0xC0 == 0x80: // the last is within a letter
		case c >= firstHan && hanAt(text, at):
			letters += 3
		default:
			letters++
		}
	}
	if letters == 1 {
		return 0
	}
	return letters
}

func hasDigit(word []byte) bool {
	for _, c := range word {
		if isDigit(c) {
			return true
		}
	}
	return false
}
