package load

import "fmt"

// plantKind is a way to plant a case. It is found when an order of it is held, or released for a later audit, with one of the categories.
type plantKind struct {
	name       string
	category   string   // what it is counted under
	categories []string // what it may be found as besides
	share      int      // of the cases, beside the others' shares
	named      bool     // it needs the names of listed parties
	late       bool     // it is planted in the last third: by then prices can have been learned
	make       func(p *Planted) []plantOrder
}

// plantKinds are all kinds, and the categories that screening has to find them by.
var plantKinds = []plantKind{
	{name: "a listed consignee, spelled otherwise", category: "sanctions", share: 5, named: true, make: (*Planted).listedConsignee},
	{name: "a listed seller, spelled otherwise", category: "sanctions", share: 1, named: true, make: (*Planted).listedSeller},
	{name: "prohibited goods in English", category: "prohibited", share: 4, make: prohibitedIn(prohibitedEN)},
	{name: "prohibited goods in Chinese", category: "prohibited", share: 4, make: prohibitedIn(prohibitedZH)},
	{name: "prohibited goods in Russian", category: "prohibited", share: 3, make: prohibitedIn(prohibitedRU)},
	{name: "prohibited goods by code", category: "prohibited", share: 3, make: (*Planted).prohibitedCode},
	{name: "a hundredth of the price", category: "undervaluation", share: 3, late: true, make: (*Planted).undervalued},
	{name: "a ticket over the limit", category: "value", categories: []string{"mode"}, share: 2, make: (*Planted).overValue},
	{name: "an order cut up", category: "split", share: 2, make: (*Planted).cutUp},
	{name: "a piece that weighs too much", category: "consistency", categories: []string{"weight"}, share: 2, make: (*Planted).heavyPiece},
	{name: "words of another chapter", category: "consistency", share: 2, make: (*Planted).otherChapter},
	{name: "a box denser than lead", category: "weight", categories: []string{"consistency"}, share: 2, make: (*Planted).denseBox},
	{name: "a description that says nothing", category: "description", categories: []string{"consistency"}, share: 3, make: (*Planted).saysNothing},
	{name: "a tracking number used again", category: "tracking", categories: []string{"consistency"}, share: 2, make: (*Planted).trackingAgain},
	{name: "a four-digit code where six are due", category: "mode", categories: []string{"consistency"}, share: 1, make: (*Planted).shortCode},
	{name: "a lithium battery not declared", category: "batteries", share: 2, make: (*Planted).hiddenBattery},
	{name: "a battery over the limit", category: "batteries", share: 2, make: (*Planted).largeBattery},
}

// PlantCategories gives the categories that cases are planted in, in the order they are reported.
func PlantCategories() []string {
	var all []string
	for _, k := range plantKinds {
		if len(all) == 0 || all[len(all)-1] != k.category {
			all = append(all, k.category)
		}
	}
	return all
}

func prohibitedIn(texts []string) func(p *Planted) []plantOrder {
	return func(p *Planted) []plantOrder {
		text := texts[p.dice.below(len(texts))]
		return []plantOrder{p.holding(text, pick(p.dice, []string{"392690", "950300", "830629", "732690"}), 1, p.dice.between(900, 4900), p.dice.between(200, 900))}
	}
}

func (p *Planted) prohibitedCode() []plantOrder {
	g := pick(p.dice, prohibitedCodes)
	return []plantOrder{p.holding(g.text, g.hs, 1, p.dice.between(900, 4900), p.dice.between(200, 900))}
}

// undervalued declares the model's goods at a hundredth of what they cost.
func (p *Planted) undervalued() []plantOrder {
	o := p.fresh()
	item := &o.Items[0]
	item.UnitPrice = figureOf(max(1, item.UnitPrice.hundredths()/100))
	o.settle()
	return []plantOrder{o}
}

// overValue goes by list with more than 5,000 CNY.
func (p *Planted) overValue() []plantOrder {
	g := pick(p.dice, costly)
	o := p.holding(g.text, g.hs, 2, p.dice.between(3_000_00, 9_000_00), 2*g.gramsLow)
	o.Currency, o.Mode = "CNY", pick(p.dice, []string{"9710", "9810"})
	return []plantOrder{o}
}

