package screening

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/watchlist"
)

// Basis is all that a judgement rests on besides the parcel. Its parts are immutable; each has a version.
type Basis struct {
	Set     *Set
	Lists   *watchlist.Index
	Trusted *watchlist.Trusted      // consignees who are not the entries they look like; nil for none
	TopUp   map[parcel.Lane]Percent // what a lane lacked to its expected share when it was last counted
	Rates   *rates.Table            // what currencies are worth; nil for no rates but the program's own
	Profiles
}

// Rules judge. They are immutable: the same rules give the same parcel with the same past the same verdict for ever, whatever
// stands beside it, and however often it is asked.
type Rules struct {
	Basis
	cfg     Config
	version string
}

// NewRules makes rules of a configuration that Validate found nothing wrong with.
func NewRules(cfg Config, basis Basis) *Rules {
	return &Rules{Basis: basis, cfg: cfg, version: versionOf(cfg, basis)}
}

// Version names the rules: the name of the rule set, and 12 digits of a hash over it, the office's settings and the versions of
// all lists, profiles and rates.
func (r *Rules) Version() string { return r.version }

// engine numbers how this package judges. It changes whenever the same basis would judge otherwise; tables have versions of their own.
const engine = 2

// tables names what the program itself knows of goods, of words in names, and of currencies. A release may know better.
func tables() string {
	return goods.Version() + "-" + watchlist.TablesVersion() + "-" + rates.OwnVersion()
}

func versionOf(cfg Config, b Basis) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d\n%s\n%#v\n%s\n%s\n%s\n%s\n", engine, tables(), cfg, b.Set.Hash(), b.Set.named.Version(), b.Lists.Version(), b.Trusted.Version())
	for _, lane := range parcel.Lanes {
		fmt.Fprintf(hash, "%s %d\n", lane, b.TopUp[lane])
	}
	if learned := b.Versions(); learned != (ProfileVersions{}) { // without any, what was judged before there were profiles has the same version
		fmt.Fprintf(hash, "prices %s\nrisk %s\n", learned.Prices, learned.Risk)
	}
	if imported := b.Rates.Version(); imported != "" { // and so have those who imported no rates
		fmt.Fprintf(hash, "rates %s\n", imported)
	}
	return b.Set.document.Name + "-" + hex.EncodeToString(hash.Sum(nil))[:12]
}

// Judge judges one parcel; past is what was sent before. Every rule that may hit is asked and every hit is kept; the heaviest
// lane among them decides.
func (r *Rules) Judge(s *Subject, past Past) Verdict { return r.newDesk().judge(s, past) }

// desk is where parcels are judged one after another. It belongs to one goroutine; what it remembers only saves time.
type desk struct {
	*Rules
	machine *machine
	facts   Facts
	room    goods.Room
	reading goods.Reading // of the item under way; it lives in room
	cells   []goods.BatteryFinding
	matches []watchlist.Match
	boxed   any // the facts as formulas take them; nil when they have changed since
	hits    hits
	worth   worth // of the parcel under way
	experience

	dayOf      rates.Day // that dayWritten is of
	dayWritten string
}

func (r *Rules) newDesk() *desk {
	return &desk{Rules: r, machine: newMachine(), experience: experience{wanted: r.wanted()}}
}

func (d *desk) judge(s *Subject, past Past) Verdict { return d.conclude(s, past, d.examine(s, past)) }

// examine asks all rules but those of the past. They need no past, unless the set's are entwined with it.
func (d *desk) examine(s *Subject, past Past) hits {
	d.hits = hits{lane: parcel.Green}
	d.facts = d.factsOf(s, past)
	d.scoreRisk(s)
	d.ask(s, EachParcel, &place{})
	d.parties(s)
	for i := range s.Declaration.Items {
		d.item(s, i)
	}
	d.randomSample(s)
	return d.hits
}

// conclude asks the rules of the past, and makes the verdict of what they say and what was found before. It keeps found as it is.
func (d *desk) conclude(s *Subject, past Past, found hits) Verdict {
	d.hits = hits{lane: found.lane, reasons: slices.Clip(found.reasons), places: slices.Clip(found.places)}
	d.facts = d.factsOf(s, past)
	if d.scored = d.experience.wanted.riskOfPast; d.scored {
		d.scoreRisk(s)
	}
	d.ask(s, ofPast, &place{})
	d.topUp(s)
	v := d.hits.verdict(d.version)
	v.Past = past
	return v
}

// place is where the facts that are asked about stand in the declaration.
type place struct {
	prefix  string          // of pointers: "/items/0"
	field   string          // of mentions and parties, where their rules name none
	value   string          // what stands there
	lane    parcel.Lane     // that a mention's table gives it
	matched *parcel.Matched // by mentions and parties
}

