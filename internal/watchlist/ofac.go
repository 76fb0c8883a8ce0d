package watchlist

import (
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// The columns of OFAC's delimited files, told apart by their number (OFAC, "SDN data formats and data schema", 1999 and after).
// They have no header; "-0-" is no value.
const (
	sdnColumns      = 12 // ent_num, SDN_Name, SDN_Type, Program, Title, Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks
	altColumns      = 5  // ent_num, alt_num, alt_type, alt_name, alt_remarks
	addColumns      = 6  // ent_num, Add_num, Address, City/State/Province/Postal Code, Country, Add_remarks
	commentsColumns = 2  // ent_num, what of the remarks did not fit
)

const (
	sdnPart      = "sdn"
	altPart      = "alt"
	addPart      = "add"
	commentsPart = "comments"
)

// ofacList collects the files of a list, in whichever order they come.
type ofacList struct {
	parts     map[string]string // part to file
	parties   []Entry
	remarks   map[string]string // of each party, by its number
	aliases   []reference
	addresses []reference
	comments  []reference
}

// reference is a line of ALT.CSV, ADD.CSV or SDN_COMMENTS.CSV: something about a party of SDN.CSV.
type reference struct {
	id, value string
	line      int
}

func newOFAC() *ofacList { return &ofacList{parts: map[string]string{}, remarks: map[string]string{}} }

func (l *ofacList) published() time.Time { return time.Time{} }

func (l *ofacList) read(c *content) (FileReport, error) {
	t := newTable(c)
	record, err := t.next()
	if err != nil {
		return FileReport{}, err
	}
	part := partOf(record)
	switch first, twice := l.parts[part]; {
	case record == nil:
		return FileReport{}, fault.New(fault.Invalid, "list_empty", "%s is empty", t.name)
	case part == "":
		return FileReport{}, t.fault("%d values are none of SDN.CSV (%d), ALT.CSV (%d), ADD.CSV (%d), SDN_COMMENTS.CSV (%d)", len(record),
			sdnColumns, altColumns, addColumns, commentsColumns)
	case twice:
		return FileReport{}, t.fault("this is %s.csv again, after %s", part, first)
	}
	l.parts[part] = t.name
	width := len(record)
	for ; record != nil && err == nil; record, err = t.next() {
		if err := l.record(t, part, width, record); err != nil {
			return FileReport{}, err
		}
	}
	if err == nil && t.cut {
		err = fault.New(fault.Invalid, "list_truncated", "%s, line %d: the file ends in the middle of a line", t.name, t.line)
	}
	return FileReport{Part: part, Records: t.records}, err
}

func partOf(record []string) string {
	switch len(record) {
	case sdnColumns:
		return sdnPart
	case altColumns:
		return altPart
	case addColumns:
		return addPart
	case commentsColumns:
		return commentsPart
	}
	return ""
}

func (l *ofacList) record(t *table, part string, width int, record []string) error {
	if len(record) != width {
		return t.fault("%d values, where %s.csv has %d", len(record), part, width)
	}
	if record[0] == "" || strings.Trim(record[0], "0123456789") != "" {
		return t.fault("%q is no party's number", record[0])
	}
	switch part {
	case sdnPart:
		return l.party(t, record)
	case altPart:
		return l.alias(t, record)
	case addPart:
		l.addresses = append(l.addresses, reference{clone(record[0]), clone(record[4]), t.line})
	case commentsPart:
		l.comments = append(l.comments, reference{clone(record[0]), clone(record[1]), t.line})
	}
	return nil
}

func (l *ofacList) party(t *table, record []string) error {
	kind := null(record[2])
	switch kind {
	case Individual, Vessel, Aircraft:
		kind = strings.Clone(kind)
	case "":
		kind = Entity
	default:
		return t.fault("%q is no type of party", kind)
	}
	if Fold(null(record[1])) == "" {
		return t.fault("the party has no name")
	}
	party := Entry{List: OFAC, ID: clone(record[0]), Name: clone(record[1]), Kind: kind, Program: clone(record[3]), Primary: true}
	l.parties = append(l.parties, party)
	if remarks := null(record[11]); remarks != "" {
		l.remarks[party.ID] = strings.Clone(remarks)
	}
	return nil
}

func (l *ofacList) alias(t *table, record []string) error {
	switch record[2] {
	case "aka", "fka", "nka":
	default:
		return t.fault("%q is no type of alias", record[2])
	}
	if Fold(null(record[3])) == "" {
		return t.fault("the alias has no name")
	}
	l.aliases = append(l.aliases, reference{clone(record[0]), clone(record[3]), t.line})
	return nil
}

// entries joins the files: the parties, then their aliases, then the weak aliases of their remarks. An alias, address or comment of a party
// that SDN.CSV lacks means that one of them is not whole.
func (l *ofacList) entries() ([]Entry, error) {
	if l.parts[sdnPart] == "" {
		return nil, fault.New(fault.Invalid, "list_incomplete", "SDN.CSV is not among the files")
	}
	byID := make(map[string]int, len(l.parties))
	for i := range l.parties {
		if _, twice := byID[l.parties[i].ID]; twice {
			return nil, fault.New(fault.Invalid, "list_malformed", "%s: party %s is there twice", l.parts[sdnPart], l.parties[i].ID)
		}
		byID[l.parties[i].ID] = i
	}
	more := map[string][]string{}
	for _, comment := range l.comments {
		if _, ok := byID[comment.id]; !ok {
			return nil, l.stray(commentsPart, comment)
		}
		more[comment.id] = append(more[comment.id], comment.value)
	}
	for id, values := range more {
		l.remarks[id] += strings.Join(values, "")
	}
	weak, err := l.readRemarks()
	if err != nil {
		return nil, err
	}
	for _, address := range l.addresses {
		at, ok := byID[address.id]
		if !ok {
			return nil, l.stray(addPart, address)
		}
		if l.parties[at].Country == "" {
			l.parties[at].Country = address.value
		}
		l.parties[at].Countries = addCountry(l.parties[at].Countries, address.value)
	}
	entries := l.parties
	for _, alias := range append(l.aliases, weak...) {
		at, ok := byID[alias.id]
		if !ok {
			return nil, l.stray(altPart, alias)
		}
		entry := l.parties[at]
		entry.Name, entry.Primary, entry.Weak = alias.value, false, alias.line == 0
		entries = append(entries, entry)
	}
	return entries, nil
}

func (l *ofacList) stray(part string, r reference) error {
	return fault.New(fault.Invalid, "list_incomplete", "%s, line %d: party %s is not in %s", l.parts[part], r.line, r.id, l.parts[sdnPart])
}

// null reads OFAC's word for no value.
func null(value string) string {
	if value == "-0-" {
		return ""
	}
	return value
}

// clone frees a value from the line it stands in.
func clone(value string) string { return strings.Clone(null(value)) }
