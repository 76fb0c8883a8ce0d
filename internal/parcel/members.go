package parcel

// The members of a declaration and of its parts, in the order of their readers below.
var (
	declarationMembers = named(
		"order_no", "tracking_no", "mode", "service", "warehouse_code", "account_book_no", "seller", "consignee",
		"currency", "goods_value", "freight", "insurance", "gross_weight_g", "dimensions_mm", "items",
	)
	sellerMembers    = named("name", "registration_no", "country")
	consigneeMembers = named("name", "phone", "email", "id_no", "address")
	addressMembers   = named("country", "region", "city", "postal_code", "lines")
	dimensionMembers = named("length", "width", "height")
	itemMembers      = named("sku", "description", "hs_code", "origin", "quantity", "unit", "unit_price", "net_weight_g", "battery")
	batteryMembers   = named("un_number", "watt_hours", "lithium_g")
)

// members are what an object may have: the names, and each as most documents write it, in quotes and with its colon.
type members struct{ names, keys []string }

func named(names ...string) *members {
	m := &members{names: names}
	for _, name := range names {
		m.keys = append(m.keys, `"`+name+`":`)
	}
	return m
}

const (
	maxItems = 99
	maxLines = 10
)

func (r *reader) declaration(d *Declaration) {
	d.Service = Standard
	r.object(declarationMembers, func(i int) {
		switch i {
		case 0:
			r.textInto(&d.OrderNo)
		case 1:
			r.textInto(&d.TrackingNo)
		case 2:
			r.textInto((*string)(&d.Mode))
		case 3:
			r.textInto((*string)(&d.Service))
		case 4:
			r.textInto(&d.WarehouseCode)
		case 5:
			r.textInto(&d.AccountBookNo)
		case 6:
			r.seller(&d.Seller)
		case 7:
			r.consignee(&d.Consignee)
		case 8:
			r.textInto(&d.Currency)
		case 9:
			r.decimalInto(&d.GoodsValue)
		case 10:
			r.decimalInto(&d.Freight)
		case 11:
			r.decimalInto(&d.Insurance)
		case 12:
			wholeInto(r, &d.GrossWeight)
		case 13:
			r.dimensions(d)
		case 14:
			r.items(d)
		}
	})
}

func (r *reader) seller(s *Seller) {
	r.object(sellerMembers, func(i int) {
		r.textInto([...]*string{&s.Name, &s.RegistrationNo, &s.Country}[i])
	})
}

func (r *reader) consignee(c *Consignee) {
	r.object(consigneeMembers, func(i int) {
		if i == 4 {
			r.address(&c.Address)
			return
		}
		r.textInto([...]*string{&c.Name, &c.Phone, &c.Email, &c.IDNo}[i])
	})
}

func (r *reader) address(a *Address) {
	r.object(addressMembers, func(i int) {
		if i < 4 {
			r.textInto([...]*string{&a.Country, &a.Region, &a.City, &a.PostalCode}[i])
			return
		}
		r.lines(a)
	})
}

func (r *reader) lines(a *Address) {
	var room [maxLines]string
	lines := room[:0]
	r.array(maxLines, func() {
		lines = append(lines, "")
		r.textInto(&lines[len(lines)-1])
	})
	a.Lines = append(a.Lines, lines...)
}

func (r *reader) dimensions(d *Declaration) {
	if r.peek() != 'n' {
		d.Dimensions = new(Dimensions)
	}
	r.object(dimensionMembers, func(i int) {
		wholeInto(r, [...]*Millimetres{&d.Dimensions.Length, &d.Dimensions.Width, &d.Dimensions.Height}[i])
	})
}

// usualItem is how many bytes an item takes, or a little less.
const usualItem = 150

func (r *reader) items(d *Declaration) {
	r.array(maxItems, func() {
		if d.Items == nil { // most documents end with their items
			d.Items = make([]Item, 0, min(1+(len(r.text)-r.at)/usualItem, maxItems))
		}
		d.Items = append(d.Items, Item{})
		r.item(&d.Items[len(d.Items)-1])
	})
}

func (r *reader) item(it *Item) {
	r.object(itemMembers, func(i int) {
		switch i {
		case 0:
			r.textInto(&it.SKU)
		case 1:
			r.textInto(&it.Description)
		case 2:
			r.textInto(&it.HSCode)
		case 3:
			r.textInto(&it.Origin)
		case 4:
			r.decimalInto(&it.Quantity)
		case 5:
			r.textInto(&it.Unit)
		case 6:
			r.decimalInto(&it.UnitPrice)
		case 7:
			wholeInto(r, &it.NetWeight)
		case 8:
			r.battery(it)
		}
	})
}

func (r *reader) battery(it *Item) {
	if r.peek() != 'n' {
		it.Battery = new(Battery)
	}
	r.object(batteryMembers, func(i int) {
		switch b := it.Battery; i {
		case 0:
			r.textInto(&b.UNNumber)
		case 1:
			r.optionalDecimal(&b.WattHours)
		case 2:
			r.optionalDecimal(&b.LithiumG)
		}
	})
}

func (r *reader) optionalDecimal(into **Decimal) {
	if r.peek() != 'n' {
		*into = new(Decimal)
	}
	r.decimalInto(*into) // null is read into nothing
}
