package parcel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/refdata"
)

// The longest texts taken, in characters. Those of order_no, tracking_no and description are the customs' own (C..60, C..80, C..250).
const (
	maxOrderNo     = 60
	maxTrackingNo  = 80
	maxDescription = 250
	maxName        = 200
	maxLine        = 200
	maxShort       = 100
	maxCode        = 60
	maxEmail       = 254
	maxPhone       = 40
)

const (
	maxRetailWeight Grams       = 30_000        // a parcel, not freight
	maxWeight       Grams       = 30_000_000    // no loading unit carries more
	maxEdge         Millimetres = 13_600        // no loading unit is longer
	maxNetWeight    Grams       = maxWeight * 2 // far past every gross weight, far from overflow
)

// check applies every rule of the declaration table (docs/declaration.md) to a document that could be read.
// What is suspicious rather than wrong is screening's work.
func check(d *Declaration, r *reader) {
	c := checker{r: r, index: -1}
	c.printable("order_no", d.OrderNo, maxOrderNo)
	c.tracking(d.TrackingNo)
	c.mode(d)
	c.at("/seller").seller(&d.Seller)
	c.at("/consignee").consignee(&d.Consignee)
	c.weight(d)
	if d.Dimensions != nil {
		c.at("/dimensions_mm").dimensions(d.Dimensions)
	}
	if len(d.Items) == 0 {
		c.wrong("items", "items.required", "at least one item is needed")
	}
	for i := range d.Items {
		checker{r, "/items", i}.item(&d.Items[i])
	}
	c.amounts(d)
}

// checker checks the members of one object of the document. It knows where that stands, and spells it out only for what is wrong:
// most declarations are right.
type checker struct {
	r     *reader
	base  string // pointer to the object, or to the array it is in
	index int    // its index in the array, or -1
}

func (c checker) at(base string) checker { return checker{c.r, base, -1} }

func (c checker) wrong(name, code, format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	at := c.base
	if c.index >= 0 {
		at += "/" + strconv.Itoa(c.index)
	}
	c.r.faultAt(at+"/"+name, code, format)
}

// needed checks a text that must be there.
func (c checker) needed(name, value string, most int) {
	if blank(value) {
		c.wrong(name, name+".required", "this is needed")
		return
	}
	c.optional(name, value, most)
}

// optional checks a text that may be absent.
func (c checker) optional(name, value string, most int) {
	if len(value) > most && utf8.RuneCountInString(value) > most {
		c.wrong(name, name+".length", "at most %d characters are taken", most)
	}
	if c.r.control && hasControl(value) {
		c.wrong(name, name+".characters", "control characters are not taken")
	}
}

// blank tells whether nothing can be seen of a text; most show that they can by their first byte.
func blank(s string) bool {
	return s == "" || (s[0] <= ' ' || s[0] >= utf8.RuneSelf) && strings.TrimSpace(s) == ""
}

// hasControl looks at bytes: of the control characters, U+0000 to U+001F and U+007F are one byte,
// U+0080 to U+009F are 0xC2 and the byte they are called by.
func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; b < 0x20 || b == 0x7f || (b == 0xc2 && i+1 < len(s) && s[i+1] < 0xa0) {
			return true
		}
	}
	return false
}

// printable checks a text that people read out and machines compare: what cannot be seen may not be in it, control characters or others.
func (c checker) printable(name, value string, most int) {
	c.needed(name, value, most)
	if strings.ContainsFunc(value, func(r rune) bool { return r >= utf8.RuneSelf && !unicode.IsPrint(r) }) {
		c.wrong(name, name+".characters", "only printable characters are taken")
	}
}

func (c checker) tracking(no string) {
	c.printable("tracking_no", no, maxTrackingNo)
	if refdata.S10Form(no) && !refdata.S10Valid(no) {
		c.wrong("tracking_no", "tracking_no.check_digit", "this has the form of a UPU S10 number, and its check digit does not hold")
	}
}

