package risk

// Shipment is what risk looks at in a parcel: a line of its goods, and who sends it where. What is not known is left empty.
type Shipment struct {
	Seller      string // registration number
	SKU         string // the seller's article number
	HS          string // 4 to 10 digits
	Origin      string // ISO 3166-1 alpha-2
	Destination string // ISO 3166-1 alpha-2
	Mode        string // supervision mode, e.g. 9610
	Platform    string // the account that declares
	Value       float64
	GrossKg     float64   // of the parcel
	PerKg       *Standing // where the price per kilogram stands; nil or unknown: nowhere
}

// ShipmentPlan is what a model of parcels looks at.
func ShipmentPlan() Plan {
	return Plan{
		{"seller", "hs4"}, {"seller", "destination"}, {"hs2", "hs4", "hs6"}, {"hs2", "destination"}, {"hs2", "hs4", "price_level"},
		{"seller", "price_level"}, {"price_level"}, {"destination", "mode"}, {"origin", "hs2"}, {"platform"}, {"value"}, {"gross_mass"},
	}
}

// ShipmentRepeat is how repeats of parcels' goods are known.
func ShipmentRepeat() []string { return []string{"seller", "sku", "hs6"} }

// Factors appends what a model by ShipmentPlan looks at to a buffer, in the order in which it finds them the fastest.
func (s *Shipment) Factors(to []Factor) []Factor {
	to = append(to, Factor{"seller", s.Seller})
	if len(s.HS) >= 4 {
		to = append(to, Factor{"hs4", s.HS[:4]})
	}
	to = append(to, Factor{"destination", s.Destination})
	if len(s.HS) >= 4 {
		to = append(to, Factor{"hs2", s.HS[:2]})
	}
	if len(s.HS) >= 6 {
		to = append(to, Factor{"hs6", s.HS[:6]})
	}
	if level := s.PerKg.Tier(); level != "" {
		to = append(to, Factor{"price_level", level})
	}
	to = append(to, Factor{"mode", s.Mode}, Factor{"origin", s.Origin}, Factor{"platform", s.Platform},
		Factor{"value", Octave(s.Value)}, Factor{"gross_mass", Octave(s.GrossKg)})
	if s.SKU != "" {
		to = append(to, Factor{"sku", s.SKU})
	}
	return to
}

// The tiers of a price.
const (
	tierFarBelow  = "more than 4 spreads below the median"
	tierWellBelow = "3 to 4 spreads below the median"
	tierBelow     = "2 to 3 spreads below the median"
	tierUnder     = "1 to 2 spreads below the median"
	tierUsual     = "usual"
	tierAbove     = "more than 2 spreads above the median"
)

// Tier names how far a price is from the median, as a factor's value; "" where nothing is known.
func (s *Standing) Tier() string {
	switch {
	case s == nil || !s.Known():
		return ""
	case s.Distance > 4:
		return tierFarBelow
	case s.Distance > 3:
		return tierWellBelow
	case s.Distance > 2:
		return tierBelow
	case s.Distance > 1:
		return tierUnder
	case s.Distance > -2:
		return tierUsual
	}
	return tierAbove
}
