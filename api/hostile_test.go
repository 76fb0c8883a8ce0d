package api_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
)

// hostile is an input that a stranger may send, and exactly what is answered.
type hostile struct {
	name    string
	role    account.Role // platform when empty
	method  string       // POST when empty
	path    string       // /v1/parcels when empty
	body    string
	headers []string
	status  int
	code    string   // of the problem
	wrong   []string // "pointer code" of each error, in order
}

// emptyOrder is what is wrong with an order that says nothing.
var emptyOrder = []string{
	"/order_no order_no.required", "/tracking_no tracking_no.required", "/mode mode.required", "/seller/name name.required",
	"/seller/registration_no registration_no.required", "/consignee/name name.required", "/consignee/phone phone.required",
	"/consignee/address/country country.required", "/consignee/address/city city.required", "/consignee/address/lines lines.required",
	"/gross_weight_g gross_weight_g.positive", "/items items.required", "/currency currency.required", "/goods_value goods_value.positive",
}

func TestHostileInputs(t *testing.T) {
	t.Parallel()
	s := newHouse(t)

	tables := [][]hostile{
		hostileGrammar(), hostileFields(), hostileTexts(), hostileNumbers(), hostileItems(), hostileBodies(t), hostileBatches(),
		hostileKeys(s), hostilePaths(), hostileQueries(), hostileRequests(),
	}
	count := 0
	names := map[string]bool{}
	for _, table := range tables {
		for _, h := range table {
			require.False(t, names[h.name], "two inputs are called %q", h.name)
			names[h.name], count = true, count+1
			t.Run(h.name, func(t *testing.T) { h.check(t, s) })
		}
	}
	require.GreaterOrEqual(t, count, 120)
	require.Empty(t, s.queue.taken(), "nothing of it may reach the queue")
	for _, secret := range []string{"Jane", "442079460", "Station Road", s.keys[account.Platform]} {
		require.NotContains(t, s.log.String(), secret, "personal data and keys stay out of the log")
	}
}

func (h hostile) check(t *testing.T, s *house) {
	role, method, path := h.role, h.method, h.path
	if role == "" {
		role = account.Platform
	}
	if method == "" {
		method = "POST"
	}
	if path == "" {
		path = "/v1/parcels"
	}
	got := s.call(t, role, method, path, h.body, h.headers...)
	require.Equal(t, h.status, got.status, string(got.body))
	p := got.problem(t)
	require.Equal(t, "/problems/"+h.code, p.Type)
	require.Equal(t, h.status, p.Status)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	require.NotContains(t, string(got.body), `"line"`, "only a rule set's formulas have lines and columns")
	require.Equal(t, got.header.Get("X-Request-Id"), p.Instance)
	require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	require.NotContains(t, string(got.body), `"line":0`, "a place is told of rules only")
	require.NotContains(t, string(got.body), `"column":0`)
	var wrong []string
	for _, e := range p.Errors {
		require.NotEmpty(t, e.Detail)
		wrong = append(wrong, e.Pointer+" "+e.Code)
	}
	require.Equal(t, h.wrong, wrong)
}

func hostileGrammar() []hostile {
	bad := func(name, body string) hostile {
		return hostile{name: "grammar: " + name, body: body, status: 400, code: "malformed_json"}
	}
	typed := func(name, body string) hostile {
		return hostile{name: "grammar: " + name, body: body, status: 422, code: "invalid_declaration", wrong: append([]string{" declaration.type"}, emptyOrder...)}
	}
	return []hostile{
		bad("blanks", "  \n\t "),
		bad("one brace", "{"),
		bad("half an order", order[:len(order)/2]),
		bad("without the last brace", order[:len(order)-1]),
		bad("two orders", order+order),
		bad("an order and a comma", order+","),
		bad("an order and a letter", order+" x"),
		bad("comma at the end", strings.Replace(order, `"lithium_g":null`, `"lithium_g":null,`, 1)),
		bad("single quotes", strings.ReplaceAll(order, `"`, `'`)),
		bad("a comment", "/* hello */"+order),
		bad("NaN", with(`"gross_weight_g":2667`, `"gross_weight_g":NaN`)),
		bad("hexadecimal", with(`"gross_weight_g":2667`, `"gross_weight_g":0xA6B`)),
		bad("leading zero", with(`"gross_weight_g":2667`, `"gross_weight_g":02667`)),
		bad("plus sign", with(`"gross_weight_g":2667`, `"gross_weight_g":+2667`)),
		bad("a bare word", "undefined"),
		bad("byte order mark", "\ufeff"+order),
		bad("UTF-16", "{\x00\"\x00a\x00\"\x00"),
		bad("invalid UTF-8 in a value", with("Jane Doe", "Jane \xff Doe")),
		bad("invalid UTF-8 in a name", with(`"service"`, "\"serv\xc3\x28ice\"")),
		bad("overlong UTF-8", with("Jane Doe", "Jane \xc0\xaf Doe")),
		bad("a lone surrogate", with("Jane Doe", `Jane \ud800 Doe`)),
		bad("a wrong escape", with("Jane Doe", `Jane \x41 Doe`)),
		bad("a short escape", with("Jane Doe", `Jane \u12`)),
		bad("a raw newline in a text", with("Jane Doe", "Jane\nDoe")),
		bad("a raw NUL in a text", with("Jane Doe", "Jane\x00Doe")),
		bad("nested a hundred thousand deep", strings.Repeat("[", 100_000)),
		bad("nested deep within a member", `{"items":`+strings.Repeat(`[`, 20_000)+strings.Repeat(`]`, 20_000)+`}`),
		bad("XML", `<?xml version="1.0"?><order/>`),
		bad("a form", "order_no=1&tracking_no=2"),
		typed("null", "null"),
		typed("true", "true"),
		typed("a number", "17"),
		typed("a text", `"order"`),
		typed("an array", "["+order+"]"),
	}
}