func (c checker) mode(d *Declaration) {
	switch d.Mode {
	case ModeRetail, ModeB2B, ModeWarehouse:
		c.optional("warehouse_code", d.WarehouseCode, maxCode)
		c.optional("account_book_no", d.AccountBookNo, maxCode)
	case ModeBonded:
		c.needed("warehouse_code", d.WarehouseCode, maxCode)
		c.needed("account_book_no", d.AccountBookNo, maxCode)
	case "":
		c.wrong("mode", "mode.required", "this is needed")
	default:
		c.wrong("mode", "mode.unknown", "the mode is 9610, 9710, 9810 or 1210")
	}
	if d.Service != Standard && d.Service != Express {
		c.wrong("service", "service.unknown", "the service is standard or express")
	}
}

func (c checker) seller(s *Seller) {
	c.needed("name", s.Name, maxName)
	if s.Country != "" {
		c.country("country", s.Country)
	}
	switch no := s.RegistrationNo; {
	case no == "":
		c.wrong("registration_no", "registration_no.required", "this is needed")
	case len(no) == 18 && refdata.CreditCodeValid(no), len(no) == 10 && refdata.CustomsRegistrationForm(no):
	case len(no) == 18:
		c.wrong("registration_no", "registration_no.check_character", "not a unified social credit code: its check character does not hold (GB 32100)")
	default:
		c.wrong("registration_no", "registration_no.format", "an 18-character unified social credit code or a 10-character customs registration is needed")
	}
}

func (c checker) consignee(to *Consignee) {
	c.needed("name", to.Name, maxName)
	if blank(to.Phone) && blank(to.Email) {
		c.wrong("phone", "phone.required", "a phone number or an e-mail address is needed")
	}
	c.optional("phone", to.Phone, maxPhone)
	c.optional("email", to.Email, maxEmail)
	if to.Email != "" && !strings.Contains(to.Email, "@") {
		c.wrong("email", "email.format", "this is no e-mail address")
	}
	c.optional("id_no", to.IDNo, maxCode)
	c.at("/consignee/address").address(&to.Address)
}

func (c checker) address(a *Address) {
	c.country("country", a.Country)
	c.optional("region", a.Region, maxShort)
	c.needed("city", a.City, maxShort)
	c.optional("postal_code", a.PostalCode, maxCode)
	if len(a.Lines) == 0 {
		c.wrong("lines", "lines.required", "at least one address line is needed")
	}
	for i, line := range a.Lines {
		c.at("/consignee/address/lines").line(i, line)
	}
}

// line checks one line of an address; its code is that of the lines.
func (c checker) line(i int, value string) {
	switch {
	case blank(value):
		c.wrong(strconv.Itoa(i), "lines.required", "a line of an address is not blank")
	case len(value) > maxLine && utf8.RuneCountInString(value) > maxLine:
		c.wrong(strconv.Itoa(i), "lines.length", "at most %d characters are taken", maxLine)
	case c.r.control && hasControl(value):
		c.wrong(strconv.Itoa(i), "lines.characters", "control characters are not taken")
	}
}

func (c checker) country(name, code string) {
	c.known(name, code, refdata.IsCountry, "this is no ISO 3166-1 alpha-2 country code")
}

// known checks a code of a reference table.
func (c checker) known(name, code string, is func(string) bool, detail string) {
	switch {
	case code == "":
		c.wrong(name, name+".required", "this is needed")
	case !is(code):
		c.wrong(name, name+".unknown", detail)
	}
}

func isCurrency(code string) bool {
	_, ok := refdata.CurrencyOf(code)
	return ok
}

func (c checker) weight(d *Declaration) {
	var net Grams
	for i := range d.Items {
		net += min(max(0, d.Items[i].NetWeight), maxNetWeight)
	}
	switch {
	case d.GrossWeight <= 0:
		c.wrong("gross_weight_g", "gross_weight_g.positive", "a whole number of grams above 0 is needed")
	case d.GrossWeight < net:
		c.wrong("gross_weight_g", "gross_weight_g.below_net", "the items weigh %d g net, more than the parcel", net)
	case d.Mode == ModeRetail && d.GrossWeight > maxRetailWeight:
		c.wrong("gross_weight_g", "gross_weight_g.limit", "a 9610 parcel weighs at most %d g", maxRetailWeight)
	case d.GrossWeight > maxWeight:
		c.wrong("gross_weight_g", "gross_weight_g.limit", "at most %d g are taken", maxWeight)
	}
}

