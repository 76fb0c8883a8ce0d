package watchlist

import (
	"strings"

	"github.com/alataw/alataw/internal/fault"
)

// The columns of OFAC's delimited files, told apart by their number (OFAC, "SDN data formats and data schema", 1999 and after).
// They have no header; "-0-" is no value.
const (
	sdnColumns = 12 // ent_num, SDN_Name, SDN_Type, Program, Title, Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks
	altColumns = 5  // ent_num, alt_num, alt_type, alt_name, alt_remarks
	addColumns = 6  // ent_num, Add_num, Address, City/State/Province/Postal Code, Country, Add_remarks
)

const (
	sdnPart = "sdn"
	altPart = "alt"
	addPart = "add"
)

// ofacList collects the files of a list, in whichever order they come.
type ofacList struct {
	parts     map[string]string // part to file
	parties   []Entry
	aliases   []reference
	addresses []reference
}

// reference is a line of ALT.CSV or ADD.CSV: something about a party of SDN.CSV.
type reference struct {
	id, value string
	line      int
}

func newOFAC() *ofacList { return &ofacList{parts: map[string]string{}} }

func (l *ofacList) read(t *table) (string, error) {
	record, err := t.next()
	if err != nil {
		return "", err
	}
	part := partOf(record)
	switch first, twice := l.parts[part]; {
	case record == nil:
		return "", fault.New(fault.Invalid, "list_empty", "%s is empty", t.name)
	case part == "":
		return "", t.fault("%d values are none of SDN.CSV (%d), ALT.CSV (%d), ADD.CSV (%d)", len(record), sdnColumns, altColumns, addColumns)
	case twice:
		return "", t.fault("this is %s.csv again, after %s", part, first)
	}
	l.parts[part] = t.name
	columns := len(record)
	for ; record != nil && err == nil; record, err = t.next() {
		if err := l.record(t, part, columns, record); err != nil {
			return "", err
		}
	}
	if err == nil && t.cut {
		err = fault.New(fault.Invalid, "list_truncated", "%s, line %d: the file ends in the middle of a line", t.name, t.line)
	}
	return part, err
}

func partOf(record []string) string {
	switch len(record) {
	case sdnColumns:
		return sdnPart
	case altColumns:
		return altPart
	case addColumns:
		return addPart
	}
	return ""
}

func (l *ofacList) record(t *table, part string, columns int, record []string) error {
	if len(record) != columns {
		return t.fault("%d values, where %s.csv has %d", len(record), part, columns)
	}
	if record[0] == "" || strings.Trim(record[0], "0123456789") != "" {
		return t.fault("%q is no party's number", record[0])
	}
	switch part {
	case sdnPart:
		return l.party(t, record)
	case altPart:
		return l.alias(t, record)
	}
	l.addresses = append(l.addresses, reference{clone(record[0]), clone(record[4]), t.line})
	return nil
}

func (l *ofacList) party(t *table, record []string) error {
	kind := null(record[2])
	switch kind {
	case Individual, Vessel, Aircraft:
	case "":
		kind = Entity
	default:
		return t.fault("%q is no type of party", kind)
	}
	if Fold(null(record[1])) == "" {
		return t.fault("the party has no name")
	}
	l.parties = append(l.parties, Entry{
		List: OFAC, ID: clone(record[0]), Name: clone(record[1]), Kind: kind, Program: clone(record[3]), Primary: true,
	})
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

// entries joins the files. An alias or address of a party that SDN.CSV lacks means that one of them is not whole.
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
	for _, address := range l.addresses {
		at, ok := byID[address.id]
		if !ok {
			return nil, l.stray(addPart, address)
		}
		if l.parties[at].Country == "" {
			l.parties[at].Country = address.value
		}
	}
	entries := l.parties
	for _, alias := range l.aliases {
		at, ok := byID[alias.id]
		if !ok {
			return nil, l.stray(altPart, alias)
		}
		entry := l.parties[at]
		entry.Name, entry.Primary = alias.value, false
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
