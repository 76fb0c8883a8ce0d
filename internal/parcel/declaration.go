package parcel

import "github.com/go-json-experiment/json/jsontext"

// Grams is a mass, in whole grams.
type Grams int64

// Millimetres is a length, in whole millimetres.
type Millimetres int64

// Mode is the customs' supervision mode (GACC announcements 2014 No.12 and 2020 No.75).
type Mode string

// The modes of cross-border e-commerce export.
const (
	ModeRetail    Mode = "9610" // retail, direct parcel
	ModeB2B       Mode = "9710" // business to business, direct
	ModeWarehouse Mode = "9810" // to an overseas warehouse
	ModeBonded    Mode = "1210" // from a bonded zone
)

// Service is how urgently a parcel is loaded.
type Service string

// Express parcels are loaded before standard ones.
const (
	Standard Service = "standard"
	Express  Service = "express"
)

// Declaration is the document a platform declares a parcel with: parsed, and valid by every rule of check.go.
// It is stored and queued as the platform wrote it; this is its reading.
type Declaration struct {
	OrderNo       string      `json:"order_no"`
	TrackingNo    string      `json:"tracking_no"`
	Mode          Mode        `json:"mode"`
	Service       Service     `json:"service"`
	WarehouseCode string      `json:"warehouse_code,omitempty"`
	AccountBookNo string      `json:"account_book_no,omitempty"`
	Seller        Seller      `json:"seller"`
	Consignee     Consignee   `json:"consignee"`
	Currency      string      `json:"currency"`
	GoodsValue    Decimal     `json:"goods_value"`
	Freight       Decimal     `json:"freight"`
	Insurance     Decimal     `json:"insurance"`
	GrossWeight   Grams       `json:"gross_weight_g"`
	Dimensions    *Dimensions `json:"dimensions_mm,omitempty"`
	Items         []Item      `json:"items"`
}

// Seller is the consignor: the enterprise whose goods leave.
type Seller struct {
	Name           string `json:"name"`
	RegistrationNo string `json:"registration_no"` // GB 32100 credit code, or 10-character customs registration
	Country        string `json:"country,omitempty"`
}

// Consignee is who receives the parcel. It is personal data: it never reaches a log.
type Consignee struct {
	Name    string  `json:"name"`
	Phone   string  `json:"phone,omitempty"`
	Email   string  `json:"email,omitempty"`
	IDNo    string  `json:"id_no,omitempty"`
	Address Address `json:"address"`
}

// Address is where the parcel goes.
type Address struct {
	Country    string   `json:"country"` // ISO 3166-1 alpha-2
	Region     string   `json:"region,omitempty"`
	City       string   `json:"city"`
	PostalCode string   `json:"postal_code,omitempty"`
	Lines      []string `json:"lines"`
}

// Dimensions are the parcel's outer edges.
type Dimensions struct {
	Length Millimetres `json:"length"`
	Width  Millimetres `json:"width"`
	Height Millimetres `json:"height"`
}

// Item is one line of goods.
type Item struct {
	SKU         string   `json:"sku,omitempty"`
	Description string   `json:"description"`
	HSCode      string   `json:"hs_code"`  // 4, 6, 8 or 10 digits
	Origin      string   `json:"origin"`   // ISO 3166-1 alpha-2
	Quantity    Decimal  `json:"quantity"` // in Unit
	Unit        string   `json:"unit"`     // UN/ECE Recommendation 20
	UnitPrice   Decimal  `json:"unit_price"`
	NetWeight   Grams    `json:"net_weight_g,omitempty"`
	Battery     *Battery `json:"battery,omitempty"`
}

// Battery is a lithium battery in or with the goods.
type Battery struct {
	UNNumber  string   `json:"un_number"` // UN3480, UN3481, UN3090 or UN3091
	WattHours *Decimal `json:"watt_hours,omitempty"`
	LithiumG  *Decimal `json:"lithium_g,omitempty"`
}

// defaultDensity is what a parcel without dimensions is taken to weigh, in grams per litre: the median of e-commerce parcels.
const defaultDensity = 170

// VolumeCM3 is the space the parcel takes, rounded up to whole cubic centimetres, at least 1.
// Without dimensions it is estimated from the weight.
func (d *Declaration) VolumeCM3() int64 {
	if d.Dimensions == nil {
		return max(1, (int64(d.GrossWeight)*1000+defaultDensity-1)/defaultDensity)
	}
	mm3 := int64(d.Dimensions.Length) * int64(d.Dimensions.Width) * int64(d.Dimensions.Height)
	return max(1, (mm3+999)/1000)
}

// Document is a declaration's JSON as its platform sent it and the database keeps it.
type Document = jsontext.Value
