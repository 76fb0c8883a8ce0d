package api

import "github.com/alataw/alataw/internal/parcel"

// DeclareRequest is a declaration as a platform sends it. It is documented here and read by parcel.Read, which checks every rule.
// Decimals may be strings or numbers.
type DeclareRequest struct {
	OrderNo       string           `json:"order_no" binding:"required" maxLength:"60" example:"536365-1"`
	TrackingNo    string           `json:"tracking_no" binding:"required" maxLength:"80" example:"LX474724577CN"` // one with the form of a UPU S10 number must have a right check digit
	Mode          string           `json:"mode" binding:"required" enums:"9610,9710,9810,1210" example:"9610"`    // 9610 retail, 9710 B2B direct, 9810 overseas warehouse, 1210 bonded
	Service       string           `json:"service" enums:"standard,express" default:"standard" example:"standard"`
	WarehouseCode string           `json:"warehouse_code" maxLength:"60" extensions:"x-nullable"`  // needed for 1210
	AccountBookNo string           `json:"account_book_no" maxLength:"60" extensions:"x-nullable"` // needed for 1210
	Seller        Seller           `json:"seller" binding:"required"`
	Consignee     ConsigneeRequest `json:"consignee" binding:"required"`
	Currency      string           `json:"currency" binding:"required" minLength:"3" maxLength:"3" example:"GBP"`           // ISO 4217, active
	GoodsValue    string           `json:"goods_value" binding:"required" format:"decimal" example:"15.30"`                 // the sum of quantity × unit_price, to 2 decimals
	Freight       string           `json:"freight" format:"decimal" example:"0.00"`                                         //
	Insurance     string           `json:"insurance" format:"decimal" example:"0.00"`                                       //
	GrossWeight   int64            `json:"gross_weight_g" binding:"required" minimum:"1" maximum:"30000000" example:"2667"` // at least the items' net weights; 9610: at most 30,000
	Dimensions    *Dimensions      `json:"dimensions_mm" extensions:"x-nullable"`
	Items         []ItemRequest    `json:"items" binding:"required,min=1,max=99"`
} //	@name	DeclareRequest

// Seller is the consignor: the enterprise whose goods leave.
type Seller struct {
	Name           string  `json:"name" binding:"required" maxLength:"200" example:"Yiwu Huaxin Trading Co., Ltd."`
	RegistrationNo string  `json:"registration_no" binding:"required" minLength:"10" maxLength:"18" example:"91650000MA0000001N"` // unified social credit code, or 10-character customs registration
	Country        *string `json:"country" minLength:"2" maxLength:"2" extensions:"x-nullable" example:"CN"`
} //	@name	Seller

// ConsigneeRequest is who receives the parcel. A phone number or an e-mail address is needed.
type ConsigneeRequest struct {
	Name    string  `json:"name" binding:"required" maxLength:"200" example:"Jane Doe"`
	Phone   *string `json:"phone" maxLength:"40" extensions:"x-nullable" example:"+442079460000"`
	Email   *string `json:"email" maxLength:"254" extensions:"x-nullable" example:"jane@example.com"`
	IDNo    *string `json:"id_no" maxLength:"60" extensions:"x-nullable"`
	Address Address `json:"address" binding:"required"`
} //	@name	ConsigneeRequest

// Address is where the parcel goes.
type Address struct {
	Country    string   `json:"country" binding:"required" minLength:"2" maxLength:"2" example:"GB"` // ISO 3166-1 alpha-2
	Region     *string  `json:"region" maxLength:"100" extensions:"x-nullable"`
	City       string   `json:"city" binding:"required" maxLength:"100" example:"London"`
	PostalCode *string  `json:"postal_code" maxLength:"60" extensions:"x-nullable" example:"SW1A 1AA"`
	Lines      []string `json:"lines" binding:"required,min=1,max=10" example:"148 Station Road"`
} //	@name	Address

// Dimensions are the parcel's outer edges in whole millimetres.
type Dimensions struct {
	Length int64 `json:"length" binding:"required" minimum:"1" maximum:"13600" example:"339"`
	Width  int64 `json:"width" binding:"required" minimum:"1" maximum:"13600" example:"271"`
	Height int64 `json:"height" binding:"required" minimum:"1" maximum:"13600" example:"169"`
} //	@name	Dimensions

// ItemRequest is one line of goods.
type ItemRequest struct {
	SKU         *string         `json:"sku" maxLength:"60" extensions:"x-nullable" example:"85123A"`
	Description string          `json:"description" binding:"required" maxLength:"250" example:"WHITE HANGING HEART T-LIGHT HOLDER"`
	HSCode      string          `json:"hs_code" binding:"required" example:"940542"` // 4, 6, 8 or 10 digits
	Origin      string          `json:"origin" binding:"required" minLength:"2" maxLength:"2" example:"CN"`
	Quantity    string          `json:"quantity" binding:"required" format:"decimal" example:"6"`
	Unit        string          `json:"unit" binding:"required" example:"H87"` // UN/ECE Recommendation 20
	UnitPrice   string          `json:"unit_price" binding:"required" format:"decimal" example:"2.55"`
	NetWeight   int64           `json:"net_weight_g" minimum:"0" example:"2442"`
	Battery     *BatteryRequest `json:"battery" extensions:"x-nullable"`
} //	@name	ItemRequest

