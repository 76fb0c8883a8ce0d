package risk

import (
	"slices"
	"strings"

	"github.com/alataw/alataw/internal/fault"
)

// The most a plan may hold: bounds for what is read from outside, far above what is of use.
const (
	maxTerms   = 100
	maxFactors = 64
	maxDepth   = 8
	maxText    = 200 // bytes of a factor's name or value; what is longer is cut
)

// times stands between the factors of a term's name.
const times = " × "

// Plan says what a model looks at: paths of factors, each from the general to the particular. Of the path
// {"hs4", "hs6", "origin"} the rates of a heading, of a subheading within its heading and of an origin within its subheading are
// learned, and each is drawn towards the one before it, the more the less it has been seen. Paths that begin alike share their beginning.
type Plan [][]string

// term is one step of a path.
type term struct {
	parent int    // the term before it, -1 at a path's beginning
	factor int    // number of the factor it adds
	name   string // the factors of the path so far
}

// shape is a plan made ready.
type shape struct {
	factors []string
	terms   []term // a parent stands before its children
	repeat  []int  // numbers of the factors that together tell repeats
}

// compile makes a plan ready; repeat is the factors that together tell repeats.
func (p Plan) compile(repeat []string) (s shape, err error) {
	for _, path := range p {
		if len(path) > maxDepth {
			return shape{}, planFault("a path has at most %d factors", maxDepth)
		}
		parent := -1
		for _, factor := range path {
			if parent, err = s.extend(parent, factor); err != nil {
				return shape{}, err
			}
		}
	}
	err = s.repeatBy(repeat)
	return s, err
}

// repeatBy takes in which factors tell repeats.
func (s *shape) repeatBy(names []string) error {
	for _, name := range names {
		number, err := s.factor(name)
		if err != nil {
			return err
		}
		if slices.Contains(s.repeat, number) {
			return planFault("%q is named twice among the factors that tell repeats", name)
		}
		s.repeat = append(s.repeat, number)
	}
	return nil
}

// extend gives the number of the term that goes on from parent by a factor.
func (s *shape) extend(parent int, factor string) (int, error) {
	name := factor
	if parent >= 0 {
		name = s.terms[parent].name + times + factor
	}
	if at := slices.IndexFunc(s.terms, func(t term) bool { return t.name == name }); at >= 0 {
		return at, nil
	}
	if len(s.terms) == maxTerms {
		return 0, planFault("a plan has at most %d terms", maxTerms)
	}
	number, err := s.factor(factor)
	if err != nil {
		return 0, err
	}
	for above := parent; above >= 0; above = s.terms[above].parent {
		if s.terms[above].factor == number {
			return 0, planFault("%q stands twice in a path", factor)
		}
	}
	s.terms = append(s.terms, term{parent: parent, factor: number, name: name})
	return len(s.terms) - 1, nil
}

// factor gives a factor's number, a new one for a new name.
func (s *shape) factor(name string) (int, error) {
	if i := slices.Index(s.factors, name); i >= 0 {
		return i, nil
	}
	if name == "" || len(name) > maxText || strings.Contains(name, "×") {
		return 0, planFault("%q is no name of a factor", name)
	}
	if len(s.factors) == maxFactors {
		return 0, planFault("a plan has at most %d factors", maxFactors)
	}
	s.factors = append(s.factors, name)
	return len(s.factors) - 1, nil
}

// value is a factor's value, where it is known.
type value struct {
	text  string
	known bool
}

// repeatKey hashes what tells repeats; ok is false where that is not known.
func (s *shape) repeatKey(known *[maxFactors]value) (key uint64, ok bool) {
	key = offset64
	for _, factor := range s.repeat {
		if !known[factor].known {
			return 0, false
		}
		key = hashOn(hashOn(key, known[factor].text), "\x00")
	}
	return key, len(s.repeat) > 0
}

// sort puts what is known into the shape's order, and passes over factors that the shape does not know.
// Factors that stand in the shape's order are found at once.
func (s *shape) sort(factors []Factor, into *[maxFactors]value) {
	for i, f := range factors {
		if i >= len(s.factors) || s.factors[i] != f.Name {
			if i = slices.Index(s.factors, f.Name); i < 0 {
				continue
			}
		}
		into[i] = value{f.Value[:min(len(f.Value), maxText)], true}
	}
}

func planFault(format string, args ...any) error {
	return fault.New(fault.Invalid, "risk_plan", format, args...)
}
