package screening

import (
	"iter"
	"slices"
	"strconv"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/risk"
)

// Profiles are what was learned from what has passed. A nil part is not learned yet: nothing is known of prices, or of risk.
type Profiles struct {
	Prices *risk.Prices
	Risk   *risk.Model
}

// ProfileVersions name profiles; "" for none.
type ProfileVersions struct {
	Prices string `json:"prices,omitempty"`
	Risk   string `json:"risk,omitempty"`
}

// Versions names the profiles by what they contain.
func (p Profiles) Versions() (v ProfileVersions) {
	if p.Prices != nil {
		v.Prices = p.Prices.Version()
	}
	if p.Risk != nil {
		v.Risk = p.Risk.Version()
	}
	return v
}

// FewestOutcomes is how many officers' outcomes a model needs before rules may rely on it: with fewer its shares are guesses.
const FewestOutcomes = 200

// knowsRisk tells whether the model has seen enough.
func (p *Profiles) knowsRisk() bool {
	if p.Risk == nil {
		return false
	}
	inspected, _ := p.Risk.Outcomes()
	return inspected >= FewestOutcomes
}

// SalesOf is what prices are learned from a cleared parcel: each of its items, by the rates that hold on the day of its receipt.
func SalesOf(d *parcel.Declared, table *rates.Table) iter.Seq[risk.Sale] {
	return func(yield func(risk.Sale) bool) {
		rate := table.On(d.Declaration.Currency, rates.DayOf(d.ReceivedAt))
		for i := range d.Declaration.Items {
			if !yield(saleOf(&d.Declaration, &d.Declaration.Items[i], rate)) {
				return
			}
		}
	}
}

// saleOf is what prices are learned from an item, and judged by, in yuan.
func saleOf(d *parcel.Declaration, it *parcel.Item, rate rates.Rate) risk.Sale {
	unit := rate.Yuan(floatOf(it.UnitPrice))
	sale := risk.Sale{HS: it.HSCode, Destination: d.Consignee.Address.Country, Seller: d.Seller.RegistrationNo}
	if it.NetWeight > 0 {
		sale.PerKg = ratio(unit*floatOf(it.Quantity)*1000, float64(it.NetWeight))
	}
	if goods.CountsPieces(it.Unit) {
		sale.PerPiece = unit
	}
	return sale
}

// ShipmentOf is what risk looks at in a parcel: of its items the one that is worth the most, for an outcome is one of the whole
// parcel, and most parcels have one item. prices and table may be nil.
func ShipmentOf(s *Subject, prices *risk.Prices, table *rates.Table) risk.Shipment {
	return shipmentOf(s, worthOf(&s.Declared, table), prices, &risk.Standing{})
}

// shipmentOf has room for where the price stands.
func shipmentOf(s *Subject, w worth, prices *risk.Prices, room *risk.Standing) risk.Shipment {
	d := &s.Declaration
	it := mainItem(d)
	shipment := risk.Shipment{
		Seller: d.Seller.RegistrationNo, SKU: it.SKU, HS: it.HSCode, Origin: it.Origin, Destination: d.Consignee.Address.Country,
		Mode: string(d.Mode), Platform: strconv.Itoa(int(s.Account)), Value: yuanOf(w.fen), GrossKg: float64(d.GrossWeight) / 1000,
	}
	if prices != nil {
		sale := saleOf(d, it, w.rate)
		*room = prices.Judge(sale.HS, sale.Destination, sale.PerKg, 0).PerKg
		shipment.PerKg = room
	}
	return shipment
}

// mainItem is the item that is worth the most, the first of several.
func mainItem(d *parcel.Declaration) *parcel.Item {
	first, most := &d.Items[0], 0.0
	for i := range d.Items {
		it := &d.Items[i]
		if worth := floatOf(it.UnitPrice) * floatOf(it.Quantity); worth > most {
			first, most = it, worth
		}
	}
	return first
}

