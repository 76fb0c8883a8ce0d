package screening

import "reflect"

// Facts are what formulas can say of a parcel. The names are those in the tags; docs/screening.md lists them from here. A rule
// that is asked of the parcel sees those of the parcel; one that is asked of items, mentions or parties sees theirs too.
//
// Numbers that come from decimals or sums of fen are floating point here, rounded once, so that comparisons with a limit of
// two decimals are exact; nothing is computed with them that is stored.
type Facts struct {
	// The parcel.
	Mode         string  `expr:"mode" of:"parcel" en:"supervision mode: 9610, 9710, 9810, 1210"`
	Service      string  `expr:"service" of:"parcel" en:"standard or express"`
	Destination  string  `expr:"destination" of:"parcel" en:"country it goes to, ISO 3166-1 alpha-2"`
	Region       string  `expr:"region" of:"parcel" en:"region of the address, folded"`
	City         string  `expr:"city" of:"parcel" en:"city of the address, folded"`
	Postal       string  `expr:"postal_code" of:"parcel" en:"postal code as declared"`
	Seller       string  `expr:"seller" of:"parcel" en:"registration number of the seller"`
	SellerName   string  `expr:"seller_name" of:"parcel" en:"name of the seller, folded"`
	Consignee    string  `expr:"consignee_name" of:"parcel" en:"name of the consignee, folded"`
	Currency     string  `expr:"currency" of:"parcel" en:"ISO 4217"`
	Rated        bool    `expr:"rated" of:"parcel" en:"there is a rate from the currency to yuan"`
	GoodsValue   string  `expr:"goods_value" of:"parcel" en:"goods value as declared, a text"`
	Value        float64 `expr:"value" of:"parcel" en:"goods value in yuan; 0 without a rate"`
	ReceivedOn   string  `expr:"received_on" of:"parcel" en:"day of receipt in China, like 2026-11-22: the rate is that day's"`
	RateDays     int     `expr:"rate_days" of:"parcel" en:"how many days older the rate is; -1 without one"`
	TrackingNo   string  `expr:"tracking_no" of:"parcel" en:"tracking number as declared"`
	GrossG       int     `expr:"gross_g" of:"parcel" en:"gross weight in grams"`
	NetG         int     `expr:"net_g" of:"parcel" en:"sum of the items' net weights in grams; 0 where none is declared"`
	Length       int     `expr:"length_mm" of:"parcel" en:"outer length in millimetres; 0 where no size is declared"`
	Width        int     `expr:"width_mm" of:"parcel" en:"outer width in millimetres"`
	Height       int     `expr:"height_mm" of:"parcel" en:"outer height in millimetres"`
	Density      float64 `expr:"density" of:"parcel" en:"kilograms a cubic metre by gross weight and outer size; 0 where no size is declared"`
	ValuePerKg   float64 `expr:"value_per_kg" of:"parcel" en:"yuan a kilogram of gross weight"`
	ItemCount    int     `expr:"items" of:"parcel" en:"how many lines of goods"`
	SentParcels  int     `expr:"sent_parcels" of:"parcel" en:"parcels to this consignee (same name, phone, address) within 24 hours, this one too"`
	SentValue    float64 `expr:"sent_value" of:"parcel" en:"what they are worth together, in yuan"`
	ThereParcels int     `expr:"there_parcels" of:"parcel" en:"parcels to this address, whoever gets them, within 24 hours, this one too"`
	ThereValue   float64 `expr:"there_value" of:"parcel" en:"what they are worth together, in yuan"`
	Reused       bool    `expr:"tracking_reused" of:"parcel" en:"another parcel had this tracking number within six months"`
	Risk         float64 `expr:"risk" of:"parcel" en:"how likely such parcels were found at fault, 0..1, learned from officers' outcomes"`
	RiskKnown    bool    `expr:"risk_known" of:"parcel" en:"enough outcomes were learned from"`
	RiskWhyEN    string  `expr:"risk_because" of:"parcel" en:"what the risk is made of, in English"`
	RiskWhyZH    string  `expr:"risk_because_zh" of:"parcel" en:"what the risk is made of, in Chinese"`
	TicketLimit  float64 `expr:"ticket_limit" of:"parcel" en:"the office's limit for a ticket without a full declaration, in yuan"`
	SplitLimit   int     `expr:"split_limit" of:"parcel" en:"how many parcels a consignee may be sent within 24 hours"`

	// One of its items.
	HS           string  `expr:"hs" of:"item" en:"HS code as declared, 4 to 10 digits"`
	Heading      string  `expr:"heading" of:"item" en:"its first four digits"`
	Chapter      string  `expr:"chapter" of:"item" en:"its first two digits"`
	Origin       string  `expr:"origin" of:"item" en:"country of origin, ISO 3166-1 alpha-2"`
	Description  string  `expr:"description" of:"item" en:"description as declared"`
	Words        string  `expr:"words" of:"item" en:"description, folded: lower case, no accents, single blanks"`
	Letters      int     `expr:"letters" of:"item" en:"letters of the description outside words that could stand for anything"`
	Quantity     float64 `expr:"quantity" of:"item" en:"how many or how much"`
	Unit         string  `expr:"unit" of:"item" en:"UN/ECE Recommendation 20"`
	Pieces       bool    `expr:"pieces" of:"item" en:"the unit counts things"`
	ItemValue    float64 `expr:"item_value" of:"item" en:"quantity times unit price, in yuan"`
	UnitPrice    string  `expr:"unit_price" of:"item" en:"unit price as declared, a text"`
	UnitValue    float64 `expr:"unit_value" of:"item" en:"unit price in yuan"`
	ItemNetG     int     `expr:"item_net_g" of:"item" en:"net weight in grams; 0 where none is declared"`
	PieceG       float64 `expr:"piece_g" of:"item" en:"net grams of one; 0 where no net weight is declared or the unit does not count"`
	ItemPerKg    float64 `expr:"item_per_kg" of:"item" en:"yuan a kilogram of net weight; 0 where no net weight is declared"`
	Battery      string  `expr:"battery" of:"item" en:"UN number of the declared battery, or empty"`
	WattHours    float64 `expr:"watt_hours" of:"item" en:"of the battery; -1 where none is declared"`
	LithiumG     float64 `expr:"lithium_g" of:"item" en:"grams of lithium in the battery; -1 where none is declared"`
	Called       string  `expr:"called" of:"item" en:"what the description calls the goods, where it does so beyond doubt; or empty"`
	CalledFits   bool    `expr:"called_fits" of:"item" en:"the HS code is of a chapter where such goods are classified"`
	CalledIn     string  `expr:"called_chapters" of:"item" en:"the chapters where such goods are classified"`
	CalledZH     string  `expr:"called_zh" of:"item" en:"the same in Chinese"`
	LeastG       float64 `expr:"piece_least_g" of:"item" en:"the least that one such piece weighs, in grams"`
	MostG        float64 `expr:"piece_most_g" of:"item" en:"the most that one such piece weighs, in grams"`
	WeighedAs    string  `expr:"weighed_as" of:"item" en:"what the goods of the heading are, where their weights are known; else goods"`
	WeighedAsZH  string  `expr:"weighed_as_zh" of:"item" en:"the same in Chinese"`
	PriceKnown   bool    `expr:"price_known" of:"item" en:"enough like it is stored to compare the price with"`
	CheaperThan  float64 `expr:"cheaper_than" of:"item" en:"the share of like goods that cost more, 0..1"`
	ThisPrice    float64 `expr:"this_price" of:"item" en:"what is compared, in yuan a kilogram or a piece"`
	TypicalPrice float64 `expr:"typical_price" of:"item" en:"the median of like goods"`
	PriceLow     float64 `expr:"price_low" of:"item" en:"99 % of like goods cost more than this"`
	PriceBelow   float64 `expr:"price_distance" of:"item" en:"how many spreads the price is below the median; above it negative"`
	PriceWhyEN   string  `expr:"price_because" of:"item" en:"the comparison, in English"`
	PriceWhyZH   string  `expr:"price_because_zh" of:"item" en:"the comparison, in Chinese"`

	// Something regulated that an item's description or HS code speaks of.
	Phrase  string `expr:"phrase" of:"mention" en:"the words, or the HS code, as they stand there"`
	Kind    string `expr:"kind" of:"mention" en:"what it is, e.g. weapon, narcotic, battery"`
	Names   string `expr:"names" of:"mention" en:"what it names, in English"`
	NamesZH string `expr:"names_zh" of:"mention" en:"what it names, in Chinese"`
	Where   string `expr:"where" of:"mention" en:"description, hs_code, or destination for what its country does not let in"`
	Sure    string `expr:"sure" of:"mention" en:"the lane its table gives it: red names the thing and little else, yellow is said of innocent goods too"`
	Control string `expr:"control" of:"mention" en:"the family of export controls it falls under, or empty"`
	Law     string `expr:"law" of:"mention" en:"why it is regulated"`

	// Something that is the matter with an item's battery.
	BatteryCase     string `expr:"battery_case" of:"battery" en:"undeclared, figure_missing, over_limit, understated or wrong_number"`
	BatteryEvidence string `expr:"battery_evidence" of:"battery" en:"the words or the code that speak against what is declared"`
	BatteryFigure   string `expr:"battery_figure" of:"battery" en:"the declared figure, a text"`
	BatteryLimit    string `expr:"battery_limit" of:"battery" en:"the figure that it is compared with, a text"`
	BatteryUnit     string `expr:"battery_unit" of:"battery" en:"Wh or g"`
	BatteryWhat     string `expr:"battery_what" of:"battery" en:"energy or lithium"`
	BatteryCell     bool   `expr:"battery_cell" of:"battery" en:"it is a single cell"`

	// A listed party that consignee or seller may be.
	Party      string  `expr:"party" of:"party" en:"consignee or seller"`
	Name       string  `expr:"name" of:"party" en:"the name as declared"`
	List       string  `expr:"list" of:"party" en:"the watch list, e.g. ofac_sdn"`
	Entry      string  `expr:"entry" of:"party" en:"the publisher's number of the party"`
	Edition    string  `expr:"list_version" of:"party" en:"the version of the list"`
	ListedName string  `expr:"listed_name" of:"party" en:"the name on the list"`
	ListedAs   string  `expr:"listed_as" of:"party" en:"what the list says of the party"`
	Likeness   float64 `expr:"likeness" of:"party" en:"how alike the names are, 0..1"`
	Likely     string  `expr:"likely" of:"party" en:"which words matched how, in English"`
	LikelyZH   string  `expr:"likely_zh" of:"party" en:"which words matched how, in Chinese"`
}

// Fact is one of the facts, for those who write rules.
type Fact struct {
	Name  string
	Type  string // text, number, whole number, yes or no
	Of    Each
	Means string
}

// AllFacts lists the facts in the order in which they are documented.
func AllFacts() []Fact {
	kinds := map[reflect.Kind]string{reflect.String: "text", reflect.Float64: "number", reflect.Int: "whole number", reflect.Bool: "yes or no"}
	facts := reflect.TypeFor[Facts]()
	all := make([]Fact, facts.NumField())
	for i := range all {
		f := facts.Field(i)
		all[i] = Fact{f.Tag.Get("expr"), kinds[f.Type.Kind()], Each(f.Tag.Get("of")), f.Tag.Get("en")}
	}
	return all
}

// scopes gives for each fact what it is of.
var scopes = scopesOf(AllFacts())

func scopesOf(facts []Fact) map[string]Each {
	scopes := map[string]Each{}
	for _, f := range facts {
		scopes[f.Name] = f.Of
	}
	return scopes
}

// sees tells whether a rule that is asked of each one knows facts of the other.
func (e Each) sees(other Each) bool {
	if other == EachItem {
		return e == EachItem || e == EachMention || e == EachBattery
	}
	return other == EachParcel || other == e
}