func hostileFields() []hostile {
	wrong := func(name, body string, fields ...string) hostile {
		return hostile{name: "field: " + name, body: body, status: 422, code: "invalid_declaration", wrong: fields}
	}
	return []hostile{
		wrong("an empty object", "{}", emptyOrder...),
		wrong("unknown", with(`"mode"`, `"colour":"red","mode"`), "/colour unknown_field"),
		wrong("unknown and nested", with(`"city"`, `"galaxy":{"a":[1]},"city"`), "/consignee/address/galaxy unknown_field"),
		wrong("unknown in an item", with(`"sku"`, `"price":1,"sku"`), "/items/0/price unknown_field"),
		wrong("unknown with a slash and a tilde", with(`"mode"`, `"a/b~c":1,"mode"`), "/a~1b~0c unknown_field"),
		wrong("unknown and empty", with(`"mode"`, `"":1,"mode"`), "/ unknown_field"),
		wrong("status from outside", with(`"mode"`, `"status":"cleared","lane":"green","mode"`), "/status unknown_field", "/lane unknown_field"),
		wrong("id from outside", with(`"mode"`, `"id":"pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa","mode"`), "/id unknown_field"),
		wrong("prototype", with(`"mode"`, `"__proto__":{"admin":true},"mode"`), "/__proto__ unknown_field"),
		wrong("other case", with(`"order_no"`, `"Order_No"`), "/Order_No unknown_field", "/order_no order_no.required"),
		wrong("doubled", with(`"currency":"GBP"`, `"currency":"GBP","currency":"USD"`), "/currency duplicate_field"),
		wrong("doubled by an escape", with(`"currency":"GBP"`, `"currency":"GBP","currenc\u0079":"USD"`), "/currency duplicate_field"),
		wrong("doubled and nested", with(`"city":"London"`, `"city":"London","city":"Paris"`), "/consignee/address/city duplicate_field"),
		wrong("a number for a text", with(`"536365-1"`, `536365`), "/order_no order_no.type"),
		wrong("an object for a text", with(`"GBP"`, `{}`), "/currency currency.type"),
		wrong("a text for an object", with(`{"name":"Yiwu Huaxin Trading Co., Ltd.","registration_no":"91650000MA0000001N","country":"CN"}`, `"Yiwu"`),
			"/seller seller.type", "/seller/name name.required", "/seller/registration_no registration_no.required"),
		wrong("a text for an array", with(`["148 Station Road"]`, `"148 Station Road"`), "/consignee/address/lines lines.type"),
		wrong("a text for a whole number", with(`"gross_weight_g":2667`, `"gross_weight_g":"2667"`), "/gross_weight_g gross_weight_g.type"),
		wrong("an array for a decimal", with(`"15.30"`, `["15.30"]`), "/goods_value goods_value.type"),
		wrong("items are null", with(`"items":[`+item()+`]`, `"items":null`), "/items items.required"),
		wrong("items are empty", with(item(), ``), "/items items.required"),
		wrong("an item is null", with(item(), `null`), "/items/0/description description.required",
			"/items/0/hs_code hs_code.required", "/items/0/origin origin.required", "/items/0/quantity quantity.positive",
			"/items/0/unit unit.required", "/items/0/unit_price unit_price.positive"),
		wrong("a hundred items", with(item(), strings.Repeat(item()+",", 99)+item(), `"gross_weight_g":2667`, `"gross_weight_g":29000`), "/items items.count",
			"/gross_weight_g gross_weight_g.below_net"),
	}
}

