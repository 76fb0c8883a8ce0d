package parcel

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
)

func TestIDIsDerivedAndPrintedBack(t *testing.T) {
	id := DeriveID(7, "A-1")
	require.Equal(t, id, DeriveID(7, "A-1"), "a retry names the same parcel")
	require.NotEqual(t, id, DeriveID(8, "A-1"), "another platform's order is another parcel")
	require.NotEqual(t, DeriveID(1, "1\x002"), DeriveID(11, "2"))
	back, err := ParseID(id.String())
	require.NoError(t, err)
	require.Equal(t, id, back)
	require.Len(t, id.String(), 30)
	for _, bad := range []string{"", "pcl_", id.String()[1:], strings.ToUpper(id.String()), id.String() + "a", "con_" + id.Base(), "pcl_" + strings.Repeat("7", 26)} {
		_, err := ParseID(bad)
		require.Error(t, err, bad)
	}
}

func TestDecimal(t *testing.T) {
	for _, s := range []string{"0", "0.00", "12.50", "99999999999999.99999", "0.00001", "7"} {
		d, err := ParseDecimal(s)
		require.NoError(t, err, s)
		require.Equal(t, s, d.String())
	}
	for _, s := range []string{"", ".", "5.", ".5", "+5", "-5", "−5", "1e3", "1,5", " 1", "007", "00.5", "1.123456", "123456789012345", "NaN", "1.2.3", "５"} {
		_, err := ParseDecimal(s)
		require.ErrorIs(t, err, ErrDecimal, s)
	}
	require.Equal(t, MustDecimal("1.5"), MustDecimal("1.500").Trimmed())
	micros, ok := MustDecimal("12.50").Micros()
	require.True(t, ok)
	require.Equal(t, int64(12_500_000), micros)
	_, ok = MustDecimal("99999999999999").Micros()
	require.False(t, ok)
}

// The sum of products agrees with arithmetic without bounds.
func TestSumIsExact(t *testing.T) {
	number := rapid.StringMatching(`(0|[1-9][0-9]{0,13})(\.[0-9]{1,5})?`)
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SliceOfN(rapid.SliceOfN(number, 2, 2), 1, 5).Draw(t, "pairs")
		exact := new(big.Rat)
		var sum wide
		for _, pair := range pairs {
			a, _ := new(big.Rat).SetString(pair[0])
			b, _ := new(big.Rat).SetString(pair[1])
			exact.Add(exact, a.Mul(a, b))
			sum = sum.plusProduct(MustDecimal(pair[0]), MustDecimal(pair[1]))
		}
		cents, ok := sum.cents()
		exact.Mul(exact, big.NewRat(100, 1)).Add(exact, big.NewRat(1, 2)) // round half up
		want := new(big.Int).Quo(exact.Num(), exact.Denom())
		if ok {
			require.Equal(t, want.String(), new(big.Int).SetUint64(cents).String())
		} else {
			require.Positive(t, want.Cmp(big.NewInt(1e16)), "only sums past every declarable value are given up")
		}
	})
}

// Every field of a declaration changes its fingerprint, and is named among the differences.
func TestEveryFieldCounts(t *testing.T) {
	withLithium := strings.Replace(example, `"lithium_g":null`, `"lithium_g":"1"`, 1)
	first, err := Read([]byte(withLithium))
	require.NoError(t, err)
	fields := 0
	walk(reflect.ValueOf(&first).Elem(), func(path string, v reflect.Value) {
		fields++
		kept := reflect.New(v.Type()).Elem()
		kept.Set(v)
		before := first.Fingerprint()
		alter(v)
		require.NotEqual(t, before, first.Fingerprint(), path)
		original, err := Read([]byte(withLithium))
		require.NoError(t, err)
		require.Len(t, Differences(&original, &first), 1, path)
		v.Set(kept)
	})
	require.Equal(t, 37, fields, "a new field of the declaration needs a line in fingerprint.go and differences.go")
}

// Fingerprints are stored: what one is made of never changes.
func TestFingerprintStays(t *testing.T) {
	d, err := Read([]byte(example))
	require.NoError(t, err)
	require.Equal(t, "5d6942d56c7120b02341b3bc342c41ab", fmt.Sprintf("%x", d.Fingerprint()))
}

