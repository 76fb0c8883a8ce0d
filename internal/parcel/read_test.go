package parcel

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
)

// example is the declaration of docs/declaration.md.
const example = `{"order_no":"536365-1","tracking_no":"LX474724577CN","mode":"9610","service":"standard",
 "seller":{"name":"Yiwu Huaxin Trading Co., Ltd.","registration_no":"91650000MA0000001N","country":"CN"},
 "consignee":{"name":"Anna Example","phone":"+442071234567","email":null,"id_no":null,
   "address":{"country":"GB","region":null,"city":"London","postal_code":"SW1A 1AA","lines":["148 Station Road"]}},
 "currency":"GBP","goods_value":"15.30","freight":"0.00","insurance":"0.00",
 "gross_weight_g":2667,"dimensions_mm":{"length":339,"width":271,"height":169},
 "items":[{"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","hs_code":"940542","origin":"CN",
   "quantity":"6","unit":"H87","unit_price":"2.55","net_weight_g":2442,
   "battery":{"un_number":"UN3481","watt_hours":"12.5","lithium_g":null}}]}`

// with gives the example with one piece of its text replaced.
func with(t testing.TB, old, text string) string {
	t.Helper()
	require.Contains(t, example, old)
	return strings.Replace(example, old, text, 1)
}

func wrongFields(t testing.TB, err error) []string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.Invalid, f.Kind, f.Detail)
	fields := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		require.NotEmpty(t, field.Detail)
		fields[i] = field.Pointer + " " + field.Code
	}
	return fields
}

func TestReadKeepsWhatWasDeclared(t *testing.T) {
	d, err := Read([]byte(example))
	require.NoError(t, err)
	require.Equal(t, "536365-1", d.OrderNo)
	require.Equal(t, ModeRetail, d.Mode)
	require.Equal(t, "15.30", d.GoodsValue.String())
	require.Equal(t, Grams(2667), d.GrossWeight)
	require.Equal(t, &Dimensions{339, 271, 169}, d.Dimensions)
	require.Equal(t, []string{"148 Station Road"}, d.Consignee.Address.Lines)
	require.Equal(t, "12.5", d.Items[0].Battery.WattHours.String())
	require.Nil(t, d.Items[0].Battery.LithiumG)
	require.Equal(t, int64(15526), d.VolumeCM3())
}

func TestReadTakesDecimalsAsNumbersDigitByDigit(t *testing.T) {
	d, err := Read([]byte(with(t, `"goods_value":"15.30"`, `"goods_value":15.30`)))
	require.NoError(t, err)
	require.Equal(t, "15.30", d.GoodsValue.String(), "a float would have lost the zero")
}

func TestReadTellsEveryWrongFieldAtOnce(t *testing.T) {
	bad := strings.NewReplacer(`"536365-1"`, `""`, `"9610"`, `"1234"`, `"GBP"`, `"XXX"`, `"940542"`, `"77"`,
		`"LX474724577CN"`, `"LX474724578CN"`, `"service"`, `"speed":"fast","service"`, `"country":"GB"`, `"country":"UK"`).Replace(example)
	_, err := Read([]byte(bad))
	require.ElementsMatch(t, []string{
		"/speed unknown_field", "/order_no order_no.required", "/tracking_no tracking_no.check_digit", "/mode mode.unknown",
		"/consignee/address/country country.unknown", "/items/0/hs_code hs_code.length", "/currency currency.unknown",
	}, wrongFields(t, err))
}