// cutUp sends 7,200 CNY in six parcels to one person, written a little otherwise each time.
func (p *Planted) cutUp() []plantOrder {
	var parts []plantOrder
	for i := range 6 {
		o := p.holding("Women's dress, cotton", "620442", 4, 300_00, 1200)
		o.Currency = "CNY"
		if i > 0 {
			o.Consignee = respelled(parts[0].Consignee, i)
		}
		parts = append(parts, o)
	}
	return parts
}

func (p *Planted) heavyPiece() []plantOrder {
	g := pick(p.dice, []good{
		{text: "Stud earrings, stainless steel", hs: "711719", grams: 20_000}, {text: "Silver ring", hs: "711311", grams: 9_000},
		{text: "Ballpoint pen", hs: "960810", grams: 12_000}, {text: "Men's T-shirt, cotton", hs: "610910", grams: 15_000},
		{text: "Sunglasses", hs: "900410", grams: 14_000}, {text: "Mobile phone", hs: "851713", grams: 18_000},
	})
	return []plantOrder{p.holding(g.text, g.hs, 1, p.dice.between(900, 2900), g.grams)}
}

func (p *Planted) otherChapter() []plantOrder {
	g := pick(p.dice, []good{
		{text: "Women's summer dress", hs: "847130", grams: 300}, {text: "Laptop computer", hs: "610910", grams: 1900},
		{text: "连衣裙", hs: "851712", grams: 300}, {text: "运动鞋", hs: "180690", grams: 800}, {text: "笔记本电脑", hs: "640399", grams: 1900},
		{text: "Платье женское", hs: "870830", grams: 300}, {text: "Ноутбук", hs: "620442", grams: 1900}, {text: "Running shoes", hs: "850440", grams: 800},
		{text: "Mobile phone", hs: "620342", grams: 200}, {text: "Brake pads", hs: "330499", grams: 900},
	})
	return []plantOrder{p.holding(g.text, g.hs, 1, p.dice.between(2900, 9900), g.grams)}
}

func (p *Planted) denseBox() []plantOrder {
	o := p.fresh()
	o.GrossWeight = p.dice.between(12_000, 25_000)
	o.Items[0].NetWeight = 0
	o.Dimensions = &plantBox{Length: 110, Width: 90, Height: 60}
	return []plantOrder{o}
}

func (p *Planted) saysNothing() []plantOrder {
	o := p.fresh()
	o.Items[0].Description = pick(p.dice, sayNothing)
	return []plantOrder{o}
}

// trackingAgain gives two parcels one number.
func (p *Planted) trackingAgain() []plantOrder {
	one, two := p.fresh(), p.fresh()
	two.TrackingNo = one.TrackingNo
	return []plantOrder{one, two}
}

func (p *Planted) shortCode() []plantOrder {
	o := p.fresh()
	o.Mode, o.Items[0].HSCode = "9710", o.Items[0].HSCode[:4]
	return []plantOrder{o}
}

func (p *Planted) hiddenBattery() []plantOrder {
	text := pick(p.dice, []string{
		"Power bank 20000 mAh, black", "Lithium battery pack 48 V", "18650 batteries, 10 pcs", "充电宝 20000毫安", "锂电池组 48V", "聚合物锂电池",
		"Внешний аккумулятор 20000 мАч", "Литий-ионный аккумулятор", "Повербанк 10000",
	})
	return []plantOrder{p.holding(text, pick(p.dice, []string{"850440", "392690", "850760"}), 1, p.dice.between(1900, 5900), 400)}
}

func (p *Planted) largeBattery() []plantOrder {
	wh := p.dice.between(110, 900)
	o := p.holding(fmt.Sprintf("Portable power station %d Wh", wh), "850760", 1, p.dice.between(9_900, 49_900), 20*wh)
	watts := figure(fmt.Sprint(wh))
	o.Items[0].Battery = &plantBattery{UNNumber: "UN3480", WattHours: &watts}
	return []plantOrder{o}
}
