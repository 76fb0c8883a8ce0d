package watchlist

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Index finds a name among all lists in force. It is immutable and safe for any number of readers; what it remembers of words that were
// looked for changes how fast it answers, never what.
type Index struct {
	entries []Entry
	byName  map[string]int32   // normalised name to the first entry that has it
	same    map[string][]int32 // a name's own words, as by ownWords, to all entries that have them
	lists   map[string]string  // source to version
	version string

	tokens   []*token         // of all names, each once
	ids      map[string]int32 // word to its place in tokens
	bits     []float32        // what each tells, see weigh
	names    []listedName     // by entry
	places   []listedWord     // of all names, one after the other
	postings []int32          // entries by token, one after the other
	posted   []int32          // where each token's begin; one more for the end
	near     directory        // tokens by key
	joined   directory        // entries by two words as one

	words   memory[known]    // of queries
	strange memory[struct{}] // names that are near none
	scratch sync.Pool
}

// listedName is where an entry's words stand among all.
type listedName struct {
	from, to int32
	family   bool // it is known which words are the family name
}

type listedWord struct {
	token  int32
	class  class
	core   bool
	counts bool // the name is another one without it
}

// NewIndex indexes the searchable names of the lists. Where several entries share a name, a primary one is found before
// an alias, and then the one of the list whose source comes first in the alphabet; the order of lists does not matter.
func NewIndex(lists []List) *Index {
	lists = slices.SortedFunc(slices.Values(lists), func(a, b List) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Version, b.Version))
	})
	x := &Index{
		byName: map[string]int32{}, same: map[string][]int32{}, lists: map[string]string{}, ids: map[string]int32{},
		words: make(memory[known], rememberedWords), strange: make(memory[struct{}], rememberedNames),
	}
	versions := make([]string, 0, len(lists))
	for _, list := range lists {
		versions = append(versions, list.Source+"@"+list.Version)
		x.lists[list.Source] = list.Version
		for _, entry := range list.Entries {
			x.add(entry)
		}
	}
	x.version = strings.Join(versions, " ")
	x.post()
	x.weigh()
	x.enter()
	return x
}

func (x *Index) add(entry Entry) {
	if !entry.Searchable() {
		return
	}
	at := int32(len(x.entries))
	x.entries = append(x.entries, entry)
	key := Normalise(entry.Name)
	known, ok := x.byName[key]
	if !ok || entry.Primary && !x.entries[known].Primary {
		x.byName[key] = at
	}
	var room [maxWords + 4]piece
	n := splitName(entry.Name, room[:0], x.listedToken)
	own := string(ownWords(nil, n.pieces))
	x.same[own] = append(x.same[own], at)
	from := int32(len(x.places))
	family := familyWords(entry)
	for i, p := range n.pieces {
		core := i < family || family == 0 && (i == 0 || i == len(n.pieces)-1)
		counts := p.class == ordinary && !p.generic && !p.initial()
		x.places = append(x.places, listedWord{p.at, p.class, core, counts})
	}
	x.names = append(x.names, listedName{from, int32(len(x.places)), family > 0})
}

// familyWords is how many words of a person's name are the family name, where the list has it before a comma; else 0.
func familyWords(e Entry) int {
	family, _, ok := strings.Cut(e.Name, ",")
	if !ok || e.Kind != Individual {
		return 0
	}
	return len(splitName(family, nil, tokenOf).pieces)
}

// ownWords appends the words that are not corporate forms, in rising order: names that have the same ones may be equal.
func ownWords(dst []byte, pieces []piece) []byte {
	start := len(dst)
	for _, p := range pieces {
		if p.class != form {
			dst = append(append(dst, p.text...), ' ')
		}
	}
	sortWords(dst[start:max(start, len(dst)-1)])
	return dst
}

// listedToken gives a listed word's token, a new one when the word has not been listed before.
func (x *Index) listedToken(word []byte) *token {
	if at, ok := x.ids[string(word)]; ok {
		return x.tokens[at]
	}
	t := newToken(string(word))
	t.at = int32(len(x.tokens))
	x.ids[t.text] = t.at
	x.tokens = append(x.tokens, t)
	return t
}

