package parcel

import (
	"slices"
	"strconv"
)

// Differences gives the JSON pointers of the fields in which two declarations differ, in the order of the document.
func Differences(a, b *Declaration) []string {
	var d differ
	d.texts("", []string{"order_no", "tracking_no", "mode", "service", "warehouse_code", "account_book_no", "currency"},
		[]string{a.OrderNo, a.TrackingNo, string(a.Mode), string(a.Service), a.WarehouseCode, a.AccountBookNo, a.Currency},
		[]string{b.OrderNo, b.TrackingNo, string(b.Mode), string(b.Service), b.WarehouseCode, b.AccountBookNo, b.Currency})
	d.texts("/seller", sellerMembers.names,
		[]string{a.Seller.Name, a.Seller.RegistrationNo, a.Seller.Country},
		[]string{b.Seller.Name, b.Seller.RegistrationNo, b.Seller.Country})
	d.consignee(&a.Consignee, &b.Consignee)
	d.decimal("/goods_value", a.GoodsValue, b.GoodsValue)
	d.decimal("/freight", a.Freight, b.Freight)
	d.decimal("/insurance", a.Insurance, b.Insurance)
	d.when(a.GrossWeight != b.GrossWeight, "/gross_weight_g")
	d.when(deref(a.Dimensions) != deref(b.Dimensions), "/dimensions_mm")
	for i := range max(len(a.Items), len(b.Items)) {
		at := "/items/" + strconv.Itoa(i)
		if i >= len(a.Items) || i >= len(b.Items) {
			d = append(d, at)
			continue
		}
		d.item(at, &a.Items[i], &b.Items[i])
	}
	return d
}

type differ []string

func (d *differ) when(differ bool, pointer string) {
	if differ {
		*d = append(*d, pointer)
	}
}

func (d *differ) texts(at string, names, a, b []string) {
	for i, name := range names {
		d.when(a[i] != b[i], at+"/"+name)
	}
}

func (d *differ) decimal(at string, a, b Decimal) { d.when(a.Trimmed() != b.Trimmed(), at) }

func (d *differ) consignee(a, b *Consignee) {
	d.texts("/consignee", consigneeMembers.names[:4],
		[]string{a.Name, a.Phone, a.Email, a.IDNo}, []string{b.Name, b.Phone, b.Email, b.IDNo})
	x, y := &a.Address, &b.Address
	d.texts("/consignee/address", addressMembers.names[:4],
		[]string{x.Country, x.Region, x.City, x.PostalCode}, []string{y.Country, y.Region, y.City, y.PostalCode})
	d.when(!slices.Equal(x.Lines, y.Lines), "/consignee/address/lines")
}

func (d *differ) item(at string, a, b *Item) {
	d.texts(at, []string{"sku", "description", "hs_code", "origin", "unit"},
		[]string{a.SKU, a.Description, a.HSCode, a.Origin, a.Unit}, []string{b.SKU, b.Description, b.HSCode, b.Origin, b.Unit})
	d.decimal(at+"/quantity", a.Quantity, b.Quantity)
	d.decimal(at+"/unit_price", a.UnitPrice, b.UnitPrice)
	d.when(a.NetWeight != b.NetWeight, at+"/net_weight_g")
	d.when(!sameBattery(a.Battery, b.Battery), at+"/battery")
}

func sameBattery(a, b *Battery) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.UNNumber == b.UNNumber && sameDecimal(a.WattHours, b.WattHours) && sameDecimal(a.LithiumG, b.LithiumG)
}

func sameDecimal(a, b *Decimal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Trimmed() == b.Trimmed()
}

func deref(d *Dimensions) Dimensions {
	if d == nil {
		return Dimensions{}
	}
	return *d
}
