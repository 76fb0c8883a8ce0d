package screening

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/alataw/alataw/internal/parcel"
)

// Record is what rules were made of, as it is kept from the first verdict they give: enough to make them again. The office's sample
// key is not in it, for it is a secret; Keyed tells whether there was one.
type Record struct {
	Engine  int                     `json:"engine"`
	Program string                  `json:"program,omitempty"` // the release that judged by these rules first, as far as it knows
	Tables  string                  `json:"tables,omitempty"`  // what that release knew of goods, names and currencies
	Office  Office                  `json:"office"`
	Set     Document                `json:"set"`
	SetHash string                  `json:"set_hash"`
	Named   []NamedList             `json:"named_lists,omitempty"`
	Lists   string                  `json:"lists"` // of watchlist.Index.Version
	Trusted string                  `json:"trusted_pairs,omitempty"`
	TopUp   map[parcel.Lane]Percent `json:"top_up,omitempty"`
	Learned ProfileVersions         `json:"profiles,omitzero"`
	Rates   string                  `json:"rates,omitempty"` // of rates.Table.Version
}

// Office is an office's settings as they are kept.
type Office struct {
	TicketFen         int64 `json:"ticket_fen"`
	SplitParcels      int   `json:"split_parcels"`
	RandomBasisPoints int   `json:"random_basis_points"`
	Keyed             bool  `json:"keyed"`
}

// SameTables tells whether this program knows the same of goods, names and currencies as the one that judged.
func (c Record) SameTables() bool { return c.Tables == tables() }

// Record tells what the rules were made of, in the program of this name.
func (r *Rules) Record(program string) Record {
	return Record{
		Engine: engine, Program: program, Tables: tables(), Set: r.Set.document, SetHash: r.Set.hash, Named: r.Set.named.all, Lists: r.Lists.Version(), Trusted: r.Trusted.Version(),
		TopUp: maps.Clone(r.TopUp), Learned: r.Versions(), Rates: r.Rates.Version(),
		Office: Office{r.cfg.TicketFen, r.cfg.SplitParcels, r.cfg.RandomBasisPoints, r.cfg.SampleKey != ""},
	}
}

// Rules makes the rules again, of a record and this program's tables, the secret that is not in it, and what it names: of named, lists, trusted pairs, rates and
// profiles are taken.
func (c Record) Rules(sampleKey string, named Basis) (*Rules, error) {
	if c.Engine != engine {
		return nil, fmt.Errorf("the verdict was given by engine %d, this program has %d: ask the release %s", c.Engine, engine, cmp.Or(c.Program, "of its day"))
	}
	set, err := Compile(c.Set, NewNamedLists(c.Named))
	if err != nil {
		return nil, fmt.Errorf("rule set %s: %w", c.SetHash, err)
	}
	named.Set, named.TopUp = set, c.TopUp
	cfg := Config{TicketFen: c.Office.TicketFen, SplitParcels: c.Office.SplitParcels, RandomBasisPoints: c.Office.RandomBasisPoints}
	if c.Office.Keyed {
		cfg.SampleKey = sampleKey
	}
	return NewRules(cfg, named), nil
}

// Evidence is what is kept of one verdict.
type Evidence struct {
	Declared parcel.Declared
	Past     Past
	Lane     parcel.Lane
	Reasons  []parcel.Reason
	Rules    string // the version that judged
	Basis    Record // of that version
}

// OfVerdict is the evidence without reasons that came after the verdict, with the lane that the verdict's own give.
func (e Evidence) OfVerdict() Evidence {
	e.Reasons = slices.DeleteFunc(e.Reasons, func(r parcel.Reason) bool { return r.Version != e.Rules })
	e.Lane = parcel.Green
	for _, r := range e.Reasons {
		e.Lane = e.Lane.Outrank(r.Lane)
	}
	return e
}

// Again judges a parcel by what was kept of its verdict.
func (e *Evidence) Again(rules *Rules) Verdict {
	s := subjectOf(e.Declared)
	return rules.Judge(&s, e.Past)
}
