package app

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/alataw/alataw/internal/watchlist"
)

// alteration is a way in which a listed name is written differently and still means the party.
type alteration struct {
	name  string
	alter func(r *rand.Rand, e *watchlist.Entry) string // "" where it does not apply
}

var alterations = []alteration{
	{"word order", shuffleWords},
	{"letter changed", func(r *rand.Rand, e *watchlist.Entry) string { return inWord(r, e, changeLetter) }},
	{"letter dropped", func(r *rand.Rand, e *watchlist.Entry) string { return inWord(r, e, dropLetter) }},
	{"letter doubled", func(r *rand.Rand, e *watchlist.Entry) string { return inWord(r, e, doubleLetter) }},
	{"letters swapped", func(r *rand.Rand, e *watchlist.Entry) string { return inWord(r, e, swapLetters) }},
	{"words joined", joinWords},
	{"word missing", dropWord},
	{"in Cyrillic", func(_ *rand.Rand, e *watchlist.Entry) string { return inCyrillic(e) }},
	{"other spelling", func(_ *rand.Rand, e *watchlist.Entry) string { return respell(e) }},
	{"corporate form", changeForm},
}

// printAltered alters n listed names in each way, and tells how many still find their party. A name that no alteration suits is passed over.
func printAltered(ctx context.Context, out io.Writer, index *watchlist.Index, lists []watchlist.List, n int, seed uint64) error {
	var entries []watchlist.Entry
	for _, list := range lists {
		for _, e := range list.Entries {
			if e.Searchable() && !e.Weak && inLatin(e.Name) {
				entries = append(entries, e)
			}
		}
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ALTERED\tNAMES\tFOUND\t")
	all, allFound := 0, 0
	for i, a := range alterations {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		tried, found := tryAltered(r, a, index, entries, n)
		all, allFound = all+tried, allFound+found
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t\n", a.name, tried, 100*share(float64(found), float64(tried)))
	}
	fmt.Fprintf(w, "all\t%d\t%.1f %%\t\n\n", all, 100*share(float64(allFound), float64(all)))
	return w.Flush()
}

func tryAltered(r *rand.Rand, a alteration, index *watchlist.Index, entries []watchlist.Entry, n int) (tried, found int) {
	var room []watchlist.Match
	for attempts := 0; tried < n && attempts < 100*n && len(entries) > 0; attempts++ {
		e := &entries[r.IntN(len(entries))]
		name := a.alter(r, e)
		if name == "" {
			continue
		}
		tried++
		room = index.Match(watchlist.Query{Name: name}, room[:0])
		if slices.ContainsFunc(room, func(m watchlist.Match) bool { return m.Entry.List == e.List && m.Entry.ID == e.ID }) {
			found++
		}
	}
	return tried, found
}

func inLatin(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) })
}

// plainWords are the words of a name as a person would write them: without the list's punctuation, the given names first.
func plainWords(e *watchlist.Entry) []string {
	name := e.Name
	if family, given, ok := strings.Cut(name, ","); ok && e.Kind == watchlist.Individual {
		name = given + " " + family
	}
	return strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '-' && r != '.' && r != '&'
	})
}

func shuffleWords(r *rand.Rand, e *watchlist.Entry) string {
	list := plainWords(e)
	if len(list) < 2 {
		return ""
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list, " ")
}

