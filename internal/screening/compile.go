package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
)

// Set is a compiled rule set. It is immutable and safe for any number of judges.
type Set struct {
	document Document
	hash     string
	rules    []rule
	index    map[Each]*index
	uses     map[string]bool // facts that any formula asks for
	asks     map[string]bool // facts that any condition asks for
	named    *NamedLists
	past     map[string]bool // facts that rules of the past ask for
	entwined bool            // other rules than those of parcels ask for the past
}

// rule is one rule of a set, compiled.
type rule struct {
	RuleText
	place   int
	version [sha256.Size]byte // of its text: what its percentage is drawn by
	share   Percent
	when    *formula
	guard   guard // of when; nil for none
	score   *formula
	value   *formula
	entry   *formula
	name    *formula
	en, zh  *sentence
	uses    map[string]bool // facts that any of its formulas asks for
}

// The bounds of a document. A judgement asks at most mostRules formulas of mostNodes parts each, of each item.
const (
	mostRules   = 1000
	mostFormula = 2000 // bytes of a formula or sentence
	mostNodes   = 200
)

var (
	ruleID   = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
	setName  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,59}$`)
	officeID = regexp.MustCompile(`^[A-Za-z0-9]{1,10}$`)
)

// Compile checks a document and makes a rule set of it. The error is FlawsError, with all that is wrong. named are the lists that the
// rules may ask; nil for none.
func Compile(d Document, named *NamedLists) (*Set, error) {
	if named == nil {
		named = &NamedLists{}
	}
	c := &compiler{named: named, asks: map[string]bool{}}
	c.head(d)
	if len(d.Rules) > mostRules { // compiling what is refused in any case would take long
		return nil, c.flaws
	}
	set := &Set{document: d, named: named, index: map[Each]*index{}, uses: map[string]bool{}, asks: c.asks, past: map[string]bool{}}
	seen := map[string]bool{}
	for i, text := range d.Rules {
		c.rule = text.ID
		if !ruleID.MatchString(text.ID) || len(text.ID) > 60 {
			c.rule = fmt.Sprintf("#%d", i+1)
			c.flaw("id", "words of small letters, digits and _ with dots between, 60 characters at most: %q", text.ID)
		}
		if text.ID == RuleSample || text.ID == RuleExpected {
			c.flaw("id", "what is drawn at random is filed under this name")
		}
		if seen[text.ID] {
			c.flaw("id", "there are two of this name")
		}
		seen[text.ID] = true
		set.rules = append(set.rules, c.compileRule(i, text))
	}
	if len(c.flaws) > 0 {
		return nil, c.flaws
	}
	for i := range set.rules {
		set.enter(&set.rules[i])
	}
	set.hash = hashOf(d)
	return set, nil
}

// enter enters a rule where it is asked.
func (s *Set) enter(r *rule) {
	maps.Copy(s.uses, r.uses)
	each := r.Each
	if r.asksPast() {
		if each == EachParcel {
			each = ofPast
			maps.Copy(s.past, r.uses)
		} else {
			s.entwined = true
		}
	}
	s.indexOf(each).add(r)
}

// ofPast is where rules of parcels are entered that ask what was sent before: the last thing that is known.
const ofPast Each = "past"

// pastFacts are those that rest on what was sent before.
var pastFacts = []string{"sent_parcels", "sent_value", "there_parcels", "there_value", "tracking_reused"}

func (r *rule) asksPast() bool {
	return slices.ContainsFunc(pastFacts, func(fact string) bool { return r.uses[fact] })
}

func (s *Set) indexOf(each Each) *index {
	if s.index[each] == nil {
		s.index[each] = newIndex()
	}
	return s.index[each]
}

// Document is what the set was made of.
func (s *Set) Document() Document { return s.document }

// Hash is the SHA-256 of the document in its one JSON form, in hex.
func (s *Set) Hash() string { return s.hash }

// Hash is the hash that the document's set has.
func (d Document) Hash() string { return hashOf(d) }

func hashOf(d Document) string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Errorf("document: %w", err)) // all its parts can be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// compiler collects what is wrong with a document.
type compiler struct {
	named *NamedLists
	rule  string
	uses  map[string]bool // of the rule under way
	asks  map[string]bool // of all conditions
	flaws FlawsError
	work  int // of the formulas so far
}

func (c *compiler) flaw(part, format string, args ...any) {
	c.flaws = append(c.flaws, Flaw{Rule: c.rule, Part: part, Message: fmt.Sprintf(format, args...)})
}

func (c *compiler) head(d Document) {
	if !setName.MatchString(d.Name) {
		c.flaw("name", "1 to 60 letters, digits, blanks and ._()-")
	}
	if !officeID.MatchString(d.Office) {
		c.flaw("office", "1 to 10 letters and digits")
	}
	if d.Direction != Export {
		c.flaw("direction", "export")
	}
	c.sampling(d.Sampling)
	if len(d.Rules) == 0 || len(d.Rules) > mostRules {
		c.flaw("rules", "1 to %d; there are %d", mostRules, len(d.Rules))
	}
}

func (c *compiler) sampling(s Sampling) {
	if s.Random != nil && (*s.Random < 0 || *s.Random > All) {
		c.flaw("sampling.random", "0 to 100 per cent, not %s", *s.Random)
	}
	var sum Percent
	for _, lane := range slices.Sorted(maps.Keys(s.Expect)) {
		share := s.Expect[lane]
		switch {
		case !slices.Contains(toppedUp[:], lane):
			c.flaw("sampling.expect", "red, yellow and blue can be expected, not %q", lane)
		case share < 0 || share > All:
			c.flaw("sampling.expect", "0 to 100 per cent, not %s for %s", share, lane)
		default:
			sum += share
		}
	}
	if sum > All {
		c.flaw("sampling.expect", "the shares come to %s per cent, more than there are parcels", sum)
	}
}

func (c *compiler) compileRule(place int, text RuleText) rule {
	c.uses = map[string]bool{}
	r := rule{RuleText: text, place: place, share: All, version: sha256.Sum256(mustJSON(text)), uses: c.uses}
	if text.Percent != nil {
		r.share = *text.Percent
	}
	if !slices.Contains(parcel.Categories, text.Category) {
		c.flaw("category", "%q is none of %v", text.Category, parcel.Categories)
	}
	if !slices.Contains([]Each{EachParcel, EachItem, EachMention, EachBattery, EachParty}, text.Each) {
		c.flaw("each", "%q is none of parcel, item, mention, battery, party", text.Each)
		return r
	}
	if !slices.Contains(parcel.Lanes, parcel.Lane(text.Lane)) && (text.Lane != Found || text.Each != EachMention) {
		c.flaw("lane", "%q is none of red, yellow, blue, green, or found for a mention", text.Lane)
	}
	if !pointer.MatchString(text.Field) && (text.Each == EachParcel || text.Each == EachItem || text.Field != "") {
		c.flaw("field", "a JSON pointer, of items relative to the item: %q", text.Field)
	}
	if strings.TrimSpace(text.Source) == "" {
		c.flaw("source", "the law, regulation or guidance that the rule is from is needed")
	}
	if !storable(text.Source) {
		c.flaw("source", unstorable)
	}
	if !text.Until.IsZero() && text.Until.Before(text.From.Time) {
		c.flaw("until", "it ends before it begins")
	}
	r.when = c.condition("when", string(text.When), text.Each)
	if r.when != nil {
		r.guard, _ = guardOf(r.when.root)
	}
	r.score = c.formula("score", string(text.Score), text.Each)
	r.value = c.optional("value", string(text.Value), text.Each)
	if text.Match != nil {
		r.entry = c.formula("match.entry", string(text.Match.Entry), text.Each)
		r.name = c.formula("match.name", string(text.Match.Name), text.Each)
	}
	r.en = c.sentence("because.en", text.Because.EN, text.Each)
	r.zh = c.sentence("because.zh", text.Because.ZH, text.Each)
	return r
}

var pointer = regexp.MustCompile(`^/?[a-z_]+(/[a-z0-9_]+)*$`)

func mustJSON(text RuleText) []byte {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Errorf("rule: %w", err)) // all its parts can be written
	}
	return raw
}
