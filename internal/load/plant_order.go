package load

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// plantOrder is a declaration as far as planting needs it.
type plantOrder struct {
	OrderNo     string          `json:"order_no"`
	TrackingNo  string          `json:"tracking_no"`
	Mode        string          `json:"mode"`
	Seller      json.RawMessage `json:"seller"`
	Consignee   plantConsignee  `json:"consignee"`
	Currency    string          `json:"currency"`
	GoodsValue  figure          `json:"goods_value"`
	Freight     figure          `json:"freight"`
	Insurance   figure          `json:"insurance"`
	GrossWeight int64           `json:"gross_weight_g"`
	Dimensions  *plantBox       `json:"dimensions_mm,omitempty"`
	Items       []plantItem     `json:"items"`
}

type plantConsignee struct {
	Name    string       `json:"name"`
	Phone   string       `json:"phone,omitempty"`
	Email   string       `json:"email,omitempty"`
	Address plantAddress `json:"address"`
}

type plantAddress struct {
	Country    string   `json:"country"`
	Region     string   `json:"region,omitempty"`
	City       string   `json:"city"`
	PostalCode string   `json:"postal_code,omitempty"`
	Lines      []string `json:"lines"`
}

type plantBox struct {
	Length int64 `json:"length"`
	Width  int64 `json:"width"`
	Height int64 `json:"height"`
}

type plantItem struct {
	SKU         string        `json:"sku,omitempty"`
	Description string        `json:"description"`
	HSCode      string        `json:"hs_code"`
	Origin      string        `json:"origin"`
	Quantity    figure        `json:"quantity"`
	Unit        string        `json:"unit"`
	UnitPrice   figure        `json:"unit_price"`
	NetWeight   int64         `json:"net_weight_g,omitempty"`
	Battery     *plantBattery `json:"battery,omitempty"`
}

type plantBattery struct {
	UNNumber  string  `json:"un_number"`
	WattHours *figure `json:"watt_hours,omitempty"`
	LithiumG  *figure `json:"lithium_g,omitempty"`
}

// figure is a decimal, which orders may write as a string or a number.
type figure string

// UnmarshalJSON takes either.
func (f *figure) UnmarshalJSON(text []byte) error {
	*f = figure(strings.Trim(string(text), `"`))
	return nil
}

// hundredths gives a figure in hundredths, what is beyond them cut off; 0 when it is none.
func (f figure) hundredths() int64 {
	whole, places, _ := strings.Cut(string(f), ".")
	n, err := strconv.ParseInt(whole+(places + "00")[:2], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func figureOf(hundredths int64) figure {
	return figure(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100))
}

// likely tells whether new orders can be made like this one: a retail parcel with one thing in it at least that costs something.
func (o *plantOrder) likely() bool {
	return o.Mode == "9610" && o.GrossWeight > 0 && o.GrossWeight <= 20_000 && len(o.Consignee.Address.Lines) > 0 && len(o.Seller) > 0 &&
		len(o.Items) > 0 && o.Items[0].Battery == nil && o.Items[0].UnitPrice.hundredths() >= 100
}

// fresh makes an innocent order like the model, of its first item: to another phone and house, under a number of its own.
func (p *Planted) fresh() plantOrder {
	p.serial++
	o := p.model
	o.OrderNo = fmt.Sprintf("%s%05d", p.prefix, p.serial)
	o.TrackingNo = fmt.Sprintf("YTPL%s%06d", strings.ToUpper(strconv.FormatUint(p.cfg.Seed, 36)), p.serial)
	o.Freight, o.Insurance, o.Dimensions = "0.00", "0.00", nil
	o.Consignee.Phone, o.Consignee.Email = fmt.Sprintf("+4477009%05d", p.serial), ""
	o.Consignee.Address.Lines = []string{fmt.Sprintf("%d Planters Row", p.serial)}
	item := o.Items[0]
	item.Quantity = figure(strconv.FormatInt(max(1, item.Quantity.hundredths()/100), 10))
	item.UnitPrice = figureOf(item.UnitPrice.hundredths())
	o.Items = []plantItem{item}
	o.settle()
	return o
}

// holding makes a fresh order of other goods: a piece or more of them at a price in hundredths, and what all weigh.
func (p *Planted) holding(description, hs string, pieces, price, net int64) plantOrder {
	o := p.fresh()
	o.Items[0] = plantItem{
		SKU: "PL-" + hs[:4], Description: description, HSCode: hs, Origin: "CN", Quantity: figure(strconv.FormatInt(pieces, 10)), Unit: "H87",
		UnitPrice: figureOf(price), NetWeight: net,
	}
	o.settle()
	return o
}

// settle makes value and weight fit the item.
func (o *plantOrder) settle() {
	item := &o.Items[0]
	o.GoodsValue = figureOf(item.Quantity.hundredths() / 100 * item.UnitPrice.hundredths())
	if item.NetWeight > 0 {
		o.GrossWeight = item.NetWeight + item.NetWeight/20 + 40
	}
}

func newPCG(seed uint64) *rand.PCG { return rand.NewPCG(seed, 0x91a7) }
