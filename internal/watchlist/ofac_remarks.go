package watchlist

import (
	"strings"

	"github.com/alataw/alataw/internal/fault"
)

// readRemarks finds in the parties' remarks what the files have no columns for: when people were born, what countries they belong to,
// and the weak aliases, which OFAC puts there in single quotes and nowhere else (OFAC FAQ 122 and 123). References without a line are weak aliases.
func (l *ofacList) readRemarks() (weak []reference, err error) {
	for i := range l.parties {
		p := &l.parties[i]
		if len(l.parties)+len(l.aliases)+len(weak) > maxNames {
			return nil, fault.New(fault.Invalid, "list_malformed", "%s: the list has more than %d names", l.parts[sdnPart], maxNames)
		}
		for remark := range strings.SplitSeq(l.remarks[p.ID], ";") {
			remark = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(remark), "."), "alt. ")
			word, rest, _ := strings.Cut(remark, " ")
			switch word {
			case "DOB":
				p.Births = addBirth(p.Births, rest)
			case "nationality", "citizen":
				p.Countries = addCountry(p.Countries, rest)
			case "a.k.a.", "f.k.a.", "n.k.a.":
				if name := quoted(rest); Fold(name) != "" {
					weak = append(weak, reference{id: p.ID, value: name})
				}
			}
		}
	}
	return weak, nil
}

// quoted gives what stands between the first and the last single quote: a name may have some of its own.
func quoted(text string) string {
	from, to := strings.IndexByte(text, '\''), strings.LastIndexByte(text, '\'')
	if from < 0 || to <= from {
		return ""
	}
	return strings.Clone(strings.TrimSpace(text[from+1 : to]))
}