// BatteryRequest is a lithium battery in or with the goods.
type BatteryRequest struct {
	UNNumber  string  `json:"un_number" binding:"required" enums:"UN3480,UN3481,UN3090,UN3091" example:"UN3481"`
	WattHours *string `json:"watt_hours" format:"decimal" extensions:"x-nullable" example:"12.5"`
	LithiumG  *string `json:"lithium_g" format:"decimal" extensions:"x-nullable"`
} //	@name	BatteryRequest

// Declaration is a declaration as answers show it: every field, decimals as strings with the digits they were declared with,
// null for what was not declared.
type Declaration struct {
	OrderNo       string      `json:"order_no" example:"536365-1"`
	TrackingNo    string      `json:"tracking_no" example:"LX474724577CN"`
	Mode          string      `json:"mode" example:"9610"`
	Service       string      `json:"service" example:"standard"`
	WarehouseCode *string     `json:"warehouse_code" extensions:"x-nullable"`
	AccountBookNo *string     `json:"account_book_no" extensions:"x-nullable"`
	Seller        Seller      `json:"seller"`
	Consignee     Consignee   `json:"consignee"`
	Currency      string      `json:"currency" example:"GBP"`
	GoodsValue    string      `json:"goods_value" format:"decimal" example:"15.30"`
	Freight       string      `json:"freight" format:"decimal" example:"0.00"`
	Insurance     string      `json:"insurance" format:"decimal" example:"0.00"`
	GrossWeight   int64       `json:"gross_weight_g" example:"2667"`
	Dimensions    *Dimensions `json:"dimensions_mm" extensions:"x-nullable"`
	Items         []Item      `json:"items"`
} //	@name	Declaration

// Consignee is who receives the parcel.
type Consignee struct {
	Name    string  `json:"name" example:"Jane Doe"`
	Phone   *string `json:"phone" extensions:"x-nullable" example:"+442079460000"`
	Email   *string `json:"email" extensions:"x-nullable"`
	IDNo    *string `json:"id_no" extensions:"x-nullable"`
	Address Address `json:"address"`
} //	@name	Consignee

// Item is one line of goods.
type Item struct {
	SKU         *string  `json:"sku" extensions:"x-nullable" example:"85123A"`
	Description string   `json:"description" example:"WHITE HANGING HEART T-LIGHT HOLDER"`
	HSCode      string   `json:"hs_code" example:"940542"`
	Origin      string   `json:"origin" example:"CN"`
	Quantity    string   `json:"quantity" format:"decimal" example:"6"`
	Unit        string   `json:"unit" example:"H87"`
	UnitPrice   string   `json:"unit_price" format:"decimal" example:"2.55"`
	NetWeight   int64    `json:"net_weight_g" example:"2442"`
	Battery     *Battery `json:"battery" extensions:"x-nullable"`
} //	@name	Item

// Battery is a lithium battery in or with the goods.
type Battery struct {
	UNNumber  string  `json:"un_number" example:"UN3481"`
	WattHours *string `json:"watt_hours" format:"decimal" extensions:"x-nullable" example:"12.5"`
	LithiumG  *string `json:"lithium_g" format:"decimal" extensions:"x-nullable"`
} //	@name	Battery

func declarationOf(d parcel.Declaration) Declaration {
	return Declaration{
		OrderNo: d.OrderNo, TrackingNo: d.TrackingNo, Mode: string(d.Mode), Service: string(d.Service),
		WarehouseCode: textOrNull(d.WarehouseCode), AccountBookNo: textOrNull(d.AccountBookNo),
		Seller:    Seller{Name: d.Seller.Name, RegistrationNo: d.Seller.RegistrationNo, Country: textOrNull(d.Seller.Country)},
		Consignee: consigneeOf(d.Consignee), Currency: d.Currency,
		GoodsValue: d.GoodsValue.String(), Freight: d.Freight.String(), Insurance: d.Insurance.String(),
		GrossWeight: int64(d.GrossWeight), Dimensions: dimensionsOf(d.Dimensions), Items: convert(d.Items, itemOf),
	}
}

func consigneeOf(to parcel.Consignee) Consignee {
	a := to.Address
	return Consignee{
		Name: to.Name, Phone: textOrNull(to.Phone), Email: textOrNull(to.Email), IDNo: textOrNull(to.IDNo),
		Address: Address{Country: a.Country, Region: textOrNull(a.Region), City: a.City, PostalCode: textOrNull(a.PostalCode), Lines: append([]string{}, a.Lines...)},
	}
}

func dimensionsOf(d *parcel.Dimensions) *Dimensions {
	if d == nil {
		return nil
	}
	return &Dimensions{Length: int64(d.Length), Width: int64(d.Width), Height: int64(d.Height)}
}

func itemOf(it parcel.Item) Item {
	return Item{
		SKU: textOrNull(it.SKU), Description: it.Description, HSCode: it.HSCode, Origin: it.Origin, Quantity: it.Quantity.String(),
		Unit: it.Unit, UnitPrice: it.UnitPrice.String(), NetWeight: int64(it.NetWeight), Battery: batteryOf(it.Battery),
	}
}

func batteryOf(b *parcel.Battery) *Battery {
	if b == nil {
		return nil
	}
	return &Battery{UNNumber: b.UNNumber, WattHours: decimalOrNull(b.WattHours), LithiumG: decimalOrNull(b.LithiumG)}
}

func decimalOrNull(d *parcel.Decimal) *string {
	if d == nil {
		return nil
	}
	return new(d.String())
}
