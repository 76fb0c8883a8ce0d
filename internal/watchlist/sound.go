package watchlist

import "strings"

// soundOf writes a word of Latin letters as it is roughly spoken, so that the usual ways of writing foreign names come together:
// Usama and Osama, Zelenskyy and Selenskyj, Khodorkovsky and Chodorkowski differ in near sounds only, or not at all.
//
// One byte is one sound: vowels a e i o u, consonants as written, and S for sh, C for ch, J for the j of Jack, x for kh, T for ts.
func soundOf(word string) string {
	var out strings.Builder
	out.Grow(len(word))
	last := byte(0)
	for i := 0; i < len(word); {
		sounds, size := soundAt(word, i)
		for j := range len(sounds) {
			if s := sounds[j]; s != last {
				out.WriteByte(s)
				last = s
			}
		}
		i += size
	}
	return out.String()
}

// clusters are letters that are one sound together, by their first, the longest first.
var clusters = map[byte][]struct{ letters, sounds string }{
	'a': {{"aa", "a"}, {"ah", "ah"}},
	'c': {{"ch", "C"}, {"ck", "k"}, {"ce", "se"}, {"ci", "si"}, {"cy", "si"}, {"cz", "C"}, {"c", "k"}},
	'd': {{"dkh", "d"}, {"dzh", "J"}, {"dj", "J"}, {"dh", "d"}},
	'e': {{"ee", "i"}, {"eou", "u"}},
	'g': {{"gkh", "g"}, {"gh", "g"}},
	'i': {{"iy", "i"}, {"ij", "i"}, {"iu", "iu"}, {"ie", "i"}},
	'j': {{"j", "J"}},
	'k': {{"kh", "x"}},
	'o': {{"oo", "u"}, {"ou", "u"}},
	'p': {{"ph", "f"}},
	'q': {{"qu", "k"}, {"q", "k"}},
	's': {{"shch", "S"}, {"sch", "S"}, {"sh", "S"}, {"sz", "S"}},
	't': {{"tkh", "t"}, {"tsch", "C"}, {"tch", "C"}, {"tz", "T"}, {"ts", "T"}, {"th", "t"}},
	'u': {{"uu", "u"}},
	'w': {{"w", "v"}},
	'x': {{"x", "ks"}},
	'y': {{"yi", "i"}, {"yj", "i"}, {"y", "i"}},
	'z': {{"zh", "J"}},
}

func soundAt(word string, at int) (sounds string, size int) {
	for _, c := range clusters[word[at]] {
		if strings.HasPrefix(word[at:], c.letters) {
			return c.sounds, len(c.letters)
		}
	}
	return word[at : at+1], 1
}

// nearness of sounds: what it costs to take one for another, 1 where they have nothing in common.
var nearness = nearSounds()

func nearSounds() *[128][128]float32 {
	var table [128][128]float32
	for a := range table {
		for b := range table[a] {
			if a != b {
				table[a][b] = 1
			}
		}
	}
	set := func(cost float32, pairs ...string) {
		for _, p := range pairs {
			table[p[0]][p[1]], table[p[1]][p[0]] = cost, cost
		}
	}
	set(0.7, "ai", "au", "eo", "eu", "io", "iu") // any vowel for any
	set(0.5, "ao")
	set(0.4, "ae")
	set(0.3, "ei", "ou")
	set(0.3, "iJ", "uv", "sz", "sT", "zT", "TC", "JC", "zJ", "xk", "xC", "fv", "SC", "gk", "dt", "bp")
	set(0.5, "sS", "zS", "JS", "bv", "gh", "sC", "kC", "gJ", "iv", "ov")
	set(0.15, "xh")
	set(0.7, "mn", "lr", "gx", "tT", "dz")
	return &table
}

// soundClass merges sounds that are taken for one another most often, for looking words up.
var soundClass = soundClasses()

func soundClasses() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
	}
	for _, group := range []string{"ae", "iy", "ouv", "szT", "CS", "hx", "kg", "td", "bp"} {
		for i := 1; i < len(group); i++ {
			table[group[i]] = group[0]
		}
	}
	return table
}

// classesOf gives a sound's classes, no class twice in a row.
func classesOf(sound string) string {
	var room [maxLetters]byte
	out := room[:0]
	for i := range len(sound) {
		c := soundClass[sound[i]]
		if n := len(out); (n == 0 || out[n-1] != c) && n < maxLetters {
			out = append(out, c)
		}
	}
	return string(out)
}

// heardIn gives a bit for each class of sounds in a word. Words that differ in many bits are far apart.
func heardIn(sound string) (heard uint32) {
	for i := range len(sound) {
		heard |= 1 << (soundClass[sound[i]] & 31)
	}
	return heard
}

var vowelsHeard = heardIn("aeiouvh")

// skeletonOf gives a sound's consonants, which is all that Arabic and Hebrew write: no vowels, glides or h, the classes of Arabic's letters.
func skeletonOf(sound string) string {
	var room [maxLetters]byte
	out := room[:0]
	for i := range len(sound) {
		c := soundClass[sound[i]]
		if c == 'a' || c == 'i' || c == 'o' || sound[i] == 'h' {
			continue
		}
		if n := len(out); (n == 0 || out[n-1] != c) && n < maxLetters {
			out = append(out, c)
		}
	}
	return string(out)
}
