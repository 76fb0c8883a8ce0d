package ruleset

import (
	"errors"
	"slices"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/screening"
)

// NamedList is a version of a list that rules ask by its name. The highest version of a name is in force.
type NamedList struct {
	screening.NamedList
	Version int // from 1
	Count   int // of its items
	Changed Stamp
}

// NamedQuery selects the lists in force, by their names.
type NamedQuery struct {
	After string // only names behind it
	Limit int
}

// Replace makes the next version of a list; before is nil where there is none. Putting what is in force changes nothing. A list
// keeps its kind: rules that ask it were checked against that.
func Replace(before *NamedList, list screening.NamedList, at Stamp) (after NamedList, changed bool, err error) {
	if before == nil {
		return NamedList{NamedList: list, Version: 1, Count: len(list.Items), Changed: at}, true, nil
	}
	if before.Kind != list.Kind {
		return NamedList{}, false, fault.New(fault.Conflict, "list_kind_fixed", "the list %s is one of %s, and stays so: rules ask it", list.Name, before.Kind)
	}
	if slices.Equal(before.Items, list.Items) {
		return *before, false, nil
	}
	return NamedList{NamedList: list, Version: before.Version + 1, Count: len(list.Items), Changed: at}, true, nil
}

// checkList tells what is wrong with a list, with a pointer to each part.
func checkList(list screening.NamedList) error {
	flaws := list.Flaws()
	if len(flaws) == 0 {
		return nil
	}
	refused := fault.New(fault.Invalid, "invalid_request", "%d part(s) of the list are wrong; see errors", len(flaws))
	for _, flaw := range flaws[:min(len(flaws), mostFields)] {
		refused.Fields = append(refused.Fields, fault.Field{Pointer: "/" + flaw.Part, Code: "list.invalid", Detail: flaw.Message})
	}
	return refused
}

// Loaded is what judging needs of rule sets and named lists, read at one moment.
type Loaded struct {
	State  string    // changes whenever any of it does
	Active []RuleSet // at most one of an office and direction, the last one put in force first
	Shadow []RuleSet
	Named  []screening.NamedList
}

// Sets are the compiled sets of an office and direction.
type Sets struct {
	Active *screening.Set // the built-in one where none is in force
	Shadow []Shade
}

// Shade is a set that judges beside the one in force.
type Shade struct {
	ID  ID
	Set *screening.Set
}

// Compile compiles what an office judges by; an empty office takes the last set that was put in force anywhere. A shadow set that
// cannot be compiled any more is left out and told of in err, the others go on; where the active one cannot be, Sets are zero.
func (l Loaded) Compile(office string, direction screening.Direction) (Sets, error) {
	named := screening.NewNamedLists(l.Named)
	sets := Sets{Active: screening.Builtin()}
	if active, ok := l.InForce(office, direction); ok {
		var err error
		if sets.Active, err = screening.Compile(active.Document, named); err != nil {
			return Sets{}, &BrokenError{active, err}
		}
	}
	var broken []error
	for _, s := range l.Shadow {
		if !s.of(office, direction) {
			continue
		}
		set, err := screening.Compile(s.Document, named)
		if err != nil {
			broken = append(broken, &BrokenError{s, err})
			continue
		}
		sets.Shadow = append(sets.Shadow, Shade{s.ID, set})
	}
	return sets, errors.Join(broken...)
}

// InForce gives the set in force of an office and direction; an empty office takes the last one that was put in force anywhere.
func (l Loaded) InForce(office string, direction screening.Direction) (RuleSet, bool) {
	for _, s := range l.Active {
		if s.of(office, direction) {
			return s, true
		}
	}
	return RuleSet{}, false
}

func (s RuleSet) of(office string, direction screening.Direction) bool {
	return (office == "" || s.Document.Office == office) && s.Document.Direction == direction
}

// BrokenError is a stored set that this program cannot compile, as after a change of the program.
type BrokenError struct {
	Set RuleSet
	Err error
}

// Error names the set.
func (b *BrokenError) Error() string { return "rule set " + b.Set.ID.String() + ": " + b.Err.Error() }

// Unwrap gives what is wrong with it.
func (b *BrokenError) Unwrap() error { return b.Err }