// walk calls visit for every leaf of a declaration.
func walk(v reflect.Value, visit func(string, reflect.Value), path ...string) {
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem() != reflect.TypeFor[Decimal]():
		walk(v.Elem(), visit, path...)
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[Decimal]():
		for i := range v.NumField() {
			walk(v.Field(i), visit, append(path, v.Type().Field(i).Name)...)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		walk(v.Index(0), visit, path...)
	default:
		visit(strings.Join(path, "."), v)
	}
}

func alter(v reflect.Value) {
	switch v.Interface().(type) {
	case Decimal:
		v.Set(reflect.ValueOf(MustDecimal("77.7")))
	case *Decimal:
		d := MustDecimal("77.7")
		v.Set(reflect.ValueOf(&d))
	case []string:
		v.Set(reflect.ValueOf([]string{"elsewhere"}))
	default:
		if v.CanInt() {
			v.SetInt(v.Int() + 1)
		} else {
			v.SetString(v.String() + "x")
		}
	}
}

func TestDifferencesNameTheFields(t *testing.T) {
	a, err := Read([]byte(example))
	require.NoError(t, err)
	b, err := Read([]byte(strings.NewReplacer("London", "Leeds", "2667", "2668", "85123A", "85123B", "12.5", "12.50").Replace(example)))
	require.NoError(t, err)
	require.Equal(t, []string{"/consignee/address/city", "/gross_weight_g", "/items/0/sku"}, Differences(&a, &b))
	b.Items = append(b.Items, Item{})
	require.Contains(t, Differences(&a, &b), "/items/1")
}

func TestStatusesOnlyMoveForward(t *testing.T) {
	for _, s := range []Status{Refused, Detained, Returned, Cancelled, Arrived} {
		require.True(t, s.Terminal(), s)
		for _, to := range Statuses {
			require.False(t, s.CanBecome(to), "%s → %s", s, to)
		}
	}
	require.True(t, Held.CanBecome(Cleared))
	require.True(t, Cleared.CanBecome(Bundled))
	require.False(t, Sealed.CanBecome(Cancelled), "a sealed unit is not opened for a cancellation")
	require.False(t, Released.CanBecome(Bundled))
	require.Equal(t, Red, Green.Outrank(Red).Outrank(Yellow))
	require.True(t, Yellow.Holds() && Red.Holds() && !Blue.Holds() && !Green.Holds())
}

func TestDeclaredComesBackOrSaysWhyNot(t *testing.T) {
	at := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	id := DeriveID(3, "536365-1")
	good := DeclaredEnvelopes(3, "req", at, []Order{{id, []byte(example)}})[0]
	e, err := event.Open(good.Key, good.Data, good.Headers())
	require.NoError(t, err)
	back, err := OpenDeclared(e)
	require.NoError(t, err)
	require.Len(t, back, 1)
	require.Equal(t, id, back[0].ID)
	require.Equal(t, account.ID(3), back[0].Account)
	require.Equal(t, at, back[0].ReceivedAt)
	require.Equal(t, "req/0/0", back[0].Posting)
	require.True(t, bytes.Equal([]byte(example), back[0].Document), "the platform's own bytes")
	for what, spoil := range map[string]func(*event.Envelope){
		"schema":      func(e *event.Envelope) { e.Schema = 9 },
		"type":        func(e *event.Envelope) { e.Type = "other" },
		"account":     func(e *event.Envelope) { e.Source = "/accounts/x" },
		"slot":        func(e *event.Envelope) { e.Key = []byte{e.Key[0] + 1} },
		"subject":     func(e *event.Envelope) { e.Schema, e.Data = 1, []byte(example) },
		"declaration": func(e *event.Envelope) { e.Data = append([]byte{0, 0, 0, 23}, `{"order_no":"536365-1"}`...) },
	} {
		bad := e
		spoil(&bad)
		_, err := OpenDeclared(bad)
		require.Equal(t, fault.Invalid, fault.KindOf(err), what)
	}
	for what, data := range map[string][]byte{"nothing": nil, "half a length": e.Data[:3], "half an order": e.Data[:99]} {
		torn := e
		torn.Data = data
		_, err := OpenDeclared(torn)
		require.Equal(t, fault.Malformed, fault.KindOf(err), what)
	}
}