func (c checker) dimensions(size *Dimensions) {
	c.edge("length", size.Length)
	c.edge("width", size.Width)
	c.edge("height", size.Height)
}

func (c checker) edge(name string, mm Millimetres) {
	if mm <= 0 || mm > maxEdge {
		c.wrong(name, name+".range", "1 to %d whole millimetres are taken", maxEdge)
	}
}

func (c checker) item(it *Item) {
	c.optional("sku", it.SKU, maxCode)
	c.needed("description", it.Description, maxDescription)
	c.hsCode(it.HSCode)
	c.country("origin", it.Origin)
	c.positive("quantity", it.Quantity)
	c.known("unit", it.Unit, refdata.IsUnit, "this is no unit code of UN/ECE Recommendation 20")
	c.positive("unit_price", it.UnitPrice)
	if it.NetWeight < 0 || it.NetWeight > maxNetWeight {
		c.wrong("net_weight_g", "net_weight_g.range", "grams are not negative and not more than a loading unit carries")
	}
	if b := it.Battery; b != nil && !slices.Contains(batteryNumbers, b.UNNumber) {
		c.wrong("battery/un_number", "un_number.unknown", "the UN number is one of %s", strings.Join(batteryNumbers, ", "))
	}
}

// batteryNumbers are lithium ion and metal batteries, alone or with or in equipment (UN Model Regulations).
var batteryNumbers = []string{"UN3480", "UN3481", "UN3090", "UN3091"}

func (c checker) positive(name string, d Decimal) {
	if d.IsZero() {
		c.wrong(name, name+".positive", "a number above 0 is needed")
	}
}

func (c checker) hsCode(code string) {
	switch n := len(code); {
	case n == 0:
		c.wrong("hs_code", "hs_code.required", "this is needed")
	case !onlyDigits(code):
		c.wrong("hs_code", "hs_code.format", "an HS code has digits only")
	case n != 4 && n != 6 && n != 8 && n != 10:
		c.wrong("hs_code", "hs_code.length", "an HS code has 4, 6, 8 or 10 digits")
	case !refdata.IsHSChapter(code[:2]):
		c.wrong("hs_code", "hs_code.chapter", "the Harmonized System has no such chapter")
	}
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// amounts checks the currency and that the goods' value is the sum of its items, exactly to the cent.
func (c checker) amounts(d *Declaration) {
	c.known("currency", d.Currency, isCurrency, "this is no code of a currency in use (ISO 4217, capital letters)")
	if d.GoodsValue.IsZero() {
		c.wrong("goods_value", "goods_value.positive", "a value above 0 is needed")
	}
	if c.amountsUnread() {
		return // the sum of numbers that could not be read says nothing
	}
	var sum wide
	for i := range d.Items {
		sum = sum.plusProduct(d.Items[i].Quantity, d.Items[i].UnitPrice)
	}
	want, okSum := sum.cents()
	have, okValue := d.GoodsValue.cents()
	switch {
	case !okSum:
		c.wrong("goods_value", "goods_value.sum", "the items' quantities times unit prices add up to more than can be declared")
	case !okValue || want != have:
		c.wrong("goods_value", "goods_value.sum", "the items' quantities times unit prices add up to %d.%02d, and so must this, to 2 decimals", want/100, want%100)
	}
}

// amountsUnread tells whether an amount the sum needs has already been reported.
func (c checker) amountsUnread() bool {
	return slices.ContainsFunc(c.r.wrong, func(f fault.Field) bool {
		return f.Pointer == "/goods_value" || f.Pointer == "/items" ||
			strings.HasSuffix(f.Pointer, "/quantity") || strings.HasSuffix(f.Pointer, "/unit_price")
	})
}
