package watchlist

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
	"github.com/mozillazg/go-unidecode"
)

// script tells how a word's writing relates to Latin letters.
type script uint8

const (
	latin  script = iota // Latin letters and digits
	spoken               // writes vowels, as Cyrillic and Greek do
	abjad                // writes consonants, some vowels at most: Arabic, Hebrew, the scripts of India and their kin
	han
	hangul
)

// scriptOf looks at a folded word's first letter.
func scriptOf(word string) script {
	for _, r := range word {
		switch {
		case r < utf8.RuneSelf || unicode.Is(unicode.Latin, r):
			return latin
		case unicode.Is(unicode.Han, r):
			return han
		case r >= 0x1100 && r <= 0x11FF:
			return hangul
		case r < 0x0590 || unicode.In(r, unicode.Georgian, unicode.Hiragana, unicode.Katakana):
			return spoken
		default:
			return abjad
		}
	}
	return latin
}

// latinForms writes a folded word in Latin letters: the usual way first, then others that are in use. It gives none for a word without letters.
func latinForms(word string, s script) []string {
	switch s {
	case latin:
		return []string{word}
	case han:
		return pinyinForms(word)
	case hangul:
		return hangulForms(word)
	case spoken, abjad:
		if plain := transliterated(word); plain != "" {
			return []string{plain}
		}
	}
	return nil
}

// transliterated goes letter by letter. What the table below does not have, the general tables of unidecode do.
func transliterated(word string) string {
	var out strings.Builder
	for _, r := range word {
		if own, ok := ownLatin[r]; ok {
			out.WriteString(own)
		} else if r < utf8.RuneSelf {
			out.WriteRune(r)
		} else {
			out.WriteString(onlyLetters(unidecode.Unidecode(string(r))))
		}
	}
	return out.String()
}

func onlyLetters(text string) string {
	var room [16]byte
	out := room[:0]
	for i := range len(text) {
		if f := asciiFold[text[i]]; f > vanishes {
			out = append(out, f)
		}
	}
	return string(out)
}

// ownLatin is how names are written in passports and on lists, where the general tables go by the letter's sound alone.
// Arabic weak letters are written as the vowels that they mostly stand for; hamza as nothing.
var ownLatin = map[rune]string{
	'х': "kh", 'щ': "shch", 'ю': "yu", 'я': "ya", 'є': "ye", 'ї': "yi", 'ы': "y", 'ц': "ts", 'ә': "a", 'ө': "o", 'ү': "u", 'ұ': "u",
	'қ': "k", 'ғ': "g", 'ң': "ng", 'һ': "h", 'ђ': "dj", 'ћ': "c", 'џ': "dz", 'љ': "lj", 'њ': "nj", 'ь': "", 'ъ': "", 'ґ': "g", 'ҳ': "h", 'ҷ': "j",
	'ا': "a", 'ب': "b", 'پ': "p", 'ت': "t", 'ث': "th", 'ج': "j", 'چ': "ch", 'ح': "h", 'خ': "kh", 'د': "d", 'ذ': "z", 'ر': "r", 'ز': "z",
	'ژ': "zh", 'س': "s", 'ش': "sh", 'ص': "s", 'ض': "d", 'ط': "t", 'ظ': "z", 'ع': "a", 'غ': "gh", 'ف': "f", 'ق': "k", 'ک': "k", 'ك': "k", 'گ': "g",
	'ل': "l", 'م': "m", 'ن': "n", 'و': "v", 'ه': "h", 'ة': "a", 'ۀ': "a", 'ی': "i", 'ي': "i", 'ى': "a", 'ئ': "", 'ؤ': "v", 'ء': "", 'ے': "e", 'ہ': "h",
	'ھ': "h", 'ٹ': "t", 'ڈ': "d", 'ڑ': "r", 'ں': "n", 'ۆ': "o", 'ە': "a", 'ێ': "e",
	'א': "a", 'ב': "b", 'ג': "g", 'ד': "d", 'ה': "h", 'ו': "v", 'ז': "z", 'ח': "h", 'ט': "t", 'י': "i", 'כ': "k", 'ך': "k", 'ל': "l", 'מ': "m",
	'ם': "m", 'נ': "n", 'ן': "n", 'ס': "s", 'ע': "", 'פ': "p", 'ף': "f", 'צ': "ts", 'ץ': "ts", 'ק': "k", 'ר': "r", 'ש': "sh", 'ת': "t",
}