// experience is what the profiles say of the parcel and of the item under way, with room for it.
type experience struct {
	factors  []risk.Factor
	because  []risk.Contribution
	score    risk.Score
	scored   bool
	standing risk.Standing
	wanted   wanted
}

// wanted says which of the facts from profiles the set asks for.
type wanted struct {
	price, risk bool
	riskOfPast  bool // by rules that ask what was sent before
	sentences   bool // in conditions, so that they are needed before any rule has hit
}

var (
	priceFacts = []string{"price_known", "cheaper_than", "this_price", "typical_price", "price_low", "price_distance", "price_because", "price_because_zh"}
	riskFacts  = []string{"risk_known", "risk", "risk_because", "risk_because_zh"}
	sentences  = []string{"price_because", "price_because_zh", "risk_because", "risk_because_zh"}
)

func (r *Rules) wanted() wanted {
	return wanted{
		price: r.Prices != nil && anyOf(r.Set.uses, priceFacts),
		risk:  r.knowsRisk() && anyOf(r.Set.uses, riskFacts), riskOfPast: r.knowsRisk() && anyOf(r.Set.past, riskFacts),
		sentences: anyOf(r.Set.asks, sentences),
	}
}

func anyOf(of map[string]bool, facts []string) bool {
	return slices.ContainsFunc(facts, func(fact string) bool { return of[fact] })
}

// scoreRisk gathers the facts of risk.
func (d *desk) scoreRisk(s *Subject) {
	e, f := &d.experience, &d.facts
	e.scored = e.wanted.risk
	if !e.scored {
		return
	}
	shipment := shipmentOf(s, d.worth, d.Prices, &e.standing)
	e.factors = shipment.Factors(e.factors[:0])
	e.score = d.Risk.Score(e.factors, e.because[:0])
	e.because = e.score.Because
	f.Risk, f.RiskKnown = e.score.P, true
	if e.wanted.sentences {
		d.tell()
	}
}

// comparePrice gathers the facts of the item's price. Prices per kilogram vary less among like goods than prices per piece do, which
// stand in where no net weight is declared.
func (d *desk) comparePrice(s *Subject, it *parcel.Item) {
	e, f := &d.experience, &d.facts
	f.PriceKnown, f.CheaperThan, f.ThisPrice, f.TypicalPrice, f.PriceLow, f.PriceBelow = false, 0, 0, 0, 0, 0
	f.PriceWhyEN, f.PriceWhyZH = "", ""
	e.standing = risk.Standing{}
	if !e.wanted.price {
		return
	}
	sale := saleOf(&s.Declaration, it, d.worth.rate)
	found := d.Prices.Judge(sale.HS, sale.Destination, sale.PerKg, sale.PerPiece)
	e.standing = found.PerKg
	if !e.standing.Known() {
		e.standing = found.PerPiece
	}
	if !e.standing.Known() {
		return
	}
	f.PriceKnown, f.CheaperThan, f.ThisPrice, f.TypicalPrice = true, 1-e.standing.Cheaper, e.standing.Price, e.standing.Median
	f.PriceLow, f.PriceBelow = e.standing.Low1, e.standing.Distance
	if e.wanted.sentences {
		d.tell()
	}
}

// fewReasons is how many contributions a sentence names: those that speak the loudest.
const fewReasons = 3

// tell writes the sentences of what the profiles say, which most parcels need none of: it is done once a rule has hit. It tells
// whether there was anything to write.
func (d *desk) tell() bool {
	e, f := &d.experience, &d.facts
	written := false
	if e.scored && f.RiskWhyEN == "" {
		f.RiskWhyEN, f.RiskWhyZH = d.Risk.Sum(e.score, e.factors, fewReasons)
		written = true
	}
	if f.PriceKnown && f.PriceWhyEN == "" {
		f.PriceWhyEN, f.PriceWhyZH = e.standing.Explain()
		written = true
	}
	return written
}
