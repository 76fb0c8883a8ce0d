package parcel

import (
	"crypto/sha256"
	"encoding/binary"
)

// Fingerprint is 128 bits of a hash over a declaration's content. Two declarations that say the same have the same
// fingerprint, however their JSON is written (spacing, order of members, 12.5 or "12.50").
type Fingerprint [16]byte

// Fingerprint hashes every declared field, each behind its length.
func (d *Declaration) Fingerprint() Fingerprint {
	var room [1024]byte
	p := printer(room[:0]).text(d.OrderNo, d.TrackingNo, string(d.Mode), string(d.Service), d.WarehouseCode, d.AccountBookNo)
	p = p.text(d.Seller.Name, d.Seller.RegistrationNo, d.Seller.Country)
	c := &d.Consignee
	p = p.text(c.Name, c.Phone, c.Email, c.IDNo, c.Address.Country, c.Address.Region, c.Address.City, c.Address.PostalCode)
	p = p.number(int64(len(c.Address.Lines))).text(c.Address.Lines...)
	p = p.text(d.Currency).decimal(d.GoodsValue, d.Freight, d.Insurance)
	p = p.number(int64(d.GrossWeight)).dimensions(d.Dimensions)
	p = p.number(int64(len(d.Items)))
	for i := range d.Items {
		p = p.item(&d.Items[i])
	}
	sum := sha256.Sum256(p)
	return Fingerprint(sum[:16])
}

// printer is what has been printed. It is passed on by value, so that its room stays on the stack.
type printer []byte

func (p printer) number(n int64) printer { return binary.AppendVarint(p, n) }

func (p printer) text(values ...string) printer {
	for _, v := range values {
		p = append(p.number(int64(len(v))), v...)
	}
	return p
}

func (p printer) decimal(values ...Decimal) printer {
	for _, v := range values {
		t := v.Trimmed()
		p = append(binary.AppendUvarint(p, t.digits), t.places)
	}
	return p
}

func (p printer) dimensions(d *Dimensions) printer {
	if d == nil {
		return p.number(0)
	}
	return p.number(1).number(int64(d.Length)).number(int64(d.Width)).number(int64(d.Height))
}

func (p printer) item(it *Item) printer {
	p = p.text(it.SKU, it.Description, it.HSCode, it.Origin, it.Unit).decimal(it.Quantity, it.UnitPrice).number(int64(it.NetWeight))
	if it.Battery == nil {
		return p.number(0)
	}
	return p.number(1).text(it.Battery.UNNumber).optional(it.Battery.WattHours).optional(it.Battery.LithiumG)
}

func (p printer) optional(d *Decimal) printer {
	if d == nil {
		return p.number(0)
	}
	return p.number(1).decimal(*d)
}
