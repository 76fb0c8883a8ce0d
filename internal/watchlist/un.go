package watchlist

import (
	"encoding/xml"
	"strings"
	"time"
)

// unList reads the United Nations Security Council's consolidated list, in its XML (sc-sanctions.xsd). Committees grade the aliases
// of people Good or Low; those of Low quality are weak.
type unList struct {
	*register
	date time.Time
}

// unParty is an INDIVIDUAL or ENTITY.
type unParty struct {
	DataID    string   `xml:"DATAID"`
	Reference string   `xml:"REFERENCE_NUMBER"`
	First     string   `xml:"FIRST_NAME"`
	Second    string   `xml:"SECOND_NAME"`
	Third     string   `xml:"THIRD_NAME"`
	Fourth    string   `xml:"FOURTH_NAME"`
	Original  string   `xml:"NAME_ORIGINAL_SCRIPT"`
	Committee string   `xml:"UN_LIST_TYPE"`
	Nations   []string `xml:"NATIONALITY>VALUE"`

	PersonAliases   []unAlias   `xml:"INDIVIDUAL_ALIAS"`
	EntityAliases   []unAlias   `xml:"ENTITY_ALIAS"`
	PersonAddresses []unAddress `xml:"INDIVIDUAL_ADDRESS"`
	EntityAddresses []unAddress `xml:"ENTITY_ADDRESS"`
	Births          []unBirth   `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
}

type unAlias struct {
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
}

type unAddress struct {
	Country string `xml:"COUNTRY"`
}

// unBirth is a date (DATE), a year, or a range of years of birth; Type is EXACT, APPROXIMATELY or BETWEEN.
type unBirth struct {
	Type string `xml:"TYPE_OF_DATE"`
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
	Note string `xml:"NOTE"`
}

const unRoot = "CONSOLIDATED_LIST"

var unKinds = map[string]string{"INDIVIDUAL": Individual, "ENTITY": Entity}

func (l *unList) read(c *content) (FileReport, error) {
	m := newMarkup(c)
	root := func(e xml.StartElement) error {
		if e.Name.Local != unRoot {
			return m.fault("the outermost element is %s, where the list of the UN has %s", e.Name.Local, unRoot)
		}
		l.date = instant(attribute(e, "dateGenerated"))
		return nil
	}
	err := m.each(root, map[string]bool{"INDIVIDUAL": true, "ENTITY": true}, func(e xml.StartElement) error {
		var p unParty
		if err := m.decode(e, &p); err != nil {
			return err
		}
		return l.add(&p, unKinds[e.Name.Local])
	})
	return FileReport{Part: "parties", Records: m.records}, err
}

func (l *unList) add(u *unParty, kind string) error {
	id, err := tidy(given(u.Reference, u.DataID))
	if err != nil || id == "" {
		return flaw("a party has no number")
	}
	p := l.party(id, kind)
	p.listed(u.Committee)
	for _, country := range u.Nations {
		p.from(country)
	}
	for _, address := range append(u.PersonAddresses, u.EntityAddresses...) {
		p.from(address.Country)
	}
	for _, birth := range u.Births {
		p.born(birth.text())
	}
	if err := p.call(strings.Join([]string{u.First, u.Second, u.Third, u.Fourth}, " "), true, false); err != nil {
		return err
	}
	for _, alias := range append(u.PersonAliases, u.EntityAliases...) {
		if err := p.call(alias.Name, false, strings.EqualFold(strings.TrimSpace(alias.Quality), "low")); err != nil {
			return err
		}
	}
	return p.call(u.Original, false, false)
}

// text is a birth in the words that addBirth reads.
func (b unBirth) text() string {
	switch {
	case b.From != "" && b.To != "":
		return b.From + " to " + b.To
	case b.Date != "":
		return strings.TrimSpace(b.Date)
	case b.Year == "":
		return b.Note
	case strings.HasPrefix(b.Type, "APPROX"):
		return "circa " + b.Year
	}
	return b.Year
}

func (l *unList) published() time.Time { return l.date }

// instant reads a time as XML writes it, with or without its zone; the zero time is for what is none.
func instant(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999", time.DateOnly} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

func given(texts ...string) string {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}
	return ""
}
