package load

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"sync"
)

// plantCase is a case with what became of its orders.
type plantCase struct {
	kind   *plantKind
	orders []string
	held   bool
	found  bool
	as     []string // the categories its orders were held with
}

// plantLedger knows what was planted and what the receipts say. Of clean orders it keeps hashes.
type plantLedger struct {
	mu      sync.Mutex
	prefix  string
	seed    maphash.Seed
	cases   []*plantCase
	byOrder map[string]*plantCase
	clean   map[uint64]bool // posted; true when its verdict has come

	decided, cleanHeld int64
	cleanAs            map[string]int64
}

func newPlantLedger(prefix string) *plantLedger {
	return &plantLedger{
		prefix: prefix, seed: maphash.MakeSeed(), byOrder: map[string]*plantCase{}, clean: map[uint64]bool{}, cleanAs: map[string]int64{},
	}
}

func (l *plantLedger) posts(order string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clean[maphash.String(l.seed, order)] = false
}

func (l *plantLedger) plants(kind *plantKind, orders []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &plantCase{kind: kind, orders: orders}
	l.cases = append(l.cases, c)
	for _, order := range orders {
		l.byOrder[order] = c
	}
}

// random is the category of what is drawn whatever it declares.
const random = "random"

// Told takes a receipt: the order, the kind, and the categories of the reasons. Only the first verdict on an order counts.
func (p *Planted) Told(order, kind string, categories []string) {
	if kind != "held" && kind != "cleared" {
		return
	}
	l := p.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.byOrder[order]; c != nil {
		c.told(kind, categories)
		return
	}
	key := maphash.String(l.seed, order)
	if known, posted := l.clean[key]; !posted || known {
		return
	}
	l.clean[key] = true
	l.decided++
	others := slices.DeleteFunc(slices.Clone(categories), func(c string) bool { return c == random })
	if kind != "held" || len(others) == 0 && len(categories) > 0 {
		return
	}
	l.cleanHeld++
	slices.Sort(others)
	for _, category := range slices.Compact(others) {
		l.cleanAs[category]++
	}
}

// told takes the verdict on one of the case's orders. What was released for a later audit (the blue lane) is found as well as
// what was held: both have their reasons.
func (c *plantCase) told(kind string, categories []string) {
	c.held = c.held || kind == "held"
	for _, category := range categories {
		if !slices.Contains(c.as, category) {
			c.as = append(c.as, category)
		}
		c.found = c.found || category == c.kind.category || slices.Contains(c.kind.categories, category)
	}
}

// PlantReport is what became of the planted cases and of the orders between them.
type PlantReport struct {
	Categories []PlantedCategory `json:"categories"`
	Planted    int               `json:"planted"`
	Found      int               `json:"found"`
	Missed     []MissedCase      `json:"missed"`
	Clean      CleanOrders       `json:"clean"`
}

// PlantedCategory counts the cases of one category.
type PlantedCategory struct {
	Category string `json:"category"`
	Planted  int    `json:"planted"`
	Found    int    `json:"found"` // held, or cleared into the blue lane, with the right category
}

// MissedCase is a case that was not held, or for another reason.
type MissedCase struct {
	Category string   `json:"category"`
	Kind     string   `json:"kind"`
	Orders   []string `json:"orders"`
	Held     bool     `json:"held"`
	As       []string `json:"as"` // the categories it was held with
}

// CleanOrders counts the orders that were not planted.
type CleanOrders struct {
	Decided        int64            `json:"decided"`
	Held           int64            `json:"held"` // for another reason than the random sample
	HeldPer10000   float64          `json:"held_per_10000"`
	HeldByCategory map[string]int64 `json:"held_by_category"`
}

// Report tells what became of everything so far.
func (p *Planted) Report() PlantReport {
	l := p.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	r := PlantReport{Planted: len(l.cases), Missed: []MissedCase{}, Clean: CleanOrders{Decided: l.decided, Held: l.cleanHeld, HeldByCategory: l.cleanAs}}
	if l.decided > 0 {
		r.Clean.HeldPer10000 = 10_000 * float64(l.cleanHeld) / float64(l.decided)
	}
	for _, category := range PlantCategories() {
		counts := PlantedCategory{Category: category}
		for _, c := range l.cases {
			if c.kind.category != category {
				continue
			}
			counts.Planted++
			if c.found {
				counts.Found++
				continue
			}
			r.Missed = append(r.Missed, MissedCase{category, c.kind.name, c.orders, c.held, append([]string{}, c.as...)})
		}
		if counts.Planted > 0 {
			r.Categories = append(r.Categories, counts)
		}
		r.Found += counts.Found
	}
	return r
}

// Print writes the report for people.
func (r PlantReport) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s %8s %8s %8s\n", "planted", "cases", "found", "missed")
	for _, c := range r.Categories {
		fmt.Fprintf(&b, "  %-14s %8d %8d %8d\n", c.Category, c.Planted, c.Found, c.Planted-c.Found)
	}
	fmt.Fprintf(&b, "  %-14s %8d %8d %8d  %s found\n", "all", r.Planted, r.Found, r.Planted-r.Found, strings.TrimSpace(share(int64(r.Found), int64(r.Planted))))
	for _, m := range r.Missed {
		became := "not held"
		if m.Held {
			became = "held as " + strings.Join(m.As, ", ")
		}
		fmt.Fprintf(&b, "  missed: %s (%s): %s: %s\n", m.Category, m.Kind, strings.Join(m.Orders, " "), became)
	}
	fmt.Fprintf(&b, "clean      %11s orders decided, %s held: %.1f per 10,000, the random sample aside\n", count(r.Clean.Decided), count(r.Clean.Held), r.Clean.HeldPer10000)
	for _, e := range ranked(r.Clean.HeldByCategory) {
		fmt.Fprintf(&b, "%-10s %11s   %s\n", "", count(e.n), e.name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the report for programs.
func (r PlantReport) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