func hostileTexts() []hostile {
	wrong := func(name, body string, fields ...string) hostile {
		return hostile{name: "text: " + name, body: body, status: 422, code: "invalid_declaration", wrong: fields}
	}
	return []hostile{
		wrong("order number of blanks", with("536365-1", "   "), "/order_no order_no.required"),
		wrong("order number of 61", with("536365-1", strings.Repeat("x", 61)), "/order_no order_no.length"),
		wrong("order number of 61 Han", with("536365-1", strings.Repeat("货", 61)), "/order_no order_no.length"),
		wrong("order number with a NUL", with("536365-1", `5\u00001`), "/order_no order_no.characters"),
		wrong("order number with a newline", with("536365-1", `5\n1`), "/order_no order_no.characters"),
		wrong("order number with a zero-width space", with("536365-1", `5\u200b1`), "/order_no order_no.characters"),
		wrong("order number with a right-to-left override", with("536365-1", `5\u202e1`), "/order_no order_no.characters"),
		wrong("tracking number of 81", with("LX474724577CN", strings.Repeat("T", 81)), "/tracking_no tracking_no.length"),
		wrong("tracking number with a wrong check digit", with("LX474724577CN", "LX474724578CN"), "/tracking_no tracking_no.check_digit"),
		wrong("tracking number with a tab", with("LX474724577CN", `LX\t474`), "/tracking_no tracking_no.characters"),
		wrong("mode", with(`"9610"`, `"9611"`), "/mode mode.unknown"),
		wrong("bonded without its codes", with(`"9610"`, `"1210"`), "/warehouse_code warehouse_code.required", "/account_book_no account_book_no.required"),
		wrong("service", with(`"standard"`, `"overnight"`), "/service service.unknown"),
		wrong("service in capitals", with(`"standard"`, `"EXPRESS"`), "/service service.unknown"),
		wrong("credit code with a wrong check character", with("91650000MA0000001N", "91650000MA00000011"), "/seller/registration_no registration_no.check_character"),
		wrong("credit code with a forbidden letter", with("91650000MA0000001N", "91650000MAO000001N"), "/seller/registration_no registration_no.check_character"),
		wrong("registration of 9", with("91650000MA0000001N", "123456789"), "/seller/registration_no registration_no.format"),
		wrong("seller's country", with(`"country":"CN"`, `"country":"XK"`), "/seller/country country.unknown"),
		wrong("consignee's country in small letters", with(`"country":"GB"`, `"country":"gb"`), "/consignee/address/country country.unknown"),
		wrong("consignee's country of three letters", with(`"country":"GB"`, `"country":"GBR"`), "/consignee/address/country country.unknown"),
		wrong("neither phone nor e-mail", with(`"phone":"+442079460000"`, `"phone":null`), "/consignee/phone phone.required"),
		wrong("phone of blanks", with(`+442079460000`, ` `), "/consignee/phone phone.required"),
		wrong("phone of 41", with(`+442079460000`, strings.Repeat("1", 41)), "/consignee/phone phone.length"),
		wrong("e-mail without an at", with(`"email":null`, `"email":"jane"`), "/consignee/email email.format"),
		wrong("name of 201", with("Jane Doe", strings.Repeat("J", 201)), "/consignee/name name.length"),
		wrong("name with an escape sequence", with("Jane Doe", `Jane\u001b[2JDoe`), "/consignee/name name.characters"),
		wrong("city is null", with(`"city":"London"`, `"city":null`), "/consignee/address/city city.required"),
		wrong("no address line", with(`["148 Station Road"]`, `[]`), "/consignee/address/lines lines.required"),
		wrong("eleven address lines", with(`["148 Station Road"]`, `["1","2","3","4","5","6","7","8","9","10","11"]`), "/consignee/address/lines lines.count"),
		wrong("an empty address line", with(`["148 Station Road"]`, `["a",""]`), "/consignee/address/lines/1 lines.required"),
		wrong("ten kilobytes of address", with("148 Station Road", strings.Repeat("road ", 2000)), "/consignee/address/lines/0 lines.length"),
		wrong("currency of tests", with(`"GBP"`, `"XXX"`), "/currency currency.unknown"),
		wrong("currency of the past", with(`"GBP"`, `"DEM"`), "/currency currency.unknown"),
		wrong("currency in small letters", with(`"GBP"`, `"gbp"`), "/currency currency.unknown"),
	}
}

func hostileNumbers() []hostile {
	wrong := func(name, body string, fields ...string) hostile {
		return hostile{name: "number: " + name, body: body, status: 422, code: "invalid_declaration", wrong: fields}
	}
	value := func(name, literal, code string) hostile {
		return wrong("goods value "+name, with(`"goods_value":"15.30"`, `"goods_value":`+literal), "/goods_value goods_value."+code)
	}
	weight := func(name, literal, code string) hostile {
		return wrong("gross weight "+name, with(`"gross_weight_g":2667`, `"gross_weight_g":`+literal), "/gross_weight_g gross_weight_g."+code)
	}
	return []hostile{
		value("off by a cent", `"15.31"`, "sum"),
		value("off by a thousandth", `"15.301"`, "sum"),
		value("of nothing", `"0.00"`, "positive"),
		value("missing", `null`, "positive"),
		value("negative", `"-15.30"`, "format"),
		value("negative zero", `-0`, "format"),
		value("with an exponent", `1.53e1`, "format"),
		value("of a googol", `1e9999`, "format"),
		value("in words", `"fifteen"`, "format"),
		value("empty", `""`, "format"),
		value("with a comma", `"15,30"`, "format"),
		value("with thousands", `"1,015.30"`, "format"),
		value("with blanks", `" 15.30"`, "format"),
		value("with a Unicode minus", `"−15.30"`, "format"),
		value("in full-width digits", `"１５.３０"`, "format"),
		value("in Arabic digits", `"١٥.٣٠"`, "format"),
		value("with 15 whole digits", `"100000000000000"`, "format"),
		value("with 6 places", `"15.300000"`, "format"),
		value("with a leading zero", `"015.30"`, "format"),
		value("with only a fraction", `".5"`, "format"),
		value("with only a point", `"15."`, "format"),
		value("that is true", `true`, "type"),
		value("infinite", `"Infinity"`, "format"),
		weight("of nothing", `0`, "positive"),
		weight("negative", `-1`, "positive"),
		weight("with a fraction", `2667.5`, "format"),
		weight("with a fraction of nothing", `2667.0`, "format"),
		weight("with an exponent", `2e3`, "format"),
		weight("beyond 64 bits", `9223372036854775808`, "format"),
		weight("above 30 kg", `30001`, "limit"),
		weight("below the net weight", `2441`, "below_net"),
		wrong("gross weight of freight", with(`"9610"`, `"9710"`, `"gross_weight_g":2667`, `"gross_weight_g":30000001`), "/gross_weight_g gross_weight_g.limit"),
		wrong("freight negative", with(`"freight":"0.00"`, `"freight":"-1"`), "/freight freight.format"),
		wrong("insurance in words", with(`"insurance":"0.00"`, `"insurance":"none"`), "/insurance insurance.format"),
		wrong("length of nothing", with(`"length":339`, `"length":0`), "/dimensions_mm/length length.range"),
		wrong("width negative", with(`"width":271`, `"width":-271`), "/dimensions_mm/width width.range"),
		wrong("height of a tower", with(`"height":169`, `"height":13601`), "/dimensions_mm/height height.range"),
		wrong("dimensions without one", with(`,"height":169`, ``), "/dimensions_mm/height height.range"),
		wrong("dimensions are an array", with(`{"length":339,"width":271,"height":169}`, `[339,271,169]`), "/dimensions_mm dimensions_mm.type",
			"/dimensions_mm/length length.range", "/dimensions_mm/width width.range", "/dimensions_mm/height height.range"),
	}
}

