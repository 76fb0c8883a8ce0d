package watchlist

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A name is cut to this much before anything looks at it, so that an absurd one costs no more than a long one.
const (
	maxBytes   = 600 // of a name as it is written
	maxWords   = 16
	maxLetters = 40 // of a word
)

// token is a word of a name, with all that comparing it needs. It does not change, and many names share it.
type token struct {
	text     string // folded, in the script of the name
	letters  int32  // of the text; of its Latin form where it is Han or Hangul
	script   script
	spelled  []string // in Latin letters, as by latinForms; never empty
	sounds   []string // of each of them
	key      string   // as by keyOf
	class    class
	company  companyWord
	generic  bool // company says something
	number   bool
	digits   bool
	heard    uint32 // the classes of its first form's sounds, a bit each
	nickname []int32
	common   bool  // many people have this name
	at       int32 // its place among an index's words, -1 where it is on no list
}

// class is what a word is to a name.
type class uint8

const (
	ordinary class = iota
	particle       // binds a name's parts: bin, al, de
	title          // doctor, hajji
	form           // a corporate form, or a part of one
)

func newToken(text string) *token {
	t := &token{text: text, key: keyOf(text), script: scriptOf(text), class: words.titles[text], nickname: words.nicknames[text], at: -1}
	for _, spelled := range latinForms(text, t.script) {
		if len(spelled) > maxLetters {
			spelled = strings.ToValidUTF8(spelled[:maxLetters], "")
		}
		t.spelled = append(t.spelled, spelled)
		t.sounds = append(t.sounds, soundOf(spelled))
	}
	if len(t.spelled) == 0 {
		t.spelled, t.sounds = []string{text}, []string{text}
	}
	t.letters = int32(utf8.RuneCountInString(text))
	if t.script == han || t.script == hangul {
		t.letters = int32(len(t.spelled[0]))
	}
	t.company, t.generic = words.company[text]
	if t.script == spoken {
		t.readAs(t.spelled[0])
	}
	t.number, t.digits = isNumber(text), isDigits(text)
	t.heard = heardIn(t.sounds[0])
	t.common = t.nickname != nil || words.common[text] || t.script == spoken && words.common[t.spelled[0]]
	return t
}

// readAs fills what the tables do not say of a word in its own script with what they say of its Latin form.
func (t *token) readAs(latin string) {
	if t.class == ordinary {
		t.class = words.titles[latin]
	}
	if t.nickname == nil {
		t.nickname = words.nicknames[latin]
	}
	if !t.generic {
		t.company, t.generic = words.company[latin]
	}
}

