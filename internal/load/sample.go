package load

import (
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
)

// The special orders of a sample day, in every sampleCycle orders: as many of each as there are kinds, one of each kind in turn.
const (
	// SampleCycle is after how many orders each kind of special order has come once: 8 of 1,000 are wrong and 8 suspicious.
	SampleCycle = 1000
	// SampleDeniedName is the consignee of some suspicious orders. No list holds it: who wants the hit puts it on one.
	SampleDeniedName = "EVAL DENIED PARTY LTD"
	// sampleBlock is for how many orders the parcels of a split consignment go to the same consignee: at most 60 of them.
	sampleBlock = 20_000
)

// The orders that are wrong, by the code the door refuses them with.
const (
	wrongChapter      = iota // hs_code.chapter
	wrongWeight              // gross_weight_g.limit
	wrongTracking            // tracking_no.check_digit
	wrongRegistration        // registration_no.check_character
	wrongSum                 // goods_value.sum
	wrongGross               // gross_weight_g.below_net
	wrongWarehouse           // warehouse_code.required, account_book_no.required
	wrongContact             // phone.required
	wrongKinds
)

// The orders that are suspicious: right by the table, and for screening to find.
const (
	suspectText   = wrongKinds + iota // described as "gift", "goods", …
	suspectWeapon                     // words and headings of arms
	suspectValue                      // 9710 over 5,000 CNY
	suspectSplit                      // many small parcels to one consignee
	suspectSplit2
	suspectSplit3
	suspectDenied  // to SampleDeniedName
	suspectDensity // heavier than any metal
)

const plain = -1

// SampleDay is a day of declarations that the program makes itself. The same seed gives the same orders, whatever their number;
// another seed gives other order numbers. 90 of 100 are 9610 and 8 are express. All are right by the contract's table and hold
// nothing to stop them, but for the special ones: 8 of 1,000 are wrong in one of eight ways, and 8 of 1,000 suspicious in one of
// six (three of the 8 are parts of a split consignment). 1 of 100 goes where no route leads.
type SampleDay struct {
	prefix  string // of order numbers
	n       int
	plain   bool // no special orders
	made    atomic.Int64
	dice    dice
	serial  uint64 // of the first tracking number
	sellers []sampleSeller
	atlas   [1000]*destination // each destination as often as its weight

	buf      []byte
	order    draft
	split    consignee // of the block's split consignment
	last     consignee
	repeated bool // last was repeated already
}

// Sample makes a day of n orders.
func Sample(seed uint64, n int) *SampleDay {
	d := &SampleDay{prefix: "SD" + strconv.FormatUint(seed, 36) + "-", n: n, dice: dice{rand.NewPCG(seed, 0x5a3d)}}
	d.serial = d.dice.next()
	d.sellers = sampleSellers()
	places := d.atlas[:0]
	for i := range countries {
		to := newDestination(&countries[i])
		for range to.weight {
			places = append(places, to)
		}
	}
	return d
}

// PlainSample makes a day of n orders without the special ones: nothing about any is wrong or suspicious.
func PlainSample(seed uint64, n int) *SampleDay {
	d := Sample(seed, n)
	d.plain = true
	return d
}

// Next makes the next order.
func (d *SampleDay) Next() ([]byte, error) {
	i := int(d.made.Load())
	if i >= d.n {
		return nil, io.EOF
	}
	d.made.Add(1)
	if i%sampleBlock == 0 {
		d.split = d.consignee(d.split.text[:0])
	}
	d.draw(i)
	if !d.plain {
		d.spoil(special(i))
	}
	d.buf = d.encode(d.buf[:0])
	return d.buf, nil
}

// Far gives the orders made and all of them.
func (d *SampleDay) Far() (done, total int64) { return d.made.Load(), int64(d.n) }

// special tells what is the matter with the i-th order. Special orders stand apart, at fixed places, so that a short day has all kinds.
func special(i int) int {
	const apart = SampleCycle / (2 * wrongKinds)
	i %= SampleCycle
	if i%apart != apart/2 {
		return plain
	}
	at := i / apart
	if at%2 == 0 {
		return at / 2
	}
	return wrongKinds + at/2
}

// dice throws what the day is drawn from. The generator is PCG, whose numbers are fixed by its seed for ever.
type dice struct{ *rand.PCG }

func (d dice) next() uint64 { return d.Uint64() }

// below throws a number from 0 to n-1.
func (d dice) below(n int) int {
	high, _ := bits.Mul64(d.Uint64(), uint64(n))
	return int(high)
}

// between throws a number from low to high.
func (d dice) between(low, high int64) int64 { return low + int64(d.below(int(high-low+1))) }

// often is true in percent of 100 throws.
func (d dice) often(percent int) bool { return d.below(100) < percent }

func pick[T any](d dice, from []T) T { return from[d.below(len(from))] }

// sampleSeller is a seller as it stands in a declaration, and with a registration number whose check character does not hold.
type sampleSeller struct{ right, wrong string }

func sampleSellers() []sampleSeller {
	var sellers []sampleSeller
	for c, city := range sellerCities {
		for w, word := range sellerWords {
			number := c*len(sellerWords) + w
			name := city.name + " " + word + " " + sellerTrades[number%len(sellerTrades)]
			code := creditCode(city.division, fmt.Sprintf("MA%06d", 104729*(number+1)%1_000_000))
			off := code[:17] + string(creditAlphabet[(creditValue(code[17])+1)%31])
			if number%10 == 9 {
				code = fmt.Sprintf("%s96%04d", city.division[:4], number) // a customs registration: division, kind, number
			}
			sellers = append(sellers, sampleSeller{sellerJSON(name, code), sellerJSON(name, off)})
		}
	}
	return sellers
}

func sellerJSON(name, registration string) string {
	return `"seller":{"name":"` + name + `","registration_no":"` + registration + `","country":"CN"}`
}
