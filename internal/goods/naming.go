package goods

// naming finds the one noun that says what goods are, as it goes through a description: in English and Chinese the last one before a
// comma or a "for", in Russian the first. Where another word stands in its place, it finds none: "laptop stand" is no laptop.
type naming struct {
	head   int   // where the first part of the text ends
	noun   int32 // the ware that the text so far ends with, 0 for none
	begun  bool  // a word of the name has come
	counts bool  // the last word was a measure
	closed bool  // the name is complete
}

// named gives what was found, nil when nothing was.
func (l *lexicon) named(n naming) *Ware {
	if n.noun == 0 {
		return nil
	}
	return &l.wares[n.noun].ware
}

// gap tells of a space. Behind Chinese, which has none within a name, the name is complete.
func (n *naming) gap(text []byte, at int) {
	if n.noun != 0 && hanBefore(text, at) {
		n.closed = true
	}
}

// unit tells of a word or Chinese character, and of the phrase that begins with it, if any.
func (n *naming) unit(words *lexicon, text []byte, at, end int, found match) {
	if n.closed {
		return
	}
	if at >= n.head && n.begun {
		n.closed = true
		return
	}
	p := words.partOf(text[at:end], found)
	switch {
	case p == trait || p == measure:
	case p == several:
		n.noun, n.closed = 0, true
	case p == joint:
		n.closed = n.begun
	case p == of && !n.counts: // "ring of roses" is no ring
		n.noun, n.closed = 0, n.begun
	case p == of:
		n.noun, n.begun = 0, false
	case text[at] == cyrillicLead || text[at] == cyrillicLead+1:
		n.russian(text[at:end], found)
	default:
		n.noun, n.begun = found.term, true
	}
	n.counts = p == measure
}

// partOf tells what a word does. One with a digit, and a single letter, is a size or a model.
func (l *lexicon) partOf(word []byte, found match) part {
	if found.term != 0 {
		return l.wares[found.term].part
	}
	if len(word) == 1 || hasDigit(word) {
		return trait
	}
	return noun
}

// russian takes a Russian word: the first that is no adjective names the goods, or nothing does.
func (n *naming) russian(word []byte, found match) {
	if found.term == 0 && !n.begun && adjective(word) {
		return
	}
	if n.begun {
		found.term = 0
	}
	n.noun, n.begun, n.closed = found.term, true, true
}

// cyrillicLead is the first of the two bytes that Russian letters begin with in UTF-8.
const cyrillicLead = 0xD0

// adjective tells whether a folded Russian word has the ending of an adjective in the nominative.
func adjective(word []byte) bool {
	for _, ending := range [...]string{"ыи", "ии", "ои", "ая", "яя", "ое", "ее", "ые", "ие"} {
		if len(word) > len(ending)+4 && string(word[len(word)-len(ending):]) == ending {
			return true
		}
	}
	return false
}