func hostileItems() []hostile {
	wrong := func(name, body string, fields ...string) hostile {
		return hostile{name: "item: " + name, body: body, status: 422, code: "invalid_declaration", wrong: fields}
	}
	return []hostile{
		wrong("description missing", with(`"WHITE HANGING HEART T-LIGHT HOLDER"`, `null`), "/items/0/description description.required"),
		wrong("description of 251", with(`WHITE HANGING HEART T-LIGHT HOLDER`, strings.Repeat("w", 251)), "/items/0/description description.length"),
		wrong("HS code of 5", with(`"940542"`, `"94054"`), "/items/0/hs_code hs_code.length"),
		wrong("HS code with letters", with(`"940542"`, `"9405AB"`), "/items/0/hs_code hs_code.format"),
		wrong("HS code with dots", with(`"940542"`, `"9405.42"`), "/items/0/hs_code hs_code.format"),
		wrong("HS code as a number", with(`"940542"`, `940542`), "/items/0/hs_code hs_code.type"),
		wrong("HS chapter 77", with(`"940542"`, `"770100"`), "/items/0/hs_code hs_code.chapter"),
		wrong("HS chapter 98", with(`"940542"`, `"980100"`), "/items/0/hs_code hs_code.chapter"),
		wrong("HS chapter 00", with(`"940542"`, `"000100"`), "/items/0/hs_code hs_code.chapter"),
		wrong("origin", with(`"origin":"CN"`, `"origin":"ZZ"`), "/items/0/origin origin.unknown"),
		wrong("quantity of nothing", with(`"quantity":"6"`, `"quantity":"0"`), "/items/0/quantity quantity.positive"),
		wrong("quantity negative", with(`"quantity":"6"`, `"quantity":"-6"`), "/items/0/quantity quantity.format"),
		wrong("unit deleted from Rec. 20", with(`"H87"`, `"BX"`), "/items/0/unit unit.unknown"),
		wrong("price of nothing", with(`"unit_price":"2.55"`, `"unit_price":0`), "/items/0/unit_price unit_price.positive"),
		wrong("price with 6 places", with(`"unit_price":"2.55"`, `"unit_price":2.550001`), "/items/0/unit_price unit_price.format"),
		wrong("net weight negative", with(`"net_weight_g":2442`, `"net_weight_g":-1`), "/items/0/net_weight_g net_weight_g.range"),
		wrong("net weight to overflow the sum", with(`"net_weight_g":2442`, `"net_weight_g":9223372036854775807`),
			"/gross_weight_g gross_weight_g.below_net", "/items/0/net_weight_g net_weight_g.range"),
		wrong("battery of another kind", with(`"UN3481"`, `"UN1993"`), "/items/0/battery/un_number un_number.unknown"),
		wrong("battery without a number", with(`"un_number":"UN3481",`, ``), "/items/0/battery/un_number un_number.unknown"),
		wrong("battery as a text", with(`{"un_number":"UN3481","watt_hours":"12.5","lithium_g":null}`, `"yes"`),
			"/items/0/battery battery.type", "/items/0/battery/un_number un_number.unknown"),
		wrong("watt hours in words", with(`"12.5"`, `"many"`), "/items/0/battery/watt_hours watt_hours.format"),
		wrong("everything at once", with(`"9610"`, `"1"`, `"GBP"`, `"???"`, `"940542"`, `"1"`, `"origin":"CN"`, `"origin":"??"`),
			"/mode mode.unknown", "/items/0/hs_code hs_code.length", "/items/0/origin origin.unknown", "/currency currency.unknown"),
	}
}

