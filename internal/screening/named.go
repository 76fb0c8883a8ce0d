package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/alataw/alataw/internal/watchlist"
)

// NamedList is a list that rules ask by its name, and that is maintained apart from them.
type NamedList struct {
	Name  string   `json:"name"` // e.g. hs.watched
	Kind  ListKind `json:"kind"`
	Items []string `json:"items"`
}

// ListKind is how a list is asked.
type ListKind string

// The kinds of lists.
const (
	Values   ListKind = "values"   // the whole text: companies, registration numbers, countries; case and accents aside
	Prefixes ListKind = "prefixes" // what it begins with: HS codes, postal codes
	Keywords ListKind = "keywords" // whole words of a folded text
)

const (
	mostItems = 100_000
	mostItem  = 250 // bytes
)

var listName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

// Flaws gives all that is wrong with a list.
func (l NamedList) Flaws() FlawsError {
	c := &compiler{}
	if !listName.MatchString(l.Name) || len(l.Name) > 60 {
		c.flaw("name", "words of small letters, digits and _ with dots between, 60 characters at most")
	}
	if !slices.Contains([]ListKind{Values, Prefixes, Keywords}, l.Kind) {
		c.flaw("kind", "%q is none of values, prefixes, keywords", l.Kind)
	}
	if len(l.Items) > mostItems {
		c.flaw("items", "%d; %d are taken", len(l.Items), mostItems)
	}
	for i, item := range l.Items {
		if watchlist.Fold(item) == "" || len(item) > mostItem {
			c.flaw(fmt.Sprintf("items/%d", i), "a text with letters or digits, %d bytes at most", mostItem)
		} else if !storable(item) {
			c.flaw(fmt.Sprintf("items/%d", i), unstorable)
		}
	}
	return c.flaws
}

// NamedLists are the lists that rules may ask. They are immutable.
type NamedLists struct {
	all     []NamedList
	lists   map[string]namedList
	version string
}

type namedList struct {
	Kind     ListKind
	has      map[string]bool // folded; of prefixes as they stand
	lengths  []int           // of prefixes, longest first
	mostLong int             // words of the longest keyword
}

// NewNamedLists makes lists that Flaws found nothing wrong with ready to be asked.
func NewNamedLists(lists []NamedList) *NamedLists {
	n := &NamedLists{all: lists, lists: map[string]namedList{}}
	hash := sha256.New()
	for _, l := range slices.SortedFunc(slices.Values(lists), func(a, b NamedList) int { return strings.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(hash, "%q %q %q\n", l.Name, l.Kind, slices.Sorted(slices.Values(l.Items)))
		n.lists[l.Name] = prepare(l)
	}
	if len(lists) > 0 {
		n.version = hex.EncodeToString(hash.Sum(nil))[:12]
	}
	return n
}

func prepare(l NamedList) namedList {
	out := namedList{Kind: l.Kind, has: make(map[string]bool, len(l.Items))}
	lengths := map[int]bool{}
	for _, item := range l.Items {
		if l.Kind == Prefixes {
			out.has[item], lengths[len(item)] = true, true
			continue
		}
		folded := watchlist.Fold(item)
		out.has[folded] = true
		out.mostLong = max(out.mostLong, 1+strings.Count(folded, " "))
	}
	out.lengths = slices.Sorted(maps.Keys(lengths))
	slices.Reverse(out.lengths)
	return out
}

// Version is a short hash over all lists; "" when there are none.
func (n *NamedLists) Version() string { return n.version }

func (n *NamedLists) list(name string) (namedList, bool) {
	l, ok := n.lists[name]
	return l, ok
}

func (n *NamedLists) has(name, text string) bool {
	l := n.lists[name]
	if l.Kind != Prefixes {
		return l.has[watchlist.Fold(text)]
	}
	for _, length := range l.lengths {
		if length <= len(text) && l.has[text[:length]] {
			return true
		}
	}
	return false
}

// mentions looks for keywords of one word and more.
func (n *NamedLists) mentions(name, words string) bool {
	l := n.lists[name]
	text := strings.Join(strings.Fields(words), " ")
	for from := 0; from < len(text); {
		end := from
		for range l.mostLong {
			end += wordEnd(text[end:])
			if l.has[text[from:end]] {
				return true
			}
			if end == len(text) {
				break
			}
			end++ // the blank
		}
		from += wordEnd(text[from:]) + 1
	}
	return false
}

// wordEnd gives where the first word of a text ends.
func wordEnd(text string) int {
	if end := strings.IndexByte(text, ' '); end >= 0 {
		return end
	}
	return len(text)
}
