package load

// spoil makes the order drawn a special one.
func (d *SampleDay) spoil(kind int) {
	switch {
	case kind == plain:
	case kind < wrongKinds:
		d.breakRule(kind)
	default:
		d.raiseSuspicion(kind)
	}
}

// breakRule breaks one rule of the contract's table, and no other.
func (d *SampleDay) breakRule(kind int) {
	o := &d.order
	switch kind {
	case wrongChapter:
		o.lines[0].hs, o.lines[0].hsMore = pick(d.dice, []string{"770100", "980400", "999999"}), ""
	case wrongWeight:
		o.mode, o.bonded = "9610", false
		o.gross = d.dice.between(30_001, 44_000)
		d.box(o.gross * 4)
	case wrongTracking:
		o.ownCode, o.badCheck = false, true
	case wrongRegistration:
		o.seller = pick(d.dice, d.sellers).wrong
	case wrongSum:
		o.value += d.dice.between(1, 500)
	case wrongGross:
		o.gross = d.net() - 1 // no goods weigh but a gram
	case wrongWarehouse:
		o.mode, o.bonded = "1210", false
	case wrongContact:
		o.who = o.who.without(o.who.contactAt, "")
	}
}

// raiseSuspicion makes an order that the door must take and screening should not.
func (d *SampleDay) raiseSuspicion(kind int) {
	o := &d.order
	switch kind {
	case suspectText:
		l := &o.lines[0]
		l.text, l.variant = pick(d.dice, vague), ""
	case suspectWeapon:
		g := &weapons[d.dice.below(len(weapons))]
		o.lines = append(o.lines[:0], d.line(g, 1, d.dice.between(g.fenLow, g.fenHigh), d.dice.between(g.gramsLow, g.grams)))
		d.weighAndPack()
	case suspectValue:
		d.overValue()
	case suspectSplit, suspectSplit2, suspectSplit3:
		o.mode, o.bonded, o.seller, o.who = "9610", false, d.sellers[0].right, d.split
		o.lines = append(o.lines[:0], d.line(&splitGoods, 40, d.dice.between(900, 1200), 45))
		d.weighAndPack()
	case suspectDenied:
		o.who = o.who.without(o.who.nameAt, SampleDeniedName)
	case suspectDensity:
		o.gross = d.dice.between(15_000, 25_000)
		d.box(o.gross / 30)
	}
}

// overValue makes a business order of more than the limit: two to three times as much.
func (d *SampleDay) overValue() {
	o := &d.order
	o.mode, o.bonded = "9710", false
	g := &costly[d.dice.below(len(costly))]
	quantity := limitFen * d.dice.between(2, 3) / g.fenLow
	o.lines = append(o.lines[:0], d.line(g, quantity, g.fenLow, g.gramsLow))
	d.weighAndPack()
}

func (d *SampleDay) net() (grams int64) {
	for i := range d.order.lines {
		grams += d.order.lines[i].net
	}
	return grams
}

// without gives a copy in which other text stands at a place.
func (c consignee) without(at [2]int, instead string) consignee {
	text := append([]byte(nil), c.text[:at[0]]...)
	text = append(text, instead...)
	c.text = append(text, c.text[at[1]:]...)
	return c
}