const mostForms = 6 // of one word; a word of many readings has its first ones

// pinyinForms spells Han characters by all their readings, the tones left out.
func pinyinForms(word string) []string {
	forms := []string{""}
	for _, r := range word {
		forms = extend(forms, readings(r))
		if len(forms[0]) > maxLetters {
			break
		}
	}
	return forms
}

// extend gives every form with every ending, as far as there is room, first ones first.
func extend(forms, endings []string) []string {
	var all []string
	for _, ending := range endings {
		for _, form := range forms {
			if len(all) == mostForms {
				return all
			}
			all = append(all, form+ending)
		}
	}
	return all
}

func readings(r rune) []string {
	listed := pinyin.PinyinDict[int(r)]
	if listed == "" {
		return []string{onlyLetters(unidecode.Unidecode(string(r)))}
	}
	var all []string
	for reading := range strings.SplitSeq(listed, ",") {
		plain := Fold(reading)
		known := false
		for _, other := range all {
			known = known || other == plain
		}
		if !known {
			all = append(all, plain)
		}
	}
	return all
}

// The Latin letters of Hangul's jamo: the Revised Romanization of Korea (2000), and the way passports and lists write them.
var (
	leadsRevised  = []string{"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"}
	leadsUsual    = []string{"k", "k", "n", "t", "t", "r", "m", "p", "p", "s", "s", "", "j", "j", "ch", "k", "t", "p", "h"}
	vowelsRevised = []string{"a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"}
	vowelsUsual   = []string{"a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u", "ui", "i"}
	trailsRevised = []string{"", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "h"}
	surnamesKo    = map[string][]string{
		"이": {"i", "lee", "ri", "yi", "rhee"}, "박": {"bak", "park", "pak"}, "최": {"choe", "choi"}, "정": {"jeong", "jong", "jung", "chung", "chong"},
		"임": {"im", "lim", "rim"}, "노": {"no", "roh", "noh"}, "류": {"ryu", "yoo", "yu"}, "유": {"yu", "yoo", "ryu"}, "우": {"u", "woo"}, "조": {"jo", "cho"},
		"구": {"gu", "koo", "ku"}, "리": {"ri", "lee", "yi"}, "림": {"rim", "lim"}, "문": {"mun", "moon"}, "신": {"sin", "shin"}, "장": {"jang", "chang"},
	}
	surnamesJamo = jamoKeys(surnamesKo)
)

func jamoKeys(by map[string][]string) map[string][]string {
	out := make(map[string][]string, len(by))
	for syllable, forms := range by {
		out[Fold(syllable)] = forms
	}
	return out
}

// hangulForms spells a word of jamo. A syllable that is a surname has the spellings of the surname.
func hangulForms(word string) []string {
	if forms, ok := surnamesJamo[word]; ok {
		return forms
	}
	var revised, usual strings.Builder
	for _, r := range word {
		switch {
		case r >= jamoLead && r < jamoLead+19:
			revised.WriteString(leadsRevised[r-jamoLead])
			usual.WriteString(leadsUsual[r-jamoLead])
		case r >= jamoVowel && r < jamoVowel+vowels:
			revised.WriteString(vowelsRevised[r-jamoVowel])
			usual.WriteString(vowelsUsual[r-jamoVowel])
		case r > jamoTrail && r < jamoTrail+trails:
			revised.WriteString(trailsRevised[r-jamoTrail])
			usual.WriteString(trailsRevised[r-jamoTrail])
		}
	}
	if revised.Len() == 0 {
		return nil
	}
	if revised.String() == usual.String() {
		return []string{usual.String()}
	}
	return []string{revised.String(), usual.String()}
}