func (x *Index) wordsOf(entry int32) []listedWord {
	n := x.names[entry]
	return x.places[n.from:n.to]
}

// post lists the entries that each word stands in.
func (x *Index) post() {
	x.posted = make([]int32, len(x.tokens)+1)
	for _, p := range x.places {
		x.posted[p.token+1]++
	}
	for i := range x.tokens {
		x.posted[i+1] += x.posted[i]
	}
	x.postings = make([]int32, len(x.places))
	next := slices.Clone(x.posted)
	for entry := range x.names {
		for _, p := range x.wordsOf(int32(entry)) {
			x.postings[next[p.token]] = int32(entry)
			next[p.token]++
		}
	}
}

// How rare a word is thought to be before any list is read: one name in this many has it.
const (
	supposedNames    = 20_000 // that the supposition is worth
	rarityOfWord     = 20_000
	rarityOfCommon   = 2_000
	rarityOfNickname = 400 // of names that have short forms, which are the commonest
)

// weigh tells how many bits of information each word is worth: how surprising it is that an innocent name has it too. The words that sound
// alike count together, and a party counts once, however many aliases repeat its names.
func (x *Index) weigh() {
	parties := x.parties()
	families := x.families((*token).family)
	skeletons := x.families(func(t *token) string { return skeletonOf(t.sounds[0]) })
	x.bits = make([]float32, len(x.tokens))
	for i, t := range x.tokens {
		supposed := 1 / float64(rarityOfWord)
		if t.nickname != nil {
			supposed = 1 / float64(rarityOfNickname)
		} else if t.common {
			supposed = 1 / float64(rarityOfCommon)
		}
		having := families[t.family()]
		if t.script == abjad { // which has few words of its own on a list: count those that are written in full
			having = max(having, skeletons[skeletonOf(t.sounds[0])])
		}
		share := (having + supposed*supposedNames) / float64(parties+supposedNames)
		x.bits[i] = float32(-math.Log2(share))
	}
}

// families counts the parties that have a word of each family.
func (x *Index) families(familyOf func(*token) string) map[string]float64 {
	type appearance struct {
		family string
		party  [2]string
	}
	counted := map[appearance]bool{}
	families := map[string]float64{}
	for entry := range x.names {
		party := [2]string{x.entries[entry].List, x.entries[entry].ID}
		for _, p := range x.wordsOf(int32(entry)) {
			a := appearance{familyOf(x.tokens[p.token]), party}
			if !counted[a] {
				counted[a] = true
				families[a.family]++
			}
		}
	}
	return families
}

// parties counts the listed parties.
func (x *Index) parties() int {
	parties := map[[2]string]bool{}
	for i := range x.entries {
		parties[[2]string{x.entries[i].List, x.entries[i].ID}] = true
	}
	return len(parties)
}

// family is what words that sound alike have in common.
func (t *token) family() string { return classesOf(t.sounds[0]) }

// enter makes the directories.
func (x *Index) enter() {
	var near, joined []entrance
	for i, t := range x.tokens {
		eachKey(t, func(key uint32) { near = append(near, entrance{key, int32(i)}) })
	}
	for entry := range x.names {
		enter := func(key uint32) { joined = append(joined, entrance{key, int32(entry)}) }
		sounds := x.soundsOf(int32(entry))
		eachJoin(sounds, enter)
		for i := 1; i < len(sounds) && x.entries[entry].Kind == Individual; i++ {
			eachJoin(append(slices.Clone(sounds[i:]), sounds[:i]...), enter) // lists put the family name first
		}
	}
	x.near, x.joined = newDirectory(near), newDirectory(joined)
}

func (x *Index) soundsOf(entry int32) []string {
	var sounds []string
	for _, p := range x.wordsOf(entry) {
		sounds = append(sounds, x.tokens[p.token].sounds[0])
	}
	return sounds
}

// Version names the lists and their versions, e.g. "ofac_sdn@2024-01-26-4f0c2a9be1d3"; "" when there are none.
func (x *Index) Version() string { return x.version }

// VersionOf gives the version of one source's list, "" when it is not among the index's.
func (x *Index) VersionOf(source string) string { return x.lists[source] }

// Names is how many different names can be found.
func (x *Index) Names() int { return len(x.byName) }
