package load

import "strings"

// consignee is one as it stands in a declaration, and what a special order changes of it.
type consignee struct {
	text      []byte // `"consignee":{…}`
	nameAt    [2]int // where in text the name stands
	contactAt [2]int // where phone and e-mail stand
	to        *destination
}

// destination is a country, ready to be drawn from.
type destination struct {
	*country
	money   money
	names   [][]string
	streets [][2]string // before and after the house number
}

func newDestination(c *country) *destination {
	d := &destination{country: c, money: currencies[c.currency]}
	for _, language := range c.spoken {
		d.names = append(d.names, everybody(cultures[language]))
	}
	for _, street := range c.streets {
		before, after, _ := strings.Cut(street, "#")
		d.streets = append(d.streets, [2]string{before, after})
	}
	return d
}

// everybody puts all names of a culture together.
func everybody(c culture) (people []string) {
	between := " "
	if c.unspaced {
		between = ""
	}
	for _, family := range c.families {
		for _, given := range c.men {
			people = append(people, c.name(given, between, family))
		}
		for _, given := range c.women {
			people = append(people, c.name(given, between, family+c.feminine))
		}
	}
	return people
}

func (c culture) name(given, between, family string) string {
	if c.familyFirst {
		return family + between + given
	}
	return given + between + family
}

// consignee draws somebody somewhere.
func (d *SampleDay) consignee(buf []byte) consignee {
	to := d.atlas[d.dice.below(len(d.atlas))]
	c := consignee{to: to}
	buf = append(buf, `"consignee":{"name":"`...)
	c.nameAt[0] = len(buf)
	buf = append(buf, pick(d.dice, pick(d.dice, to.names))...)
	c.nameAt[1] = len(buf)
	buf = append(buf, '"')
	c.contactAt[0] = len(buf)
	buf = d.contact(buf, to)
	c.contactAt[1] = len(buf)
	c.text = append(d.address(buf, to), '}')
	return c
}

// contact draws a phone, an e-mail address, or both. The numbers begin with zeroes that networks do not give out.
func (d *SampleDay) contact(buf []byte, to *destination) []byte {
	which := d.dice.below(100)
	if which < 92 {
		buf = append(append(buf, `,"phone":"`...), to.dial...)
		buf = append(d.digits(append(buf, "00"...), 6), '"')
	}
	switch {
	case which >= 82:
		buf = append(buf, `,"email":"buyer.`...)
		buf = append(d.digits(buf, 7), `@example.com"`...)
	case which >= 60:
		buf = append(buf, `,"email":null,"id_no":null`...)
	}
	return buf
}

func (d *SampleDay) address(buf []byte, to *destination) []byte {
	at := pick(d.dice, to.places)
	buf = append(append(buf, `,"address":{"country":"`...), to.code...)
	if at.region != "" {
		buf = append(append(buf, `","region":"`...), at.region...)
	}
	buf = append(append(buf, `","city":"`...), at.city...)
	buf = append(buf, `","postal_code":"`...)
	for i := range len(at.postal) {
		switch c := at.postal[i]; c {
		case '9':
			buf = append(buf, '0'+byte(d.dice.below(10)))
		case 'A':
			buf = append(buf, 'A'+byte(d.dice.below(26)))
		default:
			buf = append(buf, c)
		}
	}
	street := pick(d.dice, to.streets)
	buf = append(append(buf, `","lines":["`...), street[0]...)
	buf = append(appendWhole(buf, d.dice.between(1, 180)), street[1]...)
	if d.dice.often(25) {
		buf = appendWhole(append(buf, `","№ `...), d.dice.between(1, 90))
	}
	return append(buf, `"]}`...)
}

// digits appends n random digits.
func (d *SampleDay) digits(buf []byte, n int) []byte {
	for range n {
		buf = append(buf, '0'+byte(d.dice.below(10)))
	}
	return buf
}