func TestReadRules(t *testing.T) {
	long := strings.Repeat("长", 251)
	for _, tt := range []struct{ name, old, text, want string }{
		{"order number too long", `"536365-1"`, `"` + strings.Repeat("9", 61) + `"`, "/order_no order_no.length"},
		{"order number with a line break", `"536365-1"`, `"a\nb"`, "/order_no order_no.characters"},
		{"order number with an invisible character", `"536365-1"`, `"a\u200bb"`, "/order_no order_no.characters"},
		{"order number is a number", `"536365-1"`, `536365`, "/order_no order_no.type"},
		{"no tracking number", `"tracking_no":"LX474724577CN",`, ``, "/tracking_no tracking_no.required"},
		{"bonded without book", `"9610"`, `"1210","warehouse_code":"W1"`, "/account_book_no account_book_no.required"},
		{"service", `"standard"`, `"fast"`, "/service service.unknown"},
		{"seller is a string", `{"name":"Yiwu Huaxin Trading Co., Ltd.","registration_no":"91650000MA0000001N","country":"CN"}`, `"Yiwu"`, "/seller seller.type"},
		{"credit code's check character", `0000001N`, `0000001M`, "/seller/registration_no registration_no.check_character"},
		{"registration of another length", `"91650000MA0000001N"`, `"123"`, "/seller/registration_no registration_no.format"},
		{"neither phone nor e-mail", `"phone":"+442071234567"`, `"phone":" "`, "/consignee/phone phone.required"},
		{"e-mail", `"email":null`, `"email":"nobody"`, "/consignee/email email.format"},
		{"no address lines", `["148 Station Road"]`, `[]`, "/consignee/address/lines lines.required"},
		{"blank address line", `["148 Station Road"]`, `["148", " "]`, "/consignee/address/lines/1 lines.required"},
		{"withdrawn currency", `"GBP"`, `"HRK"`, "/currency currency.unknown"},
		{"value is not the sum", `"15.30"`, `"15.31"`, "/goods_value goods_value.sum"},
		{"value with a fraction of a cent", `"15.30"`, `"15.301"`, "/goods_value goods_value.sum"},
		{"value in exponents", `"15.30"`, `1530e-2`, "/goods_value goods_value.format"},
		{"negative price", `"2.55"`, `"-2.55"`, "/items/0/unit_price unit_price.format"},
		{"price zero", `"2.55"`, `0`, "/items/0/unit_price unit_price.positive"},
		{"price null", `"2.55"`, `null`, "/items/0/unit_price unit_price.positive"},
		{"fifteen digits", `"2.55"`, `"123456789012345"`, "/items/0/unit_price unit_price.format"},
		{"six places", `"quantity":"6"`, `"quantity":"6.000001"`, "/items/0/quantity quantity.format"},
		{"weight missing", `"gross_weight_g":2667`, `"gross_weight_g":null`, "/gross_weight_g gross_weight_g.positive"},
		{"weight below net", `"gross_weight_g":2667`, `"gross_weight_g":2441`, "/gross_weight_g gross_weight_g.below_net"},
		{"30 kg and a gram", `"gross_weight_g":2667`, `"gross_weight_g":30001`, "/gross_weight_g gross_weight_g.limit"},
		{"weight with a fraction", `"gross_weight_g":2667`, `"gross_weight_g":2667.5`, "/gross_weight_g gross_weight_g.format"},
		{"weight as text", `"gross_weight_g":2667`, `"gross_weight_g":"2667"`, "/gross_weight_g gross_weight_g.type"},
		{"weight past 64 bits", `"gross_weight_g":2667`, `"gross_weight_g":99999999999999999999`, "/gross_weight_g gross_weight_g.format"},
		{"flat parcel", `"height":169`, `"height":0`, "/dimensions_mm/height height.range"},
		{"description too long", `"WHITE HANGING HEART T-LIGHT HOLDER"`, `"` + long + `"`, "/items/0/description description.length"},
		{"description with NUL", `"WHITE HANGING HEART T-LIGHT HOLDER"`, `"a\u0000b"`, "/items/0/description description.characters"},
		{"HS of five digits", `"940542"`, `"94054"`, "/items/0/hs_code hs_code.length"},
		{"HS with a dot", `"940542"`, `"9405.42"`, "/items/0/hs_code hs_code.format"},
		{"HS chapter 77", `"940542"`, `"7701"`, "/items/0/hs_code hs_code.chapter"},
		{"unit", `"H87"`, `"PIECE"`, "/items/0/unit unit.unknown"},
		{"UN number", `"UN3481"`, `"UN1993"`, "/items/0/battery/un_number un_number.unknown"},
		{"doubled member", `"currency":"GBP"`, `"currency":"GBP","currency":"EUR"`, "/currency duplicate_field"},
		{"member with other case", `"currency"`, `"Currency"`, "/Currency unknown_field"},
		{"pointer is escaped", `"currency"`, `"a/b~c":1,"currency"`, "/a~1b~0c unknown_field"},
		{"deep unknown member", `"sku":"85123A"`, `"sku":{"a":[{}]}`, "/items/0/sku sku.type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read([]byte(with(t, tt.old, tt.text)))
			require.Contains(t, wrongFields(t, err), tt.want)
		})
	}
}

