package rates

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/alataw/alataw/internal/refdata"
)

const digestSize = sha256.Size

// Quote is what an import says of a currency for a day.
type Quote struct {
	Currency string // ISO 4217
	Day      Day
	Nano     int64 // billionths of a yuan a unit
	Line     int   // of the file, from 1; it is not kept
}

// Builder makes a table of another and of imports that came after it. The other table stays as it was: of each currency that an import
// touches, the rates are copied once.
type Builder struct {
	table  Table
	copied []bool // by currency: the series is the builder's own
}

// Edit begins with what a table has; nil has nothing.
func (t *Table) Edit() *Builder {
	b := &Builder{copied: make([]bool, len(own))}
	if t != nil {
		b.table = *t
	}
	if b.table.series = slices.Clone(b.table.series); b.table.series == nil {
		b.table.series = make([][]Rate, len(own))
	}
	return b
}

// Add adds an import: its number, which is one more than that of the import before, and its rates, in the order of currencies and days.
// A rate takes the place of one for the same day.
func (b *Builder) Add(number int, quotes []Quote) {
	h := sha256.New()
	h.Write(b.table.digest[:])
	var line [15]byte
	for i := range quotes {
		q := &quotes[i]
		b.put(refdata.CurrencyPlace(q.Currency), Rate{Nano: q.Nano, Day: q.Day, Import: int32(number)})
		copy(line[:3], q.Currency)
		binary.BigEndian.PutUint32(line[3:], uint32(q.Day))
		binary.BigEndian.PutUint64(line[7:], uint64(q.Nano))
		h.Write(line[:])
	}
	b.table.number = int32(number)
	h.Sum(b.table.digest[:0])
}

func (b *Builder) put(at int, r Rate) {
	if at == 0 { // a currency that was withdrawn since: nobody can ask for it
		return
	}
	series := b.table.series[at]
	if !b.copied[at] {
		series, b.copied[at] = slices.Clone(series), true
	}
	n := until(series, r.Day)
	if n > 0 && series[n-1].Day == r.Day {
		series[n-1] = r
		b.table.series[at] = series
		return
	}
	b.table.series[at] = slices.Insert(series, n, r)
}

// Table gives what was made. The builder is not used any more.
func (b *Builder) Table() *Table {
	t := b.table
	if t.number > 0 {
		t.version = fmt.Sprintf("%d-%s", t.number, hex.EncodeToString(t.digest[:6]))
	}
	return &t
}
