package screening

import "unicode/utf8"

// unit is a word or a Han character of a text, with its numbers in the lexicon.
type unit struct {
	exact, root int32
	from, to    int
}

// found is a phrase of the lexicon where it stands in a folded text.
type found struct {
	*term
	from, to int
}

// scan finds the lexicon's phrases in a folded text, from the left, the longest at each place, none within another: that is
// how "toy gun" hides "gun". It appends them to dst and counts the letters outside vague ones (see lettersOf).
func (l *lexicon) scan(dst []found, text []byte) (phrases []found, letters int) {
	var room [64]unit
	units := l.units(room[:0], text)
	for i := 0; i < len(units); {
		t, length := l.longest(units[i:])
		if t == nil {
			letters += lettersOf(text[units[i].from:units[i].to])
			i++
			continue
		}
		from, to := units[i].from, units[i+length-1].to
		dst = append(dst, found{t, from, to})
		if t.topic != vague {
			letters += lettersOf(text[from:to])
		}
		i += length
	}
	return dst, letters
}

func (l *lexicon) units(dst []unit, text []byte) []unit {
	for from := 0; from < len(text); {
		if text[from] == ' ' {
			from++
			continue
		}
		to := unitEnd(text, from)
		exact, root := l.lookUp(text[from:to])
		dst = append(dst, unit{exact, root, from, to})
		from = to
	}
	return dst
}

// longest gives the longest phrase that begins with the first unit, and how many units it has.
func (l *lexicon) longest(units []unit) (t *term, length int) {
	node := int32(0)
	for i, u := range units {
		node = l.follow(node, u)
		if node == 0 {
			break
		}
		if end := l.terms[node]; end != nil {
			t, length = end, i+1
		}
	}
	return t, length
}

// follow gives the node that a unit leads to, 0 when none. No edge leads back to the root.
func (l *lexicon) follow(node int32, u unit) int32 {
	if u.exact != 0 {
		if to := l.next[step{node, u.exact}]; to != 0 {
			return to
		}
	}
	if u.root != 0 {
		return l.next[step{node, u.root}]
	}
	return 0
}

// lettersOf counts what letters a stretch of text says something with. A Han character or a Hangul syllable says as much
// as three letters. A single letter says nothing, nor does a digit.
func lettersOf(text []byte) int {
	letters := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
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
