package goods

import (
	"sort"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// scan reads one description.
type scan struct {
	words       *lexicon
	room        *Room
	description string

	text     []byte // folded
	mentions []Mention
	letters  int
	last     match // the last guard
	name     naming
}

// read goes from word to word, and within Chinese from character to character. A guard hides the guards within it, and a ware the wares.
func (s *scan) read() Reading {
	s.fold()
	guardTo, wareTo := 0, 0
	for at := 0; at < len(s.text); {
		if s.text[at] == ' ' {
			s.name.gap(at)
			at++
			continue
		}
		find := search{trie: s.words.trie, text: s.text}
		find.from(at)
		end := unitEnd(s.text, at)
		switch {
		case at < guardTo:
		case find.guard.term != 0:
			s.guard(find.guard, at)
			guardTo = find.guard.end
		default:
			s.letters += lettersOf(s.text[at:end])
		}
		if at >= wareTo {
			s.name.unit(at, end, find.ware)
			wareTo = find.ware.end
		}
		at = end
	}
	if s.endsInLikeness() {
		s.dropPictured()
	}
	s.place()
	return Reading{Mentions: s.mentions, Letters: s.letters, Ware: s.name.ware()}
}

// fold folds the description in two parts: what stands before the first comma or bracket, and the rest.
func (s *scan) fold() {
	part, several := partOf(s.description)
	text := watchlist.AppendFolded(s.room.text[:0], s.description[:part])
	s.name = naming{words: s.words, head: len(text), closed: several}
	if part < len(s.description) {
		if len(text) > 0 {
			text = append(text, ' ')
		}
		if text = watchlist.AppendFolded(text, s.description[part:]); len(text) > 0 && text[len(text)-1] == ' ' {
			text = text[:len(text)-1]
		}
	}
	s.text, s.name.text = text, text
	s.mentions = s.room.mentions[:0]
}

// partOf gives where the first part of a description ends, and whether its signs say that it names several things.
func partOf(description string) (end int, several bool) {
	end = len(description)
	for i := 0; i < len(description); i++ {
		switch c := description[i]; {
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

// guard takes a guard that was found into the reading.
func (s *scan) guard(found match, at int) {
	t := &s.words.guards[found.term]
	if t.topic != vague {
		s.letters += lettersOf(s.text[at:found.end])
	}
	if t.topic == names {
		s.mentions = append(s.mentions, Mention{
			Thing: t.thing, From: at, To: found.end, Row: t.phrase, Language: t.language, Lane: t.lane,
		})
	}
	s.last = found
}

// endsInLikeness tells whether the description's last words, sizes aside, say that the thing is a likeness of something.
func (s *scan) endsInLikeness() bool {
	if s.last.term == 0 || s.words.guards[s.last.term].topic != likeness {
		return false
	}
	digits := true
	for _, c := range s.text[s.last.end:] {
		if c == ' ' {
			if !digits {
				return false
			}
			digits = false
		}
		digits = digits || c >= '0' && c <= '9'
	}
	return digits
}

// dropPictured drops what is not sure to be more than a picture.
func (s *scan) dropPictured() {
	kept := s.mentions[:0]
	for _, m := range s.mentions {
		if m.Lane == parcel.Red || !m.Kind.pictured() {
			kept = append(kept, m)
		}
	}
	s.mentions = kept
}

// place finds where the mentions stand in the description as it was declared.
func (s *scan) place() {
	for i := range s.mentions {
		m := &s.mentions[i]
		first := s.reaches(m.From + 1)
		_, size := utf8.DecodeLastRuneInString(s.description[:first])
		m.From, m.To = first-size, s.reaches(m.To)
		m.Phrase = s.description[m.From:m.To]
	}
}

// reaches gives the length of the shortest beginning of the description that folds to so many bytes.
func (s *scan) reaches(folded int) int {
	var room [768]byte
	return sort.Search(len(s.description), func(n int) bool {
		return len(watchlist.AppendFolded(room[:0], s.description[:n])) >= folded
	})
}

// unitEnd gives where the word or Chinese character that begins at a place ends.
func unitEnd(text []byte, at int) int {
	if hanAt(text, at) {
		_, size := utf8.DecodeRune(text[at:])
		return at + size
	}
	for at < len(text) && text[at] != ' ' && !hanAt(text, at) {
		at++
	}
	return at
}

// lettersOf counts what letters a stretch of text says something with. A Han character says as much as three letters.
// A single letter says nothing, nor does a digit.
func lettersOf(text []byte) int {
	letters := 0
	for len(text) > 0 {
		r, size := rune(text[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text)
		}
		text = text[size:]
		switch {
		case r >= '0' && r <= '9', r == ' ':
		case isHan(r):
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
