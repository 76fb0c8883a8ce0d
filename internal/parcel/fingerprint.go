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
	p := printer{buf: make([]byte, 0, 1024)}
	p.text(d.OrderNo, d.TrackingNo, string(d.Mode), string(d.Service), d.WarehouseCode, d.AccountBookNo)
	p.text(d.Seller.Name, d.Seller.RegistrationNo, d.Seller.Country)
	c := &d.Consignee
	p.text(c.Name, c.Phone, c.Email, c.IDNo, c.Address.Country, c.Address.Region, c.Address.City, c.Address.PostalCode)
	p.number(int64(len(c.Address.Lines)))
	p.text(c.Address.Lines...)
	p.text(d.Currency)
	p.decimal(d.GoodsValue, d.Freight, d.Insurance)
	p.number(int64(d.GrossWeight))
	p.dimensions(d.Dimensions)
	p.number(int64(len(d.Items)))
	for i := range d.Items {
		p.item(&d.Items[i])
	}
	sum := sha256.Sum256(p.buf)
	return Fingerprint(sum[:16])
}

type printer struct{ buf []byte }

func (p *printer) number(n int64) { p.buf = binary.AppendVarint(p.buf, n) }

func (p *printer) text(values ...string) {
	for _, v := range values {
		p.number(int64(len(v)))
		p.buf = append(p.buf, v...)
	}
}

func (p *printer) decimal(values ...Decimal) {
	for _, v := range values {
		t := v.Trimmed()
		p.buf = binary.AppendUvarint(p.buf, t.digits)
		p.buf = append(p.buf, t.places)
	}
}

func (p *printer) dimensions(d *Dimensions) {
	if d == nil {
		p.number(0)
		return
	}
	p.number(1)
	p.number(int64(d.Length))
	p.number(int64(d.Width))
	p.number(int64(d.Height))
}

func (p *printer) item(it *Item) {
	p.text(it.SKU, it.Description, it.HSCode, it.Origin, it.Unit)
	p.decimal(it.Quantity, it.UnitPrice)
	p.number(int64(it.NetWeight))
	if it.Battery == nil {
		p.number(0)
		return
	}
	p.number(1)
	p.text(it.Battery.UNNumber)
	p.optional(it.Battery.WattHours)
	p.optional(it.Battery.LithiumG)
}

func (p *printer) optional(d *Decimal) {
	if d == nil {
		p.number(0)
		return
	}
	p.number(1)
	p.decimal(*d)
}