func TestDeclaredOfVersionOneIsStillRead(t *testing.T) {
	id := DeriveID(3, "536365-1")
	back, err := OpenDeclared(event.Envelope{
		ID: "req/0", Type: DeclaredType, Schema: 1, Source: "/accounts/3", Subject: id.String(), Key: id[:], Data: []byte(example),
	})
	require.NoError(t, err)
	require.Equal(t, id, back[0].ID)
	require.Equal(t, "req/0", back[0].Posting)
}

// A post becomes a record for each slot. What is wrong in one of its orders keeps none of the others.
func TestOrdersOfOnePostShareRecordsAndKeepTheirOrder(t *testing.T) {
	var orders []Order
	var want []string
	for i := range 300 {
		no := strconv.Itoa(i % 290) // the last ten repeat the first
		document := strings.Replace(example, "536365-1", no, 1)
		orders = append(orders, Order{DeriveID(3, no), []byte(document)})
		want = append(want, no)
	}
	facts := DeclaredEnvelopes(3, "req", time.Time{}, orders)
	require.Less(t, len(facts), 65)
	first := map[string]int{}
	var got []string
	names := map[string]bool{}
	for _, f := range facts {
		require.False(t, names[f.ID])
		names[f.ID] = true
		declared, err := OpenDeclared(f)
		require.NoError(t, err)
		for _, d := range declared {
			got = append(got, d.Declaration.OrderNo)
			first[d.Declaration.OrderNo]++
		}
	}
	require.ElementsMatch(t, want, got)
	require.Equal(t, 2, first["0"])

	spoilt := facts[0]
	n := binary.BigEndian.Uint32(spoilt.Data)
	spoilt.Data = append([]byte(nil), spoilt.Data...)
	copy(spoilt.Data[4:4+n], strings.Repeat(" ", int(n)))
	whole, err := OpenDeclared(facts[0])
	require.NoError(t, err)
	rest, err := OpenDeclared(spoilt)
	require.Error(t, err)
	require.Len(t, rest, len(whole)-1)
}

func TestLargeOrdersOfOneSlotAreCutIntoRecords(t *testing.T) {
	large := []byte(strings.Replace(example, `"sku"`, strings.Repeat(" ", 100<<10)+`"sku"`, 1))
	o := Order{DeriveID(3, "536365-1"), large}
	facts := DeclaredEnvelopes(3, "req", time.Time{}, []Order{o, o, o, o, o})
	require.Len(t, facts, 3)
	n := 0
	for _, f := range facts {
		require.LessOrEqual(t, len(f.Data), maxRecord)
		declared, err := OpenDeclared(f)
		require.NoError(t, err)
		n += len(declared)
	}
	require.Equal(t, 5, n)
}

func TestDecidedComesBack(t *testing.T) {
	d := []Decided{
		{ID: DeriveID(3, "A"), Account: 3, Kind: KindCleared, Destination: "DE", Express: true, Weight: 5, Volume: 9},
		{ID: DeriveID(3, "B"), Account: 3, Kind: KindCleared, Destination: "FR", Weight: 30_000_000, Volume: 1 << 40},
	}
	e := DecidedEnvelope("1-1", "CN-EU", d)
	back, err := OpenDecided(e)
	require.NoError(t, err)
	require.Equal(t, d, back)
	for n := range len(e.Data) {
		torn := e
		torn.Data = e.Data[:n]
		if back, err := OpenDecided(torn); err == nil {
			require.Equal(t, d[:1], back, "cut at %d, which is between the two", n)
		}
	}
	for _, spoil := range []func(*event.Envelope){
		func(e *event.Envelope) { e.Schema = 3 }, func(e *event.Envelope) { e.Schema = 1; e.Subject = "x" },
		func(e *event.Envelope) { e.Type = "x" }, func(e *event.Envelope) { e.Data = nil },
		func(e *event.Envelope) { e.Data = make([]byte, 64) },
	} {
		bad := e
		spoil(&bad)
		_, err := OpenDecided(bad)
		require.Error(t, err)
	}
}

func TestDecidedOfVersionOneIsStillRead(t *testing.T) {
	id := DeriveID(3, "A")
	back, err := OpenDecided(event.Envelope{
		Type: DecidedType, Schema: 1, Subject: id.String(),
		Data: []byte(`{"account":3,"kind":"cleared","destination":"DE","weight_g":5,"volume_cm3":9}`),
	})
	require.NoError(t, err)
	require.Equal(t, []Decided{{ID: id, Account: 3, Kind: KindCleared, Destination: "DE", Weight: 5, Volume: 9}}, back)
}
