package watchlist

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/alataw/alataw/internal/refdata"
)

// cslList reads the US Consolidated Screening List, in its CSV and in its JSON: the lists of the Departments of Commerce, State and the Treasury
// in one. A party is known by its list's initials and its number there; lists that give no numbers have derived ones.
type cslList struct{ *register }

// cslParty is a party, as both formats tell it.
type cslParty struct {
	List      string         `json:"source"` // "Entity List (EL) - Bureau of Industry and Security"
	Number    jsontext.Value `json:"entity_number"`
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	Aliases   []string       `json:"alt_names"`
	Programs  []string       `json:"programs"`
	Births    []string       `json:"dates_of_birth"`
	Nations   []string       `json:"nationalities"`
	Citizen   []string       `json:"citizenships"`
	Addresses []cslAddress   `json:"addresses"`
}

type cslAddress struct {
	Country string `json:"country"`
}

func (l *cslList) read(c *content) (FileReport, error) {
	start, _ := c.in.Peek(1)
	if string(start) == "{" {
		return l.readJSON(c)
	}
	return l.readCSV(c)
}

func (l *cslList) readCSV(c *content) (FileReport, error) {
	t := newTable(c)
	t.folds = true
	record, err := t.next()
	if err != nil {
		return FileReport{}, err
	}
	header, err := t.columnsOf(record, "source", "entity_number", "type", "programs", "name", "addresses", "alt_names")
	if err != nil {
		return FileReport{}, err
	}
	t.records = 0
	err = t.eachRecord(len(record), func(record []string) error {
		get := func(column string) string { return strings.Clone(header.get(record, column)) }
		p := cslParty{
			List: get("source"), Number: jsontext.Value(get("entity_number")), Type: get("type"), Name: get("name"), Aliases: listOf(get("alt_names")),
			Programs: listOf(get("programs")), Births: listOf(get("dates_of_birth")), Nations: listOf(get("nationalities")), Citizen: listOf(get("citizenships")),
		}
		for _, address := range listOf(get("addresses")) { // a code ends it, where it ends with a country
			if country := strings.TrimSpace(address[strings.LastIndexByte(address, ',')+1:]); refdata.IsCountry(country) {
				p.Addresses = append(p.Addresses, cslAddress{country})
			}
		}
		return l.add(&p)
	})
	if err == nil && t.records == 0 {
		err = t.fault("nobody is on the list")
	}
	return FileReport{Part: "parties", Records: t.records}, err
}

// listOf splits a value that has several.
func listOf(text string) (list []string) {
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// readJSON reads {"results": [party, …]}, never more than one party at a time.
func (l *cslList) readJSON(c *content) (FileReport, error) {
	in := &stretch{in: c.in}
	d := &cslDecoder{Decoder: jsontext.NewDecoder(in), in: in}
	report := FileReport{Part: "parties"}
	err := d.members(func(name string) error {
		if name != "results" {
			return d.SkipValue()
		}
		return d.elements(func() error {
			var p cslParty
			if err := json.UnmarshalDecode(d.Decoder, &p); err != nil {
				return err
			}
			report.Records++
			return l.add(&p)
		})
	})
	if err == nil {
		_, err = d.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			err = nil
		case err == nil:
			err = flaw("the JSON goes on behind the list")
		}
	}
	switch {
	case err != nil:
		return report, d.explain(c, err, report.Records)
	case report.Records == 0:
		return report, c.fault(1, "nobody is on the list")
	}
	return report, nil
}

// explain sorts out an error of decoding; records have been read.
func (d *cslDecoder) explain(c *content, err error, records int) error {
	if d.in.failed != nil {
		return c.readFault(d.in.failed, 1)
	}
	if wrong, ok := errors.AsType[flaw](err); ok {
		return c.fault(1, "result %d: %v", records, wrong)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return c.truncated(1)
	}
	if wrong, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return c.fault(1, "no JSON behind byte %d: %v", wrong.ByteOffset, wrong.Err)
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		return c.fault(1, "no party behind byte %d, at %s", wrong.ByteOffset, wrong.JSONPointer)
	}
	return c.fault(1, "%v", err)
}

// cslDecoder walks JSON, settling what it has read.
type cslDecoder struct {
	*jsontext.Decoder
	in *stretch
}

// expect reads a token of a kind.
func (d *cslDecoder) expect(kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = flaw("this is not the JSON of the list: " + token.Kind().String() + " where " + kind.String() + " is expected")
	}
	d.in.settled = d.InputOffset()
	return err
}

// members calls take for each member of an object; take reads its value.
func (d *cslDecoder) members(take func(name string) error) error {
	if err := d.expect('{'); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := take(name.String()); err != nil {
			return err
		}
		d.in.settled = d.InputOffset()
	}
	return d.expect('}')
}

// elements calls take for each element of an array; take reads it.
func (d *cslDecoder) elements(take func() error) error {
	if err := d.expect('['); err != nil {
		return err
	}
	for kind := d.PeekKind(); kind != ']' && kind != 0; kind = d.PeekKind() {
		if err := take(); err != nil {
			return err
		}
		d.in.settled = d.InputOffset()
	}
	return d.expect(']')
}

func (l *cslList) add(u *cslParty) error {
	initials := initialsOf(u.List)
	if initials == "" {
		return flaw("a party is of no list")
	}
	kind := strings.ToLower(strings.TrimSpace(u.Type))
	switch kind {
	case Individual, Entity, Vessel, Aircraft:
	default:
		kind = guessKind(u.Name)
	}
	number := strings.Trim(string(u.Number), `" `)
	id := initials + "-" + number
	if number == "" || number == "null" || len(number) > 40 || strings.ContainsFunc(number, func(r rune) bool { return r < '!' || r > '~' }) {
		id = derivedID(initials, u.Name)
	}
	if Fold(u.Name) == "" {
		return flaw("the party has no name")
	}
	p := l.party(id, kind)
	p.listed(strings.Join(append([]string{initials}, u.Programs...), " "))
	for _, country := range append(u.Citizen, u.Nations...) {
		p.from(country)
	}
	for _, address := range u.Addresses {
		p.from(address.Country)
	}
	for _, birth := range u.Births {
		p.born(birth)
	}
	if err := p.call(u.Name, true, false); err != nil {
		return err
	}
	for _, alias := range u.Aliases {
		if err := p.call(strings.TrimPrefix(strings.TrimSuffix(alias, "."), "and "), false, false); err != nil {
			return err
		}
	}
	return nil
}

// initialsOf finds the initials of "Entity List (EL) - Bureau of Industry and Security".
func initialsOf(list string) string {
	_, rest, _ := strings.Cut(list, "(")
	initials, _, found := strings.Cut(rest, ")")
	initials = strings.ToUpper(strings.TrimSuffix(initials, " List")) // "(NS-MBS List)"
	if !found || len(initials) > 20 || strings.ContainsFunc(initials, func(r rune) bool { return r < '!' || r > '~' }) {
		return ""
	}
	return initials
}

func (l *cslList) published() time.Time { return time.Time{} }
