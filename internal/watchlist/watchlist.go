// Package watchlist keeps denied-party lists: it reads their publishers' formats, folds names so that spellings compare, and finds a name at once.
package watchlist

import "unicode"

// Entry is one name of one listed party. A party has its primary name and as many aliases as its publisher gives it.
type Entry struct {
	List    string // the source, e.g. ofac_sdn
	ID      string // the publisher's number of the party
	Name    string // as the publisher writes it
	Kind    string // Entity, Individual, Vessel or Aircraft
	Program string // why it is listed, in the publisher's words; "" when it does not say
	Country string // of the party's first address, in the publisher's words; "" when it does not say
	Primary bool   // false: an alias
	Weak    bool   // an alias that its publisher grades weak or of low quality: a by-name, a nickname, a name that many have

	Births    []string // when a person was born, as far as the publisher says: ISO dates (1961-01-31) or years (1961); several are alternatives
	Countries []string // ISO 3166-1 alpha-2, upper case: nationality, citizenship, address; no duplicates
}

// The kinds of listed parties.
const (
	Entity     = "entity"
	Individual = "individual"
	Vessel     = "vessel"
	Aircraft   = "aircraft"
)

// List is one version of one publisher's list.
type List struct {
	Source  string // e.g. ofac_sdn
	Version string // of Report.Version: date and short hash of the content
	Entries []Entry
}

// The fewest letters a name needs to be looked for. A Han character counts as three: it is a syllable, not a letter.
const (
	fewestLetters        = 4 // "M23", "BNC" and the like meet too much that is innocent
	fewestLettersOfAlias = 5 // of an alias that is one word: "NICO" is a listed company, and many people's whole signature
)

// Searchable tells whether a consignee or seller of exactly this name is suspected of being the party.
//
// Ships and aircraft are not: nobody posts a parcel to one, and they are called "Bella", "Santiago" or "Rose". Nor are names
// too short to mean anybody. OFAC grades its own aliases by the same thought, and expects nobody to screen for the
// weak ones alone (FAQ 122 and 124, 2011-01-21): those need more than their own likeness, which is not this function's to say.
func (e *Entry) Searchable() bool {
	if e.Kind == Vessel || e.Kind == Aircraft {
		return false
	}
	letters, words := 0, 0
	inWord := false
	for _, r := range Fold(e.Name) {
		if r == ' ' {
			inWord = false
			continue
		}
		if !inWord {
			inWord, words = true, words+1
		}
		letters += lettersOf(r)
	}
	if words == 1 && !e.Primary {
		return letters >= fewestLettersOfAlias
	}
	return letters >= fewestLetters
}

func lettersOf(r rune) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return 3
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return 1
	}
	return 0 // a mark belongs to the letter before it
}
