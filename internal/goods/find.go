package goods

// match is a phrase that begins where a search did: its number, 0 for none, and where it ends.
type match struct {
	term int32
	end  int
}

// search looks for the longest guard and the longest ware that begin at one place of a folded text.
type search struct {
	trie        *trie
	text        []byte
	guard, ware match
}

// from searches from a place where a word or a Chinese character begins.
func (s *search) from(at int) { s.walk(root, at) }

// walk goes on from a node. It branches where the text's word may be inflected, and comes back; phrases have few words, and words few endings.
func (s *search) walk(node int32, at int) {
	cells, text := s.trie.cells, s.text
	for {
		here := &cells[node]
		if here.ends {
			s.arrive(here, at)
			if here.stem != 0 {
				if end, ok := s.ending(at); ok {
					s.walk(here.stem, end)
				}
			}
		}
		if at < len(text) && text[at] == ' ' && s.besideHan(at) {
			at++
		}
		if at == len(text) {
			return
		}
		c := text[at]
		if c == 's' && s.pluralAt(at) && at+1 < len(text) {
			if next := s.trie.step(node, ' '); next != 0 {
				s.walk(next, at+2)
			}
		}
		next := here.base + int32(c)
		if uint(next) >= uint(len(cells)) || cells[next].parent != node {
			return
		}
		node = next
		at++
	}
}

// arrive notes what ends at a node, if the text's word does too.
func (s *search) arrive(here *cell, at int) {
	if here.guard|here.ware == 0 {
		return
	}
	if !s.endsWord(at) {
		if at == len(s.text) || s.text[at] != 's' || !s.pluralAt(at) {
			return
		}
		at++
	}
	if here.guard != 0 && at >= s.guard.end { // of two that end here the later is the more exact
		s.guard = match{here.guard, at}
	}
	if here.ware != 0 && at >= s.ware.end {
		s.ware = match{here.ware, at}
	}
}

// endsWord tells whether a word may end before a place: at the end, before a space, and on either side of a Chinese character.
func (s *search) endsWord(at int) bool {
	return at == len(s.text) || s.text[at] == ' ' || hanAt(s.text, at) || hanBefore(s.text, at)
}

// pluralAt tells whether an s that ends its word stands here behind three letters or more.
func (s *search) pluralAt(at int) bool {
	if at < 3 || at+1 < len(s.text) && s.text[at+1] != ' ' && !hanAt(s.text, at+1) {
		return false
	}
	return s.text[at-1] != ' ' && s.text[at-2] != ' ' && s.text[at-3] != ' '
}

// ending tells whether no more of the word is left than an ending has letters, and where it ends.
func (s *search) ending(at int) (end int, ok bool) {
	for letters := 0; !s.endsWord(at); letters++ {
		if letters == longestEnding {
			return 0, false
		}
		at++
		for at < len(s.text) && s.text[at]&0xC0 == 0x80 { // within a letter
			at++
		}
	}
	return at, true
}

// besideHan tells whether a space has a Chinese character on either side: it means nothing there.
func (s *search) besideHan(at int) bool { return hanBefore(s.text, at) || hanAt(s.text, at+1) }

// hanAt tells whether a Chinese character (isHan) begins at a place.
func hanAt(text []byte, at int) bool {
	if at+2 >= len(text) {
		return false
	}
	switch c := text[at]; {
	case c < 0xE3:
		return false
	case c == 0xE3:
		return text[at+1] >= 0x90
	case c <= 0xE9:
		return true
	}
	return text[at] == 0xF0 && text[at+1] >= 0xA0 && text[at+1] <= 0xBF
}

func hanBefore(text []byte, at int) bool {
	return at >= 3 && hanAt(text, at-3) && text[at-3] < 0xF0 || at >= 4 && text[at-4] == 0xF0 && hanAt(text, at-4)
}