// Who is told that a sum is wrong is told the right one, where it is an amount that could be declared.
func TestReadTellsTheSum(t *testing.T) {
	said := func(old, changed string) string {
		_, err := Read([]byte(strings.Replace(example, old, changed, 1)))
		wrong, ok := errors.AsType[*fault.Error](err)
		require.True(t, ok, "%v", err)
		require.Len(t, wrong.Fields, 1)
		return wrong.Fields[0].Detail
	}
	require.Equal(t, "the items' quantities times unit prices add up to 15.30, and so must this, to 2 decimals", said(`"15.30"`, `"15.31"`))
	require.Equal(t, "the items' quantities times unit prices add up to 15.30, and so must this, to 2 decimals", said(`"15.30"`, `"15.301"`))
	require.Equal(t, "the items' quantities times unit prices add up to more than can be declared",
		said(`"quantity":"6","unit":"H87","unit_price":"2.55"`, `"quantity":"99999999999999","unit":"H87","unit_price":"99999999999999"`))
}

func TestReadTakesTheEdges(t *testing.T) {
	for _, tt := range []struct{ name, old, text string }{
		{"exactly 30 kg", `"gross_weight_g":2667`, `"gross_weight_g":30000`},
		{"exactly the net weight", `"gross_weight_g":2667`, `"gross_weight_g":2442`},
		{"freight of 9710 over 30 kg", `"mode":"9610","service":"standard",`, `"mode":"9710",`},
		{"no dimensions", `"dimensions_mm":{"length":339,"width":271,"height":169}`, `"dimensions_mm":null`},
		{"no battery", `{"un_number":"UN3481","watt_hours":"12.5","lithium_g":null}`, `null`},
		{"250 characters", `"WHITE HANGING HEART T-LIGHT HOLDER"`, `"` + strings.Repeat("长", 250) + `"`},
		{"right-to-left name", `"Anna Example"`, `"آرتین اسرا محمدی"`},
		{"tracking number of another form", `"LX474724577CN"`, `"1Z999AA10123456784"`},
		{"customs registration", `"91650000MA0000001N"`, `"6509960001"`},
		{"escaped text", `"London"`, `"Lon\u0064on"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read([]byte(with(t, tt.old, tt.text)))
			require.NoError(t, err)
		})
	}
}

func TestReadRefusesWhatIsNoDocument(t *testing.T) {
	deep := `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}"
	for _, raw := range []string{
		"", " ", "{", "nul", example[:200], example + "{}", example + "x", "{\"a\":1,}", "{\"a\" 1}", "'a'", "\xff",
		strings.Replace(example, "London", "Lon\xffdon", 1), strings.Replace(example, "London", `\ud800`, 1), deep, "{\"a\":01}", "\ufeff" + example,
	} {
		_, err := Read([]byte(raw))
		require.Equal(t, fault.Malformed, fault.KindOf(err), "%.60q", raw)
	}
	for _, raw := range []string{"null", "[]", "3", `"order"`} {
		_, err := Read([]byte(raw))
		require.Equal(t, []string{" declaration.type"}, wrongFields(t, err)[:1], raw)
	}
	_, err := Read([]byte(example + strings.Repeat(" ", MaxDocument)))
	require.Equal(t, fault.TooLarge, fault.KindOf(err))
}

// A document is as deep as encoding/json/v2 takes it, and no deeper.
func TestReadLimitsDepth(t *testing.T) {
	nested := func(depth int) string { // depth counts the document itself
		return `{"items":[{"sku":` + strings.Repeat("[", depth-3) + strings.Repeat("]", depth-3) + "}]}"
	}
	agree(t, nested(maxDepth))
	agree(t, nested(maxDepth+1))
	_, err := Read([]byte(nested(maxDepth)))
	require.Contains(t, wrongFields(t, err), "/items/0/sku sku.type")
	_, err = Read([]byte(nested(maxDepth + 1)))
	require.Equal(t, fault.Malformed, fault.KindOf(err))
}

// Nothing of one document is seen in the next, and what was read does not change when the bytes it was read from do.
func TestReadKeepsDocumentsApart(t *testing.T) {
	raw := []byte(example)
	first, err := Read(raw)
	require.NoError(t, err)
	clear(raw)
	_, err = Read([]byte(`{"order_no":3,"items":[{},{"sku":"other"}]}`))
	require.Error(t, err)
	again, err := Read([]byte(example))
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// A malformed document is refused with what was missed, and where.
func TestReadTellsWhatIsNoDocument(t *testing.T) {
	for raw, says := range map[string]string{
		``: "it ends too early", `{"a":tru`: "it ends too early", `{"a":"b`: "it ends too early", `{"a":"\`: "it ends too early", `{"a":"\u00`: "it ends too early",
		`{"a":-`: "it ends too early", `{"a":1`: "it ends too early",
		`{} {}`: "something stands behind the document",
		`{,}`:   "expected a member's name at byte 1", `{"a" 1}`: "expected a colon at byte 5", `{"a":1 "b"`: `expected a comma or "}" at byte 7`,
		`{"a":[1}`: `expected a comma or "]" at byte 7`, `{"a":+1}`: "expected a value at byte 5", `{"a":nul}`: "expected a value at byte 5",
		`{"a":01}`: `expected a comma or "}" at byte 6`, `{"a":1.}`: "expected a digit at byte 7", `{"a":1e+}`: "expected a digit at byte 8",
		"{\"a\":\"\n\"}": "expected no control character at byte 6", "{\"a\":\"\xff\"}": "expected valid UTF-8 at byte 6",
		`{"a":"\x"}`: "expected an escape sequence at byte 7", `{"a":"\u00+1"}`: "expected four hexadecimal digits at byte 8",
		`{"a":"\ud800x"}`: "expected the other half of a surrogate pair at byte 12",
	} {
		_, err := Read([]byte(raw))
		require.Equal(t, fault.Malformed, fault.KindOf(err), raw)
		_, detail := fault.Describe(err)
		require.Equal(t, "not a JSON document: "+says, detail, raw)
	}
}

func TestReadLimitsItems(t *testing.T) {
	item := example[strings.Index(example, `{"sku"`):strings.LastIndex(example, "]}")]
	many := strings.Replace(example, item, strings.TrimSuffix(strings.Repeat(item+",", 100), ","), 1)
	_, err := Read([]byte(many))
	require.Contains(t, wrongFields(t, err), "/items items.count")
}

// A declaration printed as JSON is read back as it was, whatever numbers it holds.
func TestReadReturnsWhatWasPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quantity, cents := rapid.Uint32Range(1, 1e6).Draw(t, "quantity"), rapid.Uint32Range(1, 1e8).Draw(t, "cents")
		total := uint64(quantity) * uint64(cents)
		doc := strings.NewReplacer(`"quantity":"6"`, fmt.Sprintf(`"quantity":"%d"`, quantity),
			`"2.55"`, fmt.Sprintf(`"%d.%02d"`, cents/100, cents%100), `"15.30"`, fmt.Sprintf(`"%d.%02d"`, total/100, total%100)).Replace(example)
		first, err := Read([]byte(doc))
		require.NoError(t, err)
		printed, err := json.Marshal(first)
		require.NoError(t, err)
		again, err := Read(printed)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, first.Fingerprint(), again.Fingerprint())
		require.Empty(t, Differences(&first, &again))
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"items":[{}],"seller":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Read(raw)
		if err != nil {
			kind := fault.KindOf(err)
			require.Contains(t, []fault.Kind{fault.Malformed, fault.Invalid, fault.TooLarge}, kind)
			return
		}
		require.True(t, json.Valid(raw))
		printed, err := json.Marshal(d)
		require.NoError(t, err)
		again, err := Read(printed)
		require.NoError(t, err)
		require.Equal(t, d.Fingerprint(), again.Fingerprint())
	})
}

func BenchmarkRead(b *testing.B) {
	raw := []byte(example)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// The same document through general decoders, which check no rule and tell only the first unknown member (docs/adr/0017).
func BenchmarkGeneralDecoders(b *testing.B) {
	for name, decode := range map[string]func([]byte, any) error{
		"encoding-json": json.Unmarshal,
		"json-v2":       func(raw []byte, v any) error { return jsonv2.Unmarshal(raw, v, jsonv2.RejectUnknownMembers(true)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(example)))
			b.ReportAllocs()
			for b.Loop() {
				var d Declaration
				if err := decode([]byte(example), &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFingerprint(b *testing.B) {
	d, err := Read([]byte(example))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		d.Fingerprint()
	}
}
