package load

// draft is an order before it is written down. Amounts are in the currency's minor unit, weights in grams, edges in millimetres.
type draft struct {
	number            int
	mode              string
	express, bonded   bool // bonded: the warehouse is named
	badCheck, ownCode bool // of the tracking number
	seller            string
	who               consignee
	lines             []line
	value, freight    int64
	gross             int64
	edges             [3]int64
}

// line is an item. Quantities are in halves, for fabric is sold by the half metre.
type line struct {
	*good
	text, variant, hs, hsMore string
	halves, price, net        int64
}

// What an order holds at most, so that nothing about a plain one is suspicious.
const (
	retailFen, retailGrams     = 250_000, 20_000
	businessFen, businessGrams = 380_000, 40_000
	limitFen                   = 500_000 // the value up to which 9710 may go by list
)

// draw makes a plain order.
func (d *SampleDay) draw(i int) {
	o := &d.order
	*o = draft{number: i, lines: o.lines[:0], who: o.who}
	d.mode()
	at := d.dice.below(len(d.sellers))
	o.seller = d.sellers[at].right
	d.drawConsignee()
	d.drawLines()
	d.weighAndPack()
	if d.dice.often(55) {
		o.freight = d.convert(d.dice.between(1_200, 6_900))
	}
}

func (d *SampleDay) mode() {
	o := &d.order
	switch m := d.dice.below(100); {
	case m < 90:
		o.mode = "9610"
	case m < 95:
		o.mode = "9710"
	case m < 98:
		o.mode = "9810"
	default:
		o.mode, o.bonded = "1210", true
	}
	if d.dice.often(8) {
		o.express = true
	}
	o.ownCode = !o.express && d.dice.often(10)
}

// drawConsignee draws a new one, or, for 6 of 100 orders, the one before for a second time.
func (d *SampleDay) drawConsignee() {
	o := &d.order
	if d.last.to != nil && !d.repeated && d.dice.often(6) {
		d.repeated = true
		o.who = d.last
		return
	}
	d.last, d.repeated = d.consignee(d.last.text[:0]), false
	o.who = d.last
}

func (d *SampleDay) drawLines() {
	o := &d.order
	fen, grams := int64(retailFen), int64(retailGrams)
	if o.wholesale() {
		fen, grams = businessFen, businessGrams
	}
	for range d.lineCount() {
		g := &goods[d.dice.below(len(goods))]
		price, weight := d.dice.between(g.fenLow, g.fenHigh), d.dice.between(g.gramsLow, g.grams)
		most := min(fen/price, grams/weight)
		if most < 1 {
			break
		}
		l := d.line(g, min(d.quantity(), most), price, weight)
		fen -= price * (l.halves + 1) / 2
		grams -= l.net
		o.lines = append(o.lines, l)
	}
}

func (o *draft) wholesale() bool { return o.mode == "9710" || o.mode == "9810" }

func (d *SampleDay) lineCount() int {
	switch n := d.dice.below(100); {
	case n < 68:
		return 1
	case n < 86:
		return 2
	case n < 94:
		return 3
	case n < 98:
		return 4
	default:
		return 5
	}
}

func (d *SampleDay) quantity() int64 {
	if d.order.wholesale() {
		return d.dice.between(5, 40)
	}
	switch n := d.dice.below(100); {
	case n < 70:
		return 1
	case n < 88:
		return 2
	default:
		return d.dice.between(3, 4)
	}
}

// line makes an item of a quantity of goods at a price in fen and a weight each.
func (d *SampleDay) line(g *good, quantity, fen, grams int64) line {
	l := line{good: g, text: g.text, hs: g.hs, variant: pick(d.dice, variants), halves: 2 * quantity, price: d.convert(fen)}
	if g.unit == "MTR" {
		l.halves -= int64(d.dice.below(2))
		l.price += l.price & 1 // half of it is whole
	}
	if d.dice.often(10) && len(g.hs) < 10 {
		l.hsMore = "00"
	}
	l.net = max(1, l.halves*grams/2)
	return l
}

// convert turns fen into the currency of the order, rounded as shops there round.
func (d *SampleDay) convert(fen int64) int64 {
	m := d.order.who.to.money
	minor := fen * m.perThousandFen / 1000
	if m.step == 1 {
		return minor/10*10 + 9 // 12.49
	}
	return max(m.step, minor/m.step*m.step)
}

// weighAndPack adds up, and puts the goods into a box that fits.
func (d *SampleDay) weighAndPack() {
	o := &d.order
	var net, cm3 int64
	o.value = 0
	for i := range o.lines {
		l := &o.lines[i]
		o.value += l.halves * l.price / 2
		net += l.net
		cm3 += l.cm3 * l.halves / 2
	}
	o.gross = net + net*d.dice.between(4, 9)/100 + d.dice.between(15, 90)
	d.box(cm3*d.dice.between(108, 130)/100 + 60)
}

// box gives edges for a volume: a base somewhat longer than wide, and the height that is left.
func (d *SampleDay) box(cm3 int64) {
	side := cubeRoot(cm3 * 1000)
	length := side * d.dice.between(11, 17) / 10
	d.order.edges = [3]int64{length, side, cm3*1000/(length*side) + 1}
}

// cubeRoot is the whole part of the third root, at least 1.
func cubeRoot(n int64) int64 {
	low, high := int64(1), int64(1)<<20
	for low < high {
		if mid := (low + high + 1) / 2; mid*mid*mid <= n {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}