func hostileBodies(t testing.TB) []hostile {
	large := with("148 Station Road", strings.Repeat("a", 140_000))
	return []hostile{
		{name: "body: none", status: 400, code: "malformed_json"},
		{name: "body: too large", body: large, status: 413, code: "body_too_large"},
		{name: "body: padded with blanks", body: order + strings.Repeat(" ", 140_000), status: 413, code: "body_too_large"},
		{name: "body: a bomb in gzip", body: packed(t, "gzip", strings.Repeat(" ", 64<<20)), headers: []string{"Content-Encoding: gzip"}, status: 413, code: "body_too_large"},
		{name: "body: a bomb in zstd", body: packed(t, "zstd", strings.Repeat(" ", 64<<20)), headers: []string{"Content-Encoding: zstd"}, status: 413, code: "body_too_large"},
		{name: "body: zstd that wants a window of 1 GB", body: "\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", headers: []string{"Content-Encoding: zstd"}, status: 413, code: "body_too_large"},
		{name: "body: gzip that is none", body: order, headers: []string{"Content-Encoding: gzip"}, status: 400, code: "malformed_encoding"},
		{name: "body: zstd that is none", body: order, headers: []string{"Content-Encoding: zstd"}, status: 400, code: "malformed_encoding"},
		{name: "body: torn gzip", body: packed(t, "gzip", order)[:200], headers: []string{"Content-Encoding: gzip"}, status: 400, code: "body_incomplete"},
		{name: "body: torn zstd", body: packed(t, "zstd", order)[:200], headers: []string{"Content-Encoding: zstd"}, status: 400, code: "body_incomplete"},
		{name: "body: gzip with a wrong checksum", body: flipped(packed(t, "gzip", order), -6), headers: []string{"Content-Encoding: gzip"}, status: 400, code: "malformed_encoding"},
		{name: "body: no gzip at all", headers: []string{"Content-Encoding: gzip"}, status: 400, code: "body_incomplete"},
		{name: "body: brotli", body: order, headers: []string{"Content-Encoding: br"}, status: 415, code: "unsupported_encoding"},
		{name: "body: gzip twice", body: order, headers: []string{"Content-Encoding: gzip, gzip"}, status: 415, code: "unsupported_encoding"},
		{name: "body: plain text", body: order, headers: []string{"Content-Type: text/plain"}, status: 415, code: "unsupported_media_type"},
		{name: "body: what curl calls a form", body: order, headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415, code: "unsupported_media_type"},
		{name: "body: lines to the single door", body: order, headers: []string{"Content-Type: application/x-ndjson"}, status: 415, code: "unsupported_media_type"},
		{name: "body: JSON in Latin-1", body: order, headers: []string{"Content-Type: application/json; charset=iso-8859-1"}, status: 415, code: "unsupported_media_type"},
		{name: "body: a broken media type", body: order, headers: []string{"Content-Type: application/json; ;;"}, status: 415, code: "unsupported_media_type"},
		{name: "body: XML to the batch", body: "<a/>", path: "/v1/parcels/batch", headers: []string{"Content-Type: text/xml"}, status: 415, code: "unsupported_media_type"},
	}
}

