package watchlist

import (
	"math/bits"
	"strings"
)

// far is a distance of words that have nothing to do with one another.
const far = 100

// mostDistance is how far two words may be apart and still be taken for spellings of one: short words stand close to many others.
func mostDistance(letters int32) float32 {
	switch {
	case letters <= 1:
		return 0
	case letters == 2:
		return 0.45
	case letters == 3:
		return 1
	case letters == 4:
		return 1.35
	case letters <= 6:
		return 2
	}
	return 2.5
}

// wordDistance tells how far apart two words are, in letters' worth of change, and in what they differ. It is far where more than mostDistance.
func wordDistance(a, b *token) (float32, How) {
	if a.text == b.text {
		return 0, Equal
	}
	if a.generic && b.generic && a.company.group == b.company.group {
		return 0.1, Form
	}
	if a.class == particle && b.class == particle && a.sounds[0] == b.sounds[0] {
		return 0.05, Spelling
	}
	if a.number && b.number || a.digits || b.digits {
		return far, Unmatched
	}
	if sharesGroup(a.nickname, b.nickname) {
		return nicknameDistance(a, b)
	}
	if min(a.letters, b.letters) < 2 {
		return far, Unmatched
	}
	most := mostDistance(max(a.letters, b.letters))
	if a.script != b.script {
		most = mostTransliterated(a, b)
	}
	if soundsFar(a, b) {
		return far, Unmatched
	}
	cost, how := spelledDistance(a, b, most)
	if cost > most || 2*cost > float32(max(a.letters, b.letters)) {
		return far, Unmatched
	}
	return cost, how
}

// soundsFar tells at a glance that two words have nothing to do with one another: it looks at which sounds they have.
func soundsFar(a, b *token) bool {
	const mostDifferent, mostConsonants = 5, 3
	switch {
	case len(a.sounds) > 1 || len(b.sounds) > 1:
		return false
	case a.script == abjad || b.script == abjad:
		return bits.OnesCount32((a.heard^b.heard)&^vowelsHeard) > mostConsonants
	}
	return bits.OnesCount32(a.heard^b.heard) > mostDifferent
}

// mostTransliterated is mostDistance between scripts, where much is unsaid already: what is written has to agree.
func mostTransliterated(a, b *token) float32 {
	switch {
	case a.script == abjad || b.script == abjad:
		return 0.45 + 0.1*float32(min(max(a.letters, b.letters), 8))
	case a.script >= han || b.script >= han:
		return 0.6
	}
	return mostDistance(max(a.letters, b.letters))
}

// nicknameDistance keeps spellings of one name closer together than its short forms.
func nicknameDistance(a, b *token) (float32, How) {
	const nickname, spelling, alike, moreAlike = 0.5, 0.35, 1, 0.5
	if cost := soundDistance(a, b, alike); cost <= moreAlike || cost <= alike && (!words.common[a.text] || !words.common[b.text]) {
		return min(cost, spelling), Spelling
	}
	return nickname, Nickname
}

func spelledDistance(a, b *token, most float32) (float32, How) {
	switch {
	case a.script == b.script && (a.script == han || a.script == hangul):
		return syllableDistance(a, b)
	case a.script == b.script:
		plain := plainDistance(a.text, b.text, most)
		if a.script == latin || a.script == spoken {
			if s := soundDistance(a, b, min(plain, most)); s < plain {
				return s, Spelling
			}
		}
		return plain, Spelling
	case a.script == abjad && b.script != han && b.script != hangul:
		return consonantDistance(a, b), Transliteration
	case b.script == abjad && a.script != han && a.script != hangul:
		return consonantDistance(b, a), Transliteration
	}
	return soundDistance(a, b, most), Transliteration
}

func sharesGroup(a, b []int32) bool {
	for _, g := range a {
		for _, h := range b {
			if g == h {
				return true
			}
		}
	}
	return false
}

// syllableDistance compares words of Han or Hangul, where another character is another name unless the word is long. Characters that are
// read alike may be one in two writings, the simplified and the traditional.
func syllableDistance(a, b *token) (float32, How) {
	for _, s := range a.spelled {
		for _, t := range b.spelled {
			if s == t && a.script == han {
				return 0.8, Transliteration
			}
		}
	}
	const fewest = 5
	if syllables(a.text) < fewest || syllables(b.text) < fewest {
		return far, Unmatched
	}
	return 1.5 * plainDistance(a.text, b.text, mostDistance(maxLetters)), Spelling
}

// syllables counts Han characters, or the syllables that jamo make.
func syllables(text string) (n int) {
	for _, r := range text {
		if r < jamoVowel || r > jamoTrail+trails {
			n++
		}
	}
	return n
}

