package screening

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/watchlist"
)

// subjectOf computes what the rules and the store need to know of a parcel but its value, which depends on the rates. The time of receipt
// loses what a database does not keep, so that a parcel counts the same whether it stands before another in a batch or in the store.
func subjectOf(d parcel.Declared) Subject {
	d.ReceivedAt = d.ReceivedAt.Truncate(time.Microsecond)
	return Subject{
		Declared:    d,
		Consignee:   consigneeKey(&d.Declaration.Consignee),
		Address:     addressKey(&d.Declaration.Consignee.Address),
		Fingerprint: d.Declaration.Fingerprint(),
	}
}

// consigneeKey is 64 bits of a hash over who and where a parcel goes to: normalised name, the end of the phone number (or
// else the e-mail address), first address line, postal code, country. It is stored: what goes into it never changes.
func consigneeKey(c *parcel.Consignee) int64 {
	var room [512]byte
	key := append(room[:0], "alataw.consignee.v1\x00"...)
	key = watchlist.AppendNormalised(key, c.Name)
	key = append(key, 0)
	if n := len(key); len(appendPhone(key, c.Phone)) > n {
		key = appendPhone(key, c.Phone)
	} else {
		key = append(key, strings.ToLower(strings.TrimSpace(c.Email))...)
	}
	key = appendAddress(append(key, 0), &c.Address)
	return keyOf(key)
}

// addressKey is such a hash over where a parcel goes to alone, whoever gets it. It is stored too.
func addressKey(a *parcel.Address) int64 {
	var room [512]byte
	return keyOf(appendAddress(append(room[:0], "alataw.address.v1\x00"...), a))
}

func appendAddress(key []byte, a *parcel.Address) []byte {
	if len(a.Lines) > 0 {
		key = watchlist.AppendNormalised(key, a.Lines[0])
	}
	key = append(key, 0)
	key = appendJoined(key, a.PostalCode)
	key = append(key, 0)
	return append(key, a.Country...)
}

func keyOf(text []byte) int64 {
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// subscriberDigits is how much of a phone number's end names the line, without the country code or the 0 in its place.
const subscriberDigits = 9

func appendPhone(dst []byte, phone string) []byte {
	start := len(dst)
	for i := range len(phone) {
		if c := phone[i]; c >= '0' && c <= '9' {
			dst = append(dst, c)
		}
	}
	if n := len(dst); n-start > subscriberDigits {
		copy(dst[start:], dst[n-subscriberDigits:])
		dst = dst[:start+subscriberDigits]
	}
	return dst
}

// appendJoined appends a folded text without its blanks: postal codes are written with and without.
func appendJoined(dst []byte, text string) []byte {
	start := len(dst)
	folded := watchlist.AppendFolded(dst, text)
	dst = folded[:start]
	for _, c := range folded[start:] {
		if c != ' ' {
			dst = append(dst, c)
		}
	}
	return dst
}

// maxFen is ten billion yuan: more counts as this much, so that sums of values never overflow.
const maxFen = 1_000_000_000_000

// worth is what a parcel's goods are worth by the rate that holds on the day of its receipt.
type worth struct {
	rate rates.Rate
	day  rates.Day
	fen  int64
}

// worth looks up the rate once for a parcel, whatever is converted by it.
func (r *Rules) worth(s *Subject) worth { return worthOf(&s.Declared, r.Rates) }

func worthOf(d *parcel.Declared, table *rates.Table) worth {
	day := rates.DayOf(d.ReceivedAt)
	rate := table.On(d.Declaration.Currency, day)
	return worth{rate, day, fenOf(d.Declaration.GoodsValue, rate)}
}

// fenOf converts a value to hundredths of a yuan, rounded half up; 0 without a rate.
func fenOf(value parcel.Decimal, rate rates.Rate) int64 {
	const perFen = 10_000_000_000_000 // millionths of a unit × billionths of a yuan in a fen
	if !rate.Known() {
		return 0
	}
	micros, fits := value.Micros()
	if !fits {
		return maxFen
	}
	hi, lo := bits.Mul64(uint64(micros), uint64(rate.Nano))
	lo, carry := bits.Add64(lo, perFen/2, 0)
	hi += carry
	if hi >= perFen { // the quotient would not fit 64 bits
		return maxFen
	}
	fen, _ := bits.Div64(hi, lo, perFen)
	return int64(min(fen, maxFen))
}