func packed(t testing.TB, encoding, text string) string {
	var out bytes.Buffer
	switch encoding {
	case "gzip":
		w := gzip.NewWriter(&out)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	case "zstd":
		w, err := zstd.NewWriter(&out)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return out.String()
}

// flipped is a text with one byte changed; a negative place counts from the end.
func flipped(s string, at int) string {
	b := []byte(s)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x55
	return string(b)
}

func hostileBatches() []hostile {
	wrong := func(name, body string, fields ...string) hostile {
		return hostile{name: "batch: " + name, path: "/v1/parcels/batch", body: body, status: 422, code: "invalid_batch", wrong: fields}
	}
	bad := func(name, body string) hostile {
		return hostile{name: "batch: " + name, path: "/v1/parcels/batch", body: body, status: 400, code: "malformed_json"}
	}
	return []hostile{
		wrong("an empty object", `{}`, "/parcels parcels.required"),
		wrong("no order", `{"parcels":[]}`, "/parcels parcels.count"),
		wrong("1,001 orders", `{"parcels":[`+strings.Repeat("{},", 1000)+`{}]}`, "/parcels parcels.count"),
		wrong("a million numbers", `{"parcels":[`+strings.Repeat("1,", 999_999)+`1]}`, "/parcels parcels.count"),
		wrong("an array of orders", `[`+order+`]`, " batch.type"),
		wrong("one order", order, "/order_no unknown_field", "/tracking_no unknown_field", "/mode unknown_field", "/service unknown_field",
			"/seller unknown_field", "/consignee unknown_field", "/currency unknown_field", "/goods_value unknown_field", "/freight unknown_field",
			"/insurance unknown_field", "/gross_weight_g unknown_field", "/dimensions_mm unknown_field", "/items unknown_field", "/parcels parcels.required"),
		wrong("null for orders", `{"parcels":null}`, "/parcels parcels.type"),
		wrong("an object for orders", `{"parcels":{"0":`+order+`}}`, "/parcels parcels.type"),
		wrong("orders twice", `{"parcels":[`+order+`],"parcels":[]}`, "/parcels duplicate_field"),
		wrong("an unknown member", `{"atomic":true,"parcels":[`+order+`]}`, "/atomic unknown_field"),
		wrong("a text", `"parcels"`, " batch.type"),
		bad("half of it", batchOf(order, order)[:900]),
		bad("an unclosed array", `{"parcels":[`+order),
		bad("a wrong element", `{"parcels":[`+order+`,{]}`),
		bad("two batches", batchOf(order)+batchOf(order)),
		bad("a comma too many", `{"parcels":[`+order+`,]}`),
		bad("nested deep and broken off", `{"parcels":[`+strings.Repeat("[", 50_000)),
		bad("nested deep and wrong behind it", `{"parcels":[`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+`,{]}`),
		wrong("nested deep beside the orders", `{"parcels":[`+order+`],"x":`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+`}`, "/x unknown_field"),
		bad("nothing", ` `),
	}
}

// nextLetter is a slip of the finger.
func nextLetter(r rune) rune {
	if r == 'z' || r == 'Z' || r == '9' {
		return r - 1
	}
	return r + 1
}

func hostileKeys(s *house) []hostile {
	key := s.keys[account.Platform]
	wrong := func(name, code string, headers ...string) hostile {
		return hostile{name: "key: " + name, body: order, headers: headers, status: 401, code: code}
	}
	return []hostile{
		wrong("none", "missing_key", "Authorization: -"),
		wrong("empty", "missing_key", "Authorization: "),
		wrong("without a scheme", "missing_key", "Authorization: "+key),
		wrong("basic", "missing_key", "Authorization: Basic "+key),
		wrong("of nothing", "missing_key", "Authorization: Bearer "),
		wrong("cut", "unknown_key", "Authorization: Bearer "+key[:20]),
		wrong("mistyped", "unknown_key", "Authorization: Bearer "+key[:12]+strings.Map(nextLetter, key[12:13])+key[13:]),
		wrong("of somebody else's making", "unknown_key", "Authorization: Bearer "+account.NewKey()),
		wrong("a token of another kind", "unknown_key", "Authorization: Bearer eyJhbGciOiJub25lIn0.e30."),
		wrong("SQL", "unknown_key", "Authorization: Bearer ' OR 1=1 --"),
		wrong("of a megabyte's worth", "unknown_key", "Authorization: Bearer "+strings.Repeat("a", 20_000)),
		{name: "key: a carrier's for declaring", role: account.Carrier, body: order, status: 403, code: "wrong_role"},
		{name: "key: an officer's for declaring", role: account.Officer, body: order, status: 403, code: "wrong_role"},
		{name: "key: an officer's for receipts", role: account.Officer, method: "GET", path: "/v1/receipts", status: 403, code: "wrong_role"},
		{name: "key: an admin's for receipts", role: account.Admin, method: "GET", path: "/v1/receipts", status: 403, code: "wrong_role"},
		{name: "key: a platform's for reviews", method: "GET", path: "/v1/reviews", status: 403, code: "wrong_role"},
		{name: "key: a platform's for the sorter", method: "GET", path: "/v1/sorter/LX474724577CN", status: 403, code: "wrong_role"},
		{name: "key: a platform's for consignments", method: "GET", path: "/v1/consignments", status: 403, code: "wrong_role"},
		{name: "key: a carrier's for parcels", role: account.Carrier, method: "GET", path: "/v1/parcels", status: 403, code: "wrong_role"},
		{name: "key: a carrier's for releasing", role: account.Carrier, path: "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa/release", status: 403, code: "wrong_role"},
		{name: "key: an officer's for scanning", role: account.Officer, path: "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa/events", status: 403, code: "wrong_role"},
	}
}

func hostilePaths() []hostile {
	lost := func(name, method, path string, role account.Role) hostile {
		return hostile{name: "path: " + name, method: method, path: path, role: role, status: 404, code: "not_found"}
	}
	method := func(name, method, path string) hostile {
		return hostile{name: "path: " + name, method: method, path: path, status: 405, code: "method_not_allowed"}
	}
	return []hostile{
		lost("root", "GET", "/", account.Platform),
		lost("an unknown version", "GET", "/v2/parcels", account.Platform),
		lost("a slash too many", "GET", "/v1/parcels/", account.Platform),
		lost("two slashes", "GET", "//v1/parcels", account.Platform),
		lost("capitals", "GET", "/V1/Parcels", account.Platform),
		lost("dots", "GET", "/v1/../../etc/passwd", account.Platform),
		lost("escaped dots", "GET", "/docs/%2e%2e/%2e%2e/etc/passwd", account.Platform),
		lost("a parcel of no form", "GET", "/v1/parcels/1", account.Platform),
		lost("a parcel that is SQL", "GET", "/v1/parcels/1%27%20OR%201=1", account.Platform),
		lost("a parcel with a NUL", "GET", "/v1/parcels/pcl_%00aaaaaaaaaaaaaaaaaaaaaaaaa", account.Platform),
		lost("a parcel in capitals", "GET", "/v1/parcels/PCL_AAAAAAAAAAAAAAAAAAAAAAAAAA", account.Platform),
		lost("a parcel not as printed", "GET", "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaab", account.Platform),
		lost("a parcel's name for a review", "GET", "/v1/reviews/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa", account.Officer),
		lost("a review's name for a claim", "POST", "/v1/reviews/rev_1/claim", account.Officer),
		lost("a consignment of no form", "GET", "/v1/consignments/con_1", account.Carrier),
		lost("a consignment of no form to release", "POST", "/v1/consignments/x/release", account.Officer),
		lost("a departure of no form", "GET", "/v1/departures/dep_1", account.Carrier),
		lost("a departure of no form to release", "POST", "/v1/departures/x/release", account.Officer),
		lost("an unknown problem", "GET", "/problems/no_such_code", account.Platform),
		lost("an unknown page of the description", "GET", "/docs/nothing.html", account.Platform),
		method("delete parcels", "DELETE", "/v1/parcels"),
		method("put a parcel", "PUT", "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
		method("patch a parcel", "PATCH", "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
		method("get the next review", "PUT", "/v1/reviews/next"),
		method("post receipts", "POST", "/v1/receipts"),
		method("post health", "POST", "/healthz"),
		method("trace", "TRACE", "/v1/parcels"),
		method("invented", "BREW", "/v1/parcels"),
	}
}

func hostileQueries() []hostile {
	wrong := func(name, path string, role account.Role, fields ...string) hostile {
		return hostile{name: "query: " + name, method: "GET", path: path, role: role, status: 400, code: "invalid_query", wrong: fields}
	}
	cursor := func(name, path string, role account.Role) hostile {
		return hostile{name: "query: " + name, method: "GET", path: path, role: role, status: 400, code: "invalid_cursor"}
	}
	const platform, officer, carrier = account.Platform, account.Officer, account.Carrier
	return []hostile{
		wrong("limit of nothing", "/v1/parcels?limit=0", platform, "/limit limit.range"),
		wrong("limit negative", "/v1/parcels?limit=-1", platform, "/limit limit.range"),
		wrong("limit of 501", "/v1/parcels?limit=501", platform, "/limit limit.range"),
		wrong("limit in words", "/v1/parcels?limit=all", platform, "/limit limit.range"),
		wrong("limit of a googol", "/v1/receipts?limit=1e9999", platform, "/limit limit.range"),
		wrong("limit beyond 64 bits", "/v1/receipts?limit=99999999999999999999", platform, "/limit limit.range"),
		wrong("limit with a sign", "/v1/receipts?limit=%2B5", platform, "/limit limit.range"),
		wrong("limit twice", "/v1/receipts?limit=1&limit=500", platform, "/limit duplicate_parameter"),
		wrong("wait of 31", "/v1/receipts?wait=31", platform, "/wait wait.range"),
		wrong("wait negative", "/v1/receipts?wait=-1", platform, "/wait wait.range"),
		wrong("wait with a fraction", "/v1/receipts?wait=0.5", platform, "/wait wait.range"),
		wrong("wait with a unit", "/v1/consignments?wait=5s", carrier, "/wait wait.range"),
		wrong("an unknown parameter", "/v1/parcels?offset=10", platform, "/offset unknown_parameter"),
		wrong("a filter mistyped", "/v1/reviews?catgory=sanctions", officer, "/catgory unknown_parameter"),
		wrong("somebody else's account", "/v1/receipts?account=2", platform, "/account unknown_parameter"),
		wrong("a broken escape", "/v1/parcels?order_no=%zz", platform, "/query query.format"),
		wrong("a NUL", "/v1/parcels?order_no=a%00b", platform, "/order_no order_no.characters"),
		wrong("no UTF-8", "/v1/parcels?tracking_no=%ff%fe", platform, "/tracking_no tracking_no.characters"),
		wrong("a status of no parcel", "/v1/parcels?status=lost", platform, "/status status.unknown"),
		wrong("unrouted perhaps", "/v1/parcels?unrouted=maybe", platform, "/unrouted unrouted.unknown"),
		wrong("a status of no review", "/v1/reviews?status=held", officer, "/status status.unknown"),
		wrong("a lane of no colour", "/v1/reviews?lane=pink", officer, "/lane lane.unknown"),
		wrong("a category", "/v1/reviews?category=other", officer, "/category category.unknown"),
		wrong("an assignee", "/v1/reviews?assignee=0", officer, "/assignee assignee.unknown"),
		wrong("a status of no consignment", "/v1/consignments?status=lost", carrier, "/status status.unknown"),
		wrong("a departure of no form", "/v1/consignments?departure_id=7", carrier, "/departure_id departure_id.format"),
		wrong("two at once", "/v1/reviews?lane=pink&limit=x", officer, "/lane lane.unknown", "/limit limit.range"),
		cursor("a cursor nobody issued", "/v1/receipts?cursor=abc", platform),
		cursor("a cursor of blanks", "/v1/receipts?cursor=%20", platform),
		cursor("a cursor that is a number", "/v1/consignments?cursor=100", carrier),
		cursor("a cursor that is a position", "/v1/receipts?cursor=000000000000001-000000000001-000000", platform),
		cursor("a cursor of ten kilobytes", "/v1/parcels?cursor="+strings.Repeat("A", 10_000), platform),
		cursor("a cursor with padding", "/v1/parcels?cursor=YWJjZGVmZ2hpamtsbW5vcA==", platform),
		cursor("a cursor in a list of reviews", "/v1/reviews?cursor=____________", officer),
		cursor("a cursor in the timetable", "/v1/departures?cursor=AAAAAAAAAAAAAAAA", carrier),
	}
}

func hostileRequests() []hostile {
	const decision, claim = "/v1/reviews/rev_aaaaaaaaaaaaaaaaaaaaaaaaaa/decision", "/v1/reviews/rev_aaaaaaaaaaaaaaaaaaaaaaaaaa/claim"
	const cancel, inform = "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa/cancellation", "/v1/parcels/pcl_aaaaaaaaaaaaaaaaaaaaaaaaaa/information"
	const holds, scans = "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa/holds", "/v1/consignments/con_aaaaaaaaaaaaaaaaaaaaaaaaaa/events"
	wrong := func(name, path, body string, role account.Role, fields ...string) hostile {
		return hostile{name: "request: " + name, path: path, body: body, role: role, status: 422, code: "invalid_request", wrong: fields}
	}
	bad := func(name, path, body string, role account.Role) hostile {
		return hostile{name: "request: " + name, path: path, body: body, role: role, status: 400, code: "malformed_json"}
	}
	const platform, officer, carrier = account.Platform, account.Officer, account.Carrier
	return []hostile{
		bad("a decision of nothing", decision, "", officer),
		bad("half a decision", decision, `{"action":"release"`, officer),
		bad("two decisions", decision, `{"action":"release","reason":"a"}{}`, officer),
		bad("a decision that is no UTF-8", decision, "{\"action\":\"release\",\"reason\":\"\xff\"}", officer),
		bad("a claim with half a body", claim, `{`, officer),
		wrong("an empty decision", decision, `{}`, officer, "/action action.unknown", "/reason reason.required"),
		wrong("a decision in an array", decision, `[]`, officer, " request.type"),
		wrong("a decision that is null", decision, `null`, officer, " request.type"),
		wrong("a decision nobody knows", decision, `{"action":"burn","reason":"a"}`, officer, "/action action.unknown"),
		wrong("a decision in another's name", decision, `{"action":"release","reason":"a","officer":7}`, officer, "/officer unknown_field"),
		wrong("a decision twice", decision, `{"action":"detain","action":"release","reason":"a"}`, officer, "/action duplicate_field"),
		wrong("a decision in another case", decision, `{"Action":"release","reason":"a"}`, officer, "/Action unknown_field"),
		wrong("a number for an action", decision, `{"action":1,"reason":"a"}`, officer, "/action action.type"),
		wrong("a reason of blanks", decision, `{"action":"release","reason":"  "}`, officer, "/reason reason.required"),
		wrong("a reason of a book", decision, `{"action":"release","reason":"`+strings.Repeat("a", 501)+`"}`, officer, "/reason reason.length"),
		wrong("a reason with a NUL", decision, `{"action":"release","reason":"a\u0000b"}`, officer, "/reason reason.characters"),
		wrong("a note with an escape sequence", decision, `{"action":"release","reason":"a","note":"\u001b[2J"}`, officer, "/note note.characters"),
		wrong("a claim with a wish", claim, `{"until":"2100-01-01T00:00:00Z"}`, officer, "/until unknown_field"),
		wrong("a cancellation without a reason", cancel, `{}`, platform, "/reason reason.required"),
		wrong("a cancellation with a NUL", cancel, `{"reason":"a\u0000b"}`, platform, "/reason reason.characters"),
		wrong("information of nothing", inform, `{"text":""}`, platform, "/text text.required"),
		wrong("information with 21 documents", inform, `{"text":"a","documents":[`+strings.Repeat(`"d",`, 20)+`"d"]}`, platform, "/documents documents.count"),
		wrong("information with an empty document", inform, `{"text":"a","documents":["d",""]}`, platform, "/documents/1 documents.required"),
		wrong("information with documents in an object", inform, `{"text":"a","documents":{}}`, platform, "/documents documents.type"),
		wrong("a hold without a reason", holds, `{"reason":null}`, officer, "/reason reason.required"),
		wrong("a hold by another", holds, `{"reason":"a","by":"customs"}`, carrier, "/by unknown_field"),
		wrong("a scan of nothing", scans, `{}`, carrier, "/occurred_at occurred_at.required", "/id id.required"),
		wrong("a scan yesterday", scans, `{"id":"1","type":"loaded","occurred_at":"yesterday"}`, carrier, "/occurred_at occurred_at.format"),
		wrong("a scan in the year 0", scans, `{"id":"1","type":"loaded","occurred_at":"0000-01-01T00:00:00Z"}`, carrier, "/occurred_at occurred_at.format"),
		wrong("a scan without a zone", scans, `{"id":"1","type":"loaded","occurred_at":"2026-11-22T08:00:00"}`, carrier, "/occurred_at occurred_at.format"),
		wrong("a scan on leg -1", scans, `{"id":"1","type":"loaded","occurred_at":"2026-11-22T08:00:00Z","leg":-1}`, carrier, "/leg leg.range"),
		wrong("a scan on half a leg", scans, `{"id":"1","type":"loaded","occurred_at":"2026-11-22T08:00:00Z","leg":0.5}`, carrier, "/leg leg.type"),
		{name: "request: a decision of 64 KiB and more", path: decision, role: officer, body: `{"note":"` + strings.Repeat("a", 70_000) + `"}`, status: 413, code: "body_too_large"},
		{name: "request: a decision in XML", path: decision, role: officer, body: `<a/>`, headers: []string{"Content-Type: text/xml"}, status: 415, code: "unsupported_media_type"},
	}
}