// inWord changes one word that is long enough to be known again.
func inWord(r *rand.Rand, e *watchlist.Entry, change func(r *rand.Rand, word []rune) []rune) string {
	const fewest = 5
	list := plainWords(e)
	var long []int
	for i, w := range list {
		if len([]rune(w)) >= fewest && !strings.ContainsAny(w, "-.'&0123456789") {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return ""
	}
	at := long[r.IntN(len(long))]
	list[at] = string(change(r, []rune(list[at])))
	return strings.Join(list, " ")
}

func changeLetter(r *rand.Rand, word []rune) []rune {
	at := r.IntN(len(word))
	for {
		if letter := rune('A' + r.IntN(26)); letter != unicode.ToUpper(word[at]) {
			word[at] = letter
			return word
		}
	}
}

func dropLetter(r *rand.Rand, word []rune) []rune {
	at := r.IntN(len(word))
	return slices.Delete(word, at, at+1)
}

func doubleLetter(r *rand.Rand, word []rune) []rune {
	at := r.IntN(len(word))
	return slices.Insert(word, at, word[at])
}

func swapLetters(r *rand.Rand, word []rune) []rune {
	at := r.IntN(len(word) - 1)
	word[at], word[at+1] = word[at+1], word[at]
	return word
}

func joinWords(r *rand.Rand, e *watchlist.Entry) string {
	list := plainWords(e)
	if len(list) < 2 {
		return ""
	}
	at := r.IntN(len(list) - 1)
	list[at] += list[at+1]
	return strings.Join(slices.Delete(list, at+1, at+2), " ")
}

// dropWord leaves out a person's middle name.
func dropWord(r *rand.Rand, e *watchlist.Entry) string {
	list := plainWords(e)
	if e.Kind != watchlist.Individual || len(list) < 3 {
		return ""
	}
	at := 1 + r.IntN(len(list)-2)
	return strings.Join(slices.Delete(list, at, at+1), " ")
}

// inCyrillic writes a person's Latin name as Russian does, letter by letter.
func inCyrillic(e *watchlist.Entry) string {
	if e.Kind != watchlist.Individual {
		return ""
	}
	name := strings.ToLower(strings.Join(plainWords(e), " "))
	if strings.ContainsFunc(name, func(c rune) bool { return c > unicode.MaxASCII }) {
		return ""
	}
	return toCyrillic.Replace(name)
}

var toCyrillic = strings.NewReplacer("shch", "щ", "sh", "ш", "ch", "ч", "zh", "ж", "kh", "х", "ts", "ц", "ya", "я", "yu", "ю", "ye", "е", "th", "т", "ph", "ф",
	"x", "кс", "'", "", "a", "а", "b", "б", "c", "к", "d", "д", "e", "е", "f", "ф", "g", "г", "h", "х", "i", "и", "j", "дж", "k", "к", "l", "л", "m", "м",
	"n", "н", "o", "о", "p", "п", "q", "к", "r", "р", "s", "с", "t", "т", "u", "у", "v", "в", "w", "в", "y", "ы", "z", "з")

// respell writes a name as another country's clerk would.
func respell(e *watchlist.Entry) string {
	name := strings.ToLower(strings.Join(plainWords(e), " "))
	other := strings.NewReplacer("mohammad", "muhammed", "muhammad", "mohamed", "hussein", "husain", "husayn", "hussein", "ahmad", "ahmed", "yusuf", "youssef",
		"ou", "u", "oo", "u", "ee", "i", "kh", "h", "q", "k", "dj", "j", "ph", "f", "iy", "y", "ii", "i", "ya", "ia", "yu", "iu", "w", "v", "ck", "k").Replace(name)
	if other == name {
		return ""
	}
	return other
}

var corporateForms = []string{"LLC", "Ltd", "Co., Ltd.", "OOO", "GmbH", "JSC", "S.A.", "Limited Liability Company", "Inc.", "PLC"}

// changeForm writes a company with another corporate form than the list does.
func changeForm(r *rand.Rand, e *watchlist.Entry) string {
	if e.Kind != watchlist.Entity {
		return ""
	}
	list := plainWords(e)
	known := func(w string) bool {
		switch strings.ToUpper(strings.Trim(w, ".")) {
		case "LLC", "LTD", "LIMITED", "CO", "INC", "GMBH", "JSC", "SA", "S.A", "PLC", "CORP", "OOO", "LTDA", "COMPANY":
			return true
		}
		return false
	}
	for len(list) > 1 && known(list[len(list)-1]) {
		list = list[:len(list)-1]
	}
	return strings.Join(append(list, corporateForms[r.IntN(len(corporateForms))]), " ")
}
