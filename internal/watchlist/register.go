package watchlist

import (
	"strings"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
)

// What a list may say of one party; real ones say a tenth of it.
const (
	maxName    = 2000 // bytes of a name
	maxAliases = 2000
	maxBirths  = 200
)

// register gathers the parties of a list in the order they come, under the publisher's number of each. What is said of a party
// in several places is joined.
type register struct {
	source  string
	parties []*party
	byID    map[string]*party
	names   int
}

// party is what a list says of a party, as far as it has been read.
type party struct {
	Entry   // of its primary name
	aliases []Entry
	of      *register
}

func newRegister(source string) *register {
	return &register{source: source, byID: map[string]*party{}}
}

// party gives the party of a number, made with a kind when it is new.
func (r *register) party(id, kind string) *party {
	p := r.byID[id]
	if p == nil {
		p = &party{Entry: Entry{List: r.source, ID: id, Kind: kind, Primary: true}, of: r}
		r.byID[id] = p
		r.parties = append(r.parties, p)
	}
	return p
}

// call gives a party a name. The first that is not weak is its primary name unless another comes that is said to be it. What folds to
// nothing is no name; the same name twice is one, and good when one of them is.
func (p *party) call(name string, primary, weak bool) error {
	name, err := tidy(name)
	if err != nil || Fold(name) == "" {
		return err
	}
	switch {
	case p.Name == name:
		return nil
	case primary && p.Name == "":
		p.Name = name
		return p.of.count()
	}
	for i := range p.aliases {
		if p.aliases[i].Name == name {
			p.aliases[i].Weak = p.aliases[i].Weak && weak
			return nil
		}
	}
	if len(p.aliases) == maxAliases {
		return flaw("a party has more aliases than can be")
	}
	p.aliases = append(p.aliases, Entry{Name: name, Weak: weak})
	return p.of.count()
}

// count counts a name.
func (r *register) count() error {
	if r.names++; r.names > maxNames {
		return flaw("the list has more names than can be")
	}
	return nil
}

// from adds where a party is from or lives, in the publisher's words.
func (p *party) from(country string) {
	if country, err := tidy(country); err == nil && p.Country == "" {
		p.Country = country
	}
	p.Countries = addCountry(p.Countries, country)
}

func (p *party) born(text string) { p.Births = addBirth(p.Births, text) }

// listed adds why a party is listed.
func (p *party) listed(program string) {
	program, err := tidy(program)
	switch {
	case err != nil || program == "" || len(p.Program)+len(program) > maxName:
	case p.Program == "":
		p.Program = program
	case !strings.Contains(p.Program, program):
		p.Program += "; " + program
	}
}

// entries gives a party's names: the primary one, then the aliases.
func (r *register) entries() ([]Entry, error) {
	var all []Entry
	for _, p := range r.parties {
		if p.Name == "" && !p.promote() {
			return nil, fault.New(fault.Invalid, "list_malformed", "party %s of %s has no name", p.ID, r.source)
		}
		all = append(all, p.Entry)
		for _, alias := range p.aliases {
			if alias.Name == p.Name {
				continue
			}
			entry := p.Entry
			entry.Name, entry.Weak, entry.Primary = alias.Name, alias.Weak, false
			all = append(all, entry)
		}
	}
	return all, nil
}

// promote makes the first good alias the primary name where the publisher has called none so, or else the first.
func (p *party) promote() bool {
	for _, weak := range []bool{false, true} {
		for i := range p.aliases {
			if p.aliases[i].Weak == weak {
				p.Name = p.aliases[i].Name
				return true
			}
		}
	}
	return false
}

// tidy joins the words of a text by single blanks. Control characters and endless names are refused: no name has them.
func tidy(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case len(text) > maxName:
		return "", flaw("a name or number is longer than can be")
	case !utf8.ValidString(text), strings.ContainsFunc(text, unprintable):
		return "", flaw("a value has control characters or is not UTF-8")
	}
	return strings.Clone(text), nil // the rest of the line it stands in is let go
}

// flaw is what is wrong with a party; whoever reads the file knows where it stands.
type flaw string

// Error says what is wrong.
func (f flaw) Error() string { return string(f) }
