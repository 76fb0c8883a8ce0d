package load

import "strconv"

// encode writes the order as JSON. Nothing drawn needs an escape: the tables hold no quote, backslash or control character.
func (d *SampleDay) encode(b []byte) []byte {
	o := &d.order
	b = append(append(b, `{"order_no":"`...), d.prefix...)
	b = appendPadded(b, int64(o.number)+1, 7)
	b = append(b, `","tracking_no":"`...)
	b = d.tracking(b)
	b = append(append(b, `","mode":"`...), o.mode...)
	if o.express {
		b = append(b, `","service":"express"`...)
	} else {
		b = append(b, `","service":"standard"`...)
	}
	if o.bonded {
		b = append(b, `,"warehouse_code":"W6509-02","account_book_no":"T6509W000117"`...)
	}
	b = append(append(append(b, ','), o.seller...), ',')
	b = append(b, o.who.text...)
	b = append(append(b, `,"currency":"`...), o.who.to.currency...)
	b = appendMoney(append(b, `","goods_value":"`...), o.value)
	b = appendMoney(append(b, `","freight":"`...), o.freight)
	b = appendWhole(append(b, `","insurance":"0.00","gross_weight_g":`...), o.gross)
	b = appendWhole(append(b, `,"dimensions_mm":{"length":`...), o.edges[0])
	b = appendWhole(append(b, `,"width":`...), o.edges[1])
	b = appendWhole(append(b, `,"height":`...), o.edges[2])
	b = append(b, `},"items":[`...)
	for i := range o.lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = o.lines[i].encode(b)
	}
	return append(b, `]}`...)
}

// tracking writes an S10 number, EMS for express and tracked letter post otherwise, or the carrier's own number.
func (d *SampleDay) tracking(b []byte) []byte {
	o := &d.order
	serial := d.serial + uint64(o.number)
	if o.ownCode {
		return appendPadded(append(b, "YT26"...), int64(serial%1e12), 12)
	}
	service := "LX"
	if o.express {
		service = "EA"
	}
	b = appendS10(b, service, uint32(serial%1e8), "CN")
	if o.badCheck {
		check := &b[len(b)-3]
		*check = '0' + (*check-'0'+1)%10
	}
	return b
}

func (l *line) encode(b []byte) []byte {
	b = append(append(b, `{"sku":"`...), l.hs[:4]...)
	b = appendWhole(append(b, '-'), l.price%1000)
	b = append(append(append(b, `","description":"`...), l.text...), l.variant...)
	b = append(append(append(b, `","hs_code":"`...), l.hs...), l.hsMore...)
	b = appendWhole(append(b, `","origin":"CN","quantity":"`...), l.halves/2)
	if l.halves%2 != 0 {
		b = append(b, ".5"...)
	}
	b = append(append(b, `","unit":"`...), l.unit...)
	b = appendMoney(append(b, `","unit_price":"`...), l.price)
	b = appendWhole(append(b, `","net_weight_g":`...), l.net)
	return append(l.battery(b), '}')
}

func (l *line) battery(b []byte) []byte {
	if l.un == "" {
		return b
	}
	b = append(append(b, `,"battery":{"un_number":"`...), l.un...)
	b = appendOptional(append(b, `","watt_hours":`...), l.wh)
	b = appendOptional(append(b, `,"lithium_g":`...), l.lithiumG)
	return append(b, '}')
}

func appendOptional(b []byte, text string) []byte {
	if text == "" {
		return append(b, "null"...)
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendWhole(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// appendPadded appends a number with zeroes before it, to a width.
func appendPadded(b []byte, n int64, width int) []byte {
	start := len(b)
	b = appendWhole(b, n)
	if missing := width - (len(b) - start); missing > 0 {
		b = append(b, "0000000000000"[:missing]...)
		copy(b[start+missing:], b[start:])
		copy(b[start:], "0000000000000"[:missing])
	}
	return b
}

// appendMoney appends minor units as a decimal with two places.
func appendMoney(b []byte, minor int64) []byte {
	b = append(appendWhole(b, minor/100), '.')
	return append(b, '0'+byte(minor/10%10), '0'+byte(minor%10))
}