// ask asks the rules that may hit and keeps the hits.
func (d *desk) ask(s *Subject, each Each, at *place) {
	d.boxed = nil
	d.Set.index[each].among(&d.facts, func(r *rule) {
		if r.guard != nil && !r.guard(&d.facts) || !r.inForce(s) {
			return
		}
		if d.boxed == nil {
			d.boxed = d.facts
		}
		hit, err := d.machine.holds(r.when, d.boxed)
		switch {
		case err != nil: // no formula that compiles should; what cannot be judged is looked at
			d.hits.add(r.place, r.unjudged(err))
		case hit && d.drawn(s, r):
			if d.tell() {
				d.boxed = d.facts
			}
			d.hits.add(r.place, d.reason(r, at))
		}
	})
}

func (r *rule) inForce(s *Subject) bool {
	day := s.ReceivedAt.UTC()
	return !day.Before(r.From.Time) && (r.Until.IsZero() || day.Before(r.Until.AddDate(0, 0, 1)))
}

func (d *desk) drawn(s *Subject, r *rule) bool {
	return r.share == All || draw(d.cfg.SampleKey, r.version[:], s.ID) < int(r.share)
}

// reason says why a rule hit.
func (d *desk) reason(r *rule, at *place) parcel.Reason {
	m := d.machine
	reason := parcel.Reason{
		Rule: r.ID, Version: d.version, Category: r.Category, Lane: parcel.Lane(r.Lane), Score: m.number(r.score, d.boxed),
		Field: r.pointer(at), Value: at.value, Matched: at.matched,
		Explanation: m.say(r.en, d.boxed), ExplanationZH: m.say(r.zh, d.boxed),
	}
	if r.Lane == Found {
		reason.Lane = at.lane
	}
	if r.value != nil {
		reason.Value = m.text(r.value, d.boxed)
	}
	if r.Match != nil {
		reason.Matched = &parcel.Matched{List: r.Match.List, Entry: m.text(r.entry, d.boxed), Name: m.text(r.name, d.boxed)}
	}
	reason.Value = cut(reason.Value, mostValue)
	return reason
}

// mostValue bounds what a reason quotes, in bytes: the longest field a declaration may have.
const mostValue = 1000

// pointer gives the JSON pointer of what a rule looks at.
func (r *rule) pointer(at *place) string {
	switch {
	case r.Field == "":
		return at.field
	case r.Field[0] == '/':
		return r.Field
	}
	return at.prefix + "/" + r.Field
}

func (r *rule) unjudged(err error) parcel.Reason {
	return parcel.Reason{
		Rule: r.ID, Category: r.Category, Lane: parcel.Yellow,
		Explanation:   fmt.Sprintf("The rule could not be worked out: %s. Somebody has to look.", err),
		ExplanationZH: "该规则无法计算，须人工查看。",
	}
}

// mostReasons bounds what is kept of one parcel: 99 items may each have several. The lane counts them all.
const mostReasons = 64

// hits collects what the rules say of one parcel.
type hits struct {
	lane    parcel.Lane
	reasons []parcel.Reason
	places  []int
}

func (h *hits) add(place int, reason parcel.Reason) {
	h.lane = h.lane.Outrank(reason.Lane)
	h.reasons = append(h.reasons, reason)
	h.places = append(h.places, place)
	if len(h.reasons) == mostGathered {
		h.prune()
	}
}

// mostGathered bounds what is kept in mind of a parcel that hundreds of rules mind in each of 99 items.
const mostGathered = 16 * mostReasons

// prune forgets the reasons that so many others stand before that they will not be kept, whatever comes.
func (h *hits) prune() {
	order := h.order()[:mostReasons]
	reasons, places := make([]parcel.Reason, 0, mostGathered), make([]int, 0, mostGathered)
	for _, i := range order {
		reasons, places = append(reasons, h.reasons[i]), append(places, h.places[i])
	}
	h.reasons, h.places = reasons, places
}

// order gives the reasons in the order in which people read them; those of one lane and rule stay as they came.
func (h *hits) order() []int {
	order := make([]int, len(h.reasons))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(h.reasons[b].Lane.Rank(), h.reasons[a].Lane.Rank()), cmp.Compare(h.places[a], h.places[b]))
	})
	return order
}

// verdict puts the heaviest reasons first, and those of one lane in the order of their rules and of what they are about.
func (h *hits) verdict(version string) Verdict {
	status := parcel.Cleared
	if h.lane.Holds() {
		status = parcel.Held
	}
	return Verdict{Status: status, Lane: h.lane, Reasons: h.sorted(version), Version: version}
}

// sorted puts reasons in the order in which people read them, and gives them their version.
func (h *hits) sorted(version string) []parcel.Reason {
	if len(h.reasons) == 0 {
		return nil
	}
	order := h.order()
	reasons := make([]parcel.Reason, 0, min(len(order), mostReasons))
	for _, i := range order[:min(len(order), mostReasons)] {
		h.reasons[i].Version = version
		reasons = append(reasons, h.reasons[i])
	}
	return reasons
}
