package watchlist

import (
	"encoding/xml"
	"strings"
	"time"
)

// euList reads the European Union's consolidated financial sanctions list (FSF), in its XML 1.1: everything is in attributes.
// An alias whose strong is false is weak.
type euList struct {
	*register
	date time.Time
}

// euParty is a sanctionEntity.
type euParty struct {
	LogicalID string `xml:"logicalId,attr"`
	Reference string `xml:"euReferenceNumber,attr"`
	Subject   struct {
		Code  string `xml:"code,attr"`
		Class string `xml:"classificationCode,attr"`
	} `xml:"subjectType"`
	Regulations []struct {
		Programme string `xml:"programme,attr"`
	} `xml:"regulation"`
	Names []struct {
		Whole  string `xml:"wholeName,attr"`
		First  string `xml:"firstName,attr"`
		Middle string `xml:"middleName,attr"`
		Last   string `xml:"lastName,attr"`
		Strong string `xml:"strong,attr"`
	} `xml:"nameAlias"`
	Births       []euBirth   `xml:"birthdate"`
	Citizenships []euCountry `xml:"citizenship"`
	Addresses    []euCountry `xml:"address"`
}

type euCountry struct {
	Code        string `xml:"countryIso2Code,attr"` // 00 is unknown
	Description string `xml:"countryDescription,attr"`
}

type euBirth struct {
	Date     string `xml:"birthdate,attr"`
	Year     string `xml:"year,attr"`
	From     string `xml:"yearRangeFrom,attr"`
	To       string `xml:"yearRangeTo,attr"`
	Circa    string `xml:"circa,attr"`
	Calendar string `xml:"calendarType,attr"`
}

const euRoot = "export"

func (l *euList) read(c *content) (FileReport, error) {
	m := newMarkup(c)
	root := func(e xml.StartElement) error {
		if e.Name.Local != euRoot {
			return m.fault("the outermost element is %s, where the list of the EU has %s", e.Name.Local, euRoot)
		}
		l.date = instant(attribute(e, "generationDate"))
		return nil
	}
	err := m.each(root, map[string]bool{"sanctionEntity": true}, func(e xml.StartElement) error {
		var p euParty
		if err := m.decode(e, &p); err != nil {
			return err
		}
		return l.add(&p)
	})
	return FileReport{Part: "parties", Records: m.records}, err
}

func (l *euList) add(u *euParty) error {
	id, err := tidy(given(u.Reference, u.LogicalID))
	if err != nil || id == "" {
		return flaw("a party has no number")
	}
	p := l.party(id, u.kind())
	for _, regulation := range u.Regulations {
		p.listed(regulation.Programme)
	}
	for _, country := range append(u.Citizenships, u.Addresses...) {
		p.from(given(country.Description, country.Code))
		p.Countries = addCountry(p.Countries, country.Code)
	}
	for _, birth := range u.Births {
		p.born(birth.text())
	}
	for _, name := range u.Names {
		strong := name.Strong != "false"
		whole := given(name.Whole, strings.Join([]string{name.First, name.Middle, name.Last}, " "))
		if err := p.call(whole, strong, !strong); err != nil {
			return err
		}
	}
	return nil
}

func (u *euParty) kind() string {
	switch code := strings.ToLower(u.Subject.Code); {
	case u.Subject.Class == "P", code == "person":
		return Individual
	case code == "vessel", code == "ship":
		return Vessel
	case code == "aircraft":
		return Aircraft
	}
	return Entity
}

// text is a birth in the words that addBirth reads; years of other calendars than ours are left out.
func (b euBirth) text() string {
	switch {
	case b.Date != "":
		return strings.TrimSpace(b.Date)
	case b.Calendar != "" && b.Calendar != "GREGORIAN":
		return ""
	case b.From != "" && b.To != "":
		return b.From + " to " + b.To
	case b.Circa == "true":
		return "circa " + b.Year
	}
	return b.Year
}

func (l *euList) published() time.Time { return l.date }