// soundDistance is that of the two nearest of the words' sounds, no less than 0.1 as they are not equal; more than most may be anything above it.
func soundDistance(a, b *token, most float32) float32 {
	const unequal, other = 0.1, 0.1 // the latter for a form of a word that is not its usual one
	best := float32(far)
	for i, s := range a.sounds {
		for j, t := range b.sounds {
			best = min(best, soundsApart(s, t, min(best, most-unequal))+other*float32(min(i+j, 1)))
		}
	}
	return best + unequal
}

// plainDistance counts the letters that are added, dropped, changed or swapped with their neighbour (optimal string alignment); more than most is far.
// A letter doubled counts a third: it is how people mistype and clerks transliterate.
func plainDistance(a, b string, most float32) float32 {
	var roomA, roomB [maxLetters + 1]rune
	x, y := appendRunes(roomA[:0], a), appendRunes(roomB[:0], b)
	if float32(len(x)-len(y)) > most || float32(len(y)-len(x)) > most {
		return far
	}
	var rows [3][maxLetters + 2]float32
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range y {
		last[j+1] = last[j] + dropped(y, j)
	}
	least := last[0] // of the last row
	for i := range x {
		without := dropped(x, i)
		row[0] = last[0] + without
		best := row[0]
		for j := range y {
			cost := min(last[j+1]+without, row[j]+dropped(y, j))
			if x[i] == y[j] {
				cost = min(cost, last[j])
			} else {
				cost = min(cost, last[j]+1)
			}
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				cost = min(cost, before[j-1]+1)
			}
			row[j+1] = cost
			best = min(best, cost)
		}
		if best > most && least > most { // two swapped letters pass over a row
			return far
		}
		before, last, row, least = last, row, before, best
	}
	return last[len(y)]
}

func dropped(word []rune, at int) float32 {
	const doubled = 0.34
	if at > 0 && word[at] == word[at-1] {
		return doubled
	}
	return 1
}

func appendRunes(dst []rune, text string) []rune {
	for _, r := range text {
		if len(dst) > maxLetters {
			break
		}
		dst = append(dst, r)
	}
	return dst
}

// soundsApart is the least cost of making one word's sounds the other's, by nearness; more than most may be anything above it. Vowels come and
// go for less than consonants, and so do h and the glides.
func soundsApart(a, b string, most float32) float32 {
	if a == b {
		return 0
	}
	const rounding = 0.01
	most += rounding
	a, b = a[:min(len(a), maxLetters)], b[:min(len(b), maxLetters)]
	var rows [3][maxLetters + 2]float32
	var silent [maxLetters]float32 // what b's sounds cost alone
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		silent[j] = silence(b, j)
		last[j+1] = last[j] + silent[j]
	}
	least := last[0] // of the last row
	for i := range len(a) {
		without, near := silence(a, i), &nearness[a[i]&127]
		row[0] = last[0] + without
		best := row[0]
		for j := range len(b) {
			cost := min(last[j+1]+without, row[j]+silent[j], last[j]+near[b[j]&127])
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cost = min(cost, before[j-1]+1)
			}
			row[j+1] = cost
			best = min(best, cost)
		}
		if best > most && least > most { // two swapped sounds pass over a row
			return far
		}
		before, last, row, least = last, row, before, best
	}
	return last[len(b)]
}

func silence(sound string, at int) float32 {
	switch sound[at] {
	case 'h':
		return 0.35
	case 'a', 'e', 'i', 'o', 'u':
		if at > 0 {
			return 0.6
		}
	}
	return 1
}

// consonantDistance compares a word of a script that writes few vowels with one that writes all: the other's vowels cost next to nothing.
func consonantDistance(short, full *token) float32 {
	best := float32(far)
	for _, s := range short.sounds {
		for _, t := range full.sounds {
			best = min(best, unvowelled(s, t))
		}
	}
	return best + 0.2
}

func unvowelled(short, full string) float32 {
	short, full = short[:min(len(short), maxLetters)], full[:min(len(full), maxLetters)]
	var last, row [maxLetters + 2]float32
	for j := range len(full) {
		last[j+1] = last[j] + added(full, j)
	}
	for i := range len(short) {
		row[0] = last[0] + silence(short, i)
		for j := range len(full) {
			row[j+1] = min(last[j+1]+silence(short, i), row[j]+added(full, j), last[j]+written(short[i], full[j]))
		}
		last = row
	}
	return last[len(full)]
}

func added(full string, at int) float32 {
	switch full[at] {
	case 'a', 'e', 'o', 'u', 'i':
		return 0.07
	case 'h':
		return 0.25
	}
	return 1
}

// written is what it costs that a letter of an abjad stands for a sound: its weak letters are vowels as often as consonants.
func written(letter, sound byte) float32 {
	if letter == 'v' && strings.IndexByte("uo", sound) >= 0 || letter == 'i' && strings.IndexByte("eJ", sound) >= 0 ||
		letter == 'a' && strings.IndexByte("eiou", sound) >= 0 {
		return 0.1
	}
	return min(1, 2*nearness[letter&127][sound&127]) // its consonants are more than those of Latin letters, and not taken for one another
}