// isNumber tells whether a word counts: digits, or a Roman number.
func isNumber(text string) bool {
	return text != "" && (isDigits(text) || strings.Trim(text, "ivx") == "")
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// initial tells whether the word is one letter, which may stand for a word that begins with it.
func (t *token) initial() bool {
	return t.letters == 1 && (t.script == latin || t.script == spoken) && !t.number
}

// piece is a token in its place in a name.
type piece struct {
	*token
	class class // as here: "Ltd" is a form at a company's end
	core  bool  // of a listed person's name: the family name, or the first and last word; others are often left out
}

// name is a name taken apart.
type name struct {
	pieces []piece
	forms  bool // it has a corporate form
}

// maker gives the token of a folded word: a new one, or one that is known.
type maker func(word []byte) *token

// splitName folds a name and takes it apart.
func splitName(text string, dst []piece, tokenOf maker) name {
	return splitFolded(AppendFolded(nil, beginningOf(text)), dst, tokenOf)
}

func beginningOf(name string) string { return name[:min(len(name), maxBytes)] }

func splitFolded(folded []byte, dst []piece, tokenOf maker) name {
	n := name{pieces: dst}
	var places [32]word
	found := appendWords(places[:0], folded)
	for _, w := range found {
		if len(n.pieces) >= maxWords {
			break
		}
		n.addWord(folded[w.from:w.to], len(found) == 1, tokenOf)
	}
	n.markForms()
	return n
}

// addWord adds the parts of a word. Alone is a word that is the whole name.
func (n *name) addWord(text []byte, alone bool, tokenOf maker) {
	if len(text) == 0 {
		return
	}
	if text[0] < utf8.RuneSelf {
		if at := servantPrefix(text); at > 0 {
			n.addPart(text[:at], tokenOf)
			text = text[at:]
		}
		n.addPart(text, tokenOf)
		return
	}
	if servant := []byte("عبد"); bytes.HasPrefix(text, []byte("عبدال")) && !bytes.HasPrefix(text, []byte("عبدالله")) {
		n.addPart(servant, tokenOf)
		text = text[len(servant):]
	}
	if article, rest := cutArticle(text); rest != nil {
		n.addPart(article, tokenOf)
		n.addPart(rest, tokenOf)
		return
	}
	if r, _ := utf8.DecodeRune(text); r >= 0x1100 && r <= 0x11FF || r >= 0x3040 {
		n.addSyllables(text, alone, tokenOf)
		return
	}
	n.addPart(text, tokenOf)
}

func (n *name) addPart(text []byte, tokenOf maker) {
	if len(text) > maxLetters {
		text = cutWord(text)
	}
	t := tokenOf(text)
	n.pieces = append(n.pieces, piece{token: t, class: t.class})
}

// servantPrefix finds where "Abdul", written as one word with what follows, ends: Abdulrahman, Abdelkader, Abderrazak. 0 is nowhere.
// In Abdullah and its kin nothing follows that is a name.
func servantPrefix(text []byte) int {
	const prefix, fewestAfter = len("abdul"), 4
	if len(text) < prefix+fewestAfter || string(text[:3]) != "abd" || !strings.ContainsRune("uaeo", rune(text[3])) ||
		strings.ContainsRune("aeiouhy", rune(text[4])) {
		return 0
	}
	if after := text[prefix:]; after[0] == 'l' && text[4] == 'l' && (after[1] == 'a' || after[1] == 'o') && (len(after) == 2 || after[2] == 'h') {
		return 0
	}
	return prefix
}

// cutArticle cuts the Arabic article off a word of Arabic letters; rest is nil where there is none.
func cutArticle(text []byte) (article, rest []byte) {
	const al, fewestAfter = "ال", 2 * 3
	if !bytes.HasPrefix(text, []byte(al)) || len(text) < len(al)+fewestAfter || bytes.HasPrefix(text, []byte("الله")) ||
		bytes.HasPrefix(text, []byte("الياس")) || bytes.HasPrefix(text, []byte("الیاس")) {
		return nil, nil
	}
	return text[:len(al)], text[len(al):]
}

// addSyllables adds a word of a script that has no blank between names. A person's name that is written as one word is taken
// apart after the surname; a company's form is cut off.
func (n *name) addSyllables(text []byte, alone bool, tokenOf maker) {
	for _, f := range words.chineseForms {
		if rest, ok := bytes.CutSuffix(text, []byte(f)); ok {
			n.forms, text = true, rest
		} else if rest, ok := bytes.CutPrefix(text, []byte(f)); ok {
			n.forms, text = true, rest
		}
	}
	if at := surnameEnd(text); alone && !n.forms && at > 0 {
		n.addPart(text[:at], tokenOf)
		text = text[at:]
	}
	if len(text) > 0 {
		n.addPart(text, tokenOf)
	}
}

// Surnames of two characters, which are few; all others have one.
const longSurnames = " 欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 皇甫 尉迟 尉遲 公孙 公孫 慕容 长孙 長孫 司徒 令狐 端木 东方 東方 "

// surnameEnd tells where the surname ends in a person's name of two to four Han characters or Hangul syllables, 0 where it is no such name.
func surnameEnd(text []byte) int {
	syllables, first, second := 0, 0, 0
	for at, r := range string(text) {
		if r >= jamoVowel && r < 0x1200 { // a syllable begins with a lead
			continue
		}
		if !unicode.Is(unicode.Han, r) && (r < 0x1100 || r >= jamoVowel) {
			return 0
		}
		switch syllables++; syllables {
		case 2:
			first = at
		case 3:
			second = at
		}
	}
	switch {
	case syllables < 2 || syllables > 4:
		return 0
	case syllables > 2 && strings.Contains(longSurnames, " "+string(text[:second])+" "):
		return second
	case syllables == 4:
		return 0 // two surnames, or a Japanese name: nobody can tell where it parts
	}
	return first
}

func cutWord(text []byte) []byte {
	at := 0
	for letters := 0; at < len(text) && letters < maxLetters; letters++ {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return text[:at]
}

// markForms finds corporate forms among the words. One of two letters or fewer counts at the name's end and beginning only, and a form is
// never all that there is.
func (n *name) markForms() {
	for i := 0; i < len(n.pieces); {
		length := n.formAt(i)
		if length == 0 || length == len(n.pieces) {
			i++
			continue
		}
		for j := i; j < i+length; j++ {
			n.pieces[j].class = form
		}
		n.forms = true
		i += length
	}
}

// formAt is how many words the corporate form at a place has, 0 when there is none.
func (n *name) formAt(at int) int {
	for _, p := range words.forms[n.pieces[at].key] {
		if n.holds(at, p) && (p.letters > 2 || n.atEdge(at, at+len(p.keys))) {
			return len(p.keys)
		}
	}
	return 0
}

func (n *name) holds(at int, p phrase) bool {
	if at+len(p.keys) > len(n.pieces) {
		return false
	}
	for i, key := range p.keys {
		if n.pieces[at+i].key != key {
			return false
		}
	}
	return true
}

// atEdge tells whether nothing but forms stands before from, or nothing but forms from to on.
func (n *name) atEdge(from, to int) bool {
	for _, p := range n.pieces[:from] {
		if p.class != form {
			return to == len(n.pieces) || n.formAt(to) > 0
		}
	}
	return to < len(n.pieces)
}
