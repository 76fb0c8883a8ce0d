package watchlist

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
)

// dplList reads the Denied Persons List of the US Bureau of Industry and Security: values between tabs, an address a line. It has no
// numbers and does not say what is a person and what a firm.
type dplList struct{ *register }

func (l *dplList) read(c *content) (FileReport, error) {
	t := newTable(c)
	t.comma = '\t'
	record, err := t.next()
	if err != nil {
		return FileReport{}, err
	}
	header, err := t.columnsOf(record, "name", "country", "effective_date", "expiration_date")
	if err != nil {
		return FileReport{}, err
	}
	t.records = 0
	err = t.eachRecord(len(record), func(record []string) error {
		name := header.get(record, "name")
		p := l.party(derivedID("DPL", name, header.get(record, "effective_date")), guessKind(name))
		p.from(header.get(record, "country"))
		if until := header.get(record, "expiration_date"); until != "" {
			p.listed("denied until " + until)
		}
		if Fold(name) == "" {
			return flaw("the party has no name")
		}
		return p.call(name, true, false)
	})
	if err == nil && t.records == 0 {
		err = t.fault("nobody is on the list")
	}
	return FileReport{Part: "names", Records: t.records}, err
}

func (l *dplList) published() time.Time { return time.Time{} }

// derivedID makes a number for a party that its publisher gives none: the list's initials and ten digits of a hash of what stays the
// same about it.
func derivedID(list string, about ...string) string {
	h := sha256.New()
	for _, text := range about {
		h.Write([]byte(Fold(text)))
		h.Write([]byte{0})
	}
	return list + "-" + hex.EncodeToString(h.Sum(nil))[:10]
}

var digits = regexp.MustCompile(`\d`)

// guessKind takes a name for a firm's when a word or a figure in it says so, and else for a person's.
func guessKind(name string) string {
	if digits.MatchString(name) || strings.Contains(name, "&") {
		return Entity
	}
	words := strings.Fields(strings.ToLower(name))
	if n := len(words); n > 0 && ofFirms(strings.ReplaceAll(words[n-1], ".", "")) { // "A.G.", which folds to two words
		return Entity
	}
	for word := range strings.FieldsSeq(Fold(name)) {
		if ofFirms(word) {
			return Entity
		}
	}
	return Individual
}

// ofFirms tells words that firms and institutions have in their names, and people do not.
func ofFirms(word string) bool {
	switch word {
	case "academy", "ag", "agency", "air", "airline", "airlines", "airways", "aktiengesellschaft", "anstalt", "associates", "association", "aviation",
		"bank", "bhd", "brigade", "bureau", "bv", "center", "centre", "co", "college", "commission", "committee", "company", "components", "computers",
		"consulting", "corp", "corporation", "department", "design", "directorate", "doo", "electronic", "electronics", "energy", "engineering",
		"enterprise", "enterprises", "equipment", "establishment", "est", "exim", "exchange", "export", "exports", "factory", "fze", "fzc", "fzco",
		"fzllc", "general", "gmbh", "group", "holding", "holdings", "import", "impex", "inc", "industrial", "industries", "industry", "institute",
		"institution", "instruments", "international", "investment", "investments", "kg", "laboratory", "limited", "llc", "llp", "logistics", "lp",
		"ltd", "ltda", "machinery", "manufacturing", "marine", "materials", "ministry", "network", "nv", "oao", "office", "ooo", "organization",
		"pao", "partners", "plant", "plc", "products", "pte", "pty", "pvt", "regiment", "research", "sa", "sarl", "scientific", "sdn", "semiconductor",
		"service", "services", "shipping", "sl", "solutions", "spa", "sro", "srl", "store", "supplies", "supply", "systems", "technic", "technical",
		"technik", "technologies", "technology", "telecom", "trade", "traders", "trading", "transport", "university", "venture", "ventures", "works", "zao":
		return true
	}
	return false
}
