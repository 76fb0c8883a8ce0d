package watchlist

import (
	"cmp"
	"slices"
	"strings"
)

// Index finds a name among all lists in force. It is immutable and safe for any number of readers.
type Index struct {
	entries []Entry
	byName  map[string]int32  // normalised name to its place in entries
	lists   map[string]string // source to version
	version string
}

// NewIndex indexes the searchable names of the lists. Where several entries share a name, a primary one is found before
// an alias, and then the one of the list whose source comes first in the alphabet; the order of lists does not matter.
func NewIndex(lists []List) *Index {
	lists = slices.SortedFunc(slices.Values(lists), func(a, b List) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Version, b.Version))
	})
	x := &Index{byName: map[string]int32{}, lists: map[string]string{}}
	versions := make([]string, 0, len(lists))
	for _, list := range lists {
		versions = append(versions, list.Source+"@"+list.Version)
		x.lists[list.Source] = list.Version
		for _, entry := range list.Entries {
			x.add(entry)
		}
	}
	x.version = strings.Join(versions, " ")
	return x
}

func (x *Index) add(entry Entry) {
	if !entry.Searchable() {
		return
	}
	key := Normalise(entry.Name)
	known, ok := x.byName[key]
	switch {
	case !ok:
		x.byName[key] = int32(len(x.entries))
		x.entries = append(x.entries, entry)
	case entry.Primary && !x.entries[known].Primary:
		x.entries[known] = entry
	}
}

// Find gives the listed name that equals name after normalising, if there is one. To be called like a weak alias is not enough.
func (x *Index) Find(name string) (Entry, bool) {
	var room [keyRoom]byte
	at, ok := x.byName[string(AppendNormalised(room[:0], name))]
	if !ok || x.entries[at].Weak {
		return Entry{}, false
	}
	return x.entries[at], true
}

// Version names the lists and their versions, e.g. "ofac_sdn@2024-01-26-4f0c2a9be1d3"; "" when there are none.
func (x *Index) Version() string { return x.version }

// VersionOf gives the version of one source's list, "" when it is not among the index's.
func (x *Index) VersionOf(source string) string { return x.lists[source] }

// Names is how many different names can be found.
func (x *Index) Names() int { return len(x.byName) }
