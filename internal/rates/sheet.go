package rates

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/refdata"
)

// The sources whose formats are known.
const (
	ECB    = "ecb"    // European Central Bank, euro foreign exchange reference rates: eurofxref.csv or eurofxref-hist.csv
	Custom = "custom" // one's own: CSV with a header of date, currency, units and cny
)

// Sources are all sources that Parse reads.
var Sources = []string{ECB, Custom}

// MostBytes bounds a file, decompressed or not. The reference rates of 27 years have under 2 MiB.
const MostBytes = 32 << 20

// Days are told apart from slips by where they lie.
const (
	earliest    Day = 10592 // 1999-01-01, the first of the euro
	aheadECB    Day = 1     // the clocks here and there
	aheadCustom Day = 31    // customs' rates for a month are known before it begins
)

// Sheet is what a file of rates says.
type Sheet struct {
	Source      string
	Name        string   // of the file, for messages
	Hash        string   // SHA-256 over the decompressed file, in hex
	Quotes      []Quote  // by currency and day, one for each
	First, Last Day      // of them
	Currencies  []string // of them
	Unknown     []string // codes of the ECB's columns that no goods are priced in any more
	Gaps        int      // days for which the ECB has no rate of the yuan
}

// Parse reads a file of rates: plain, gzip, or a zip of one file, whichever its content says. source is "" for what the header looks
// like. today bounds the days. A file is taken whole or not at all: one that is empty, cut off, malformed, of an unknown currency or of
// days too far ahead is a fault.Invalid that names the file, the line and what is wrong with it.
func Parse(source, name string, file io.Reader, today Day) (*Sheet, error) {
	r := reading{name: name, today: today}
	text, err := r.plain(file)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	sheet := &Sheet{Source: source, Name: name, Hash: hex.EncodeToString(sum[:])}
	if err := r.begin(text); err != nil {
		return nil, err
	}
	if sheet.Source == "" {
		sheet.Source = r.guess()
	}
	switch sheet.Source {
	case ECB:
		err = r.ecb(sheet)
	case Custom:
		err = r.custom()
	default:
		err = fault.New(fault.Invalid, "rates_unknown_source", "%q is none of %s", source, strings.Join(Sources, ", "))
	}
	if err != nil {
		return nil, err
	}
	return sheet, r.finish(sheet)
}

// reading is a file being read.
type reading struct {
	name   string
	today  Day
	in     *csv.Reader
	line   int
	header []string
	ended  bool // with the end of a line
	quotes []Quote
}

// fault says what is wrong with the line being read.
func (r *reading) fault(format string, args ...any) error {
	return fault.New(fault.Invalid, "rates_malformed", "%s, line %d: %s", r.name, r.line, fmt.Sprintf(format, args...))
}

func (r *reading) truncated(why string) error {
	return fault.New(fault.Invalid, "rates_truncated", "%s: %s", r.name, why)
}

func (r *reading) tooLong() error {
	return fault.New(fault.Invalid, "rates_malformed", "%s is longer than %d bytes: that is no file of rates", r.name, MostBytes)
}

// plain gives a file's text. What a site answers with when the file has moved is no file.
func (r *reading) plain(file io.Reader) ([]byte, error) {
	text, err := r.bounded(file)
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		unzipped, err := gzip.NewReader(bytes.NewReader(text))
		if err == nil {
			text, err = r.bounded(unzipped)
		}
		if err != nil {
			return nil, r.damaged(err)
		}
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		if text, err = r.unzip(text); err != nil {
			return nil, r.damaged(err)
		}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	start := bytes.ToLower(bytes.TrimSpace(text[:min(len(text), 256)]))
	switch {
	case len(start) == 0:
		return nil, fault.New(fault.Invalid, "rates_empty", "%s is empty", r.name)
	case start[0] == '<':
		return nil, fault.New(fault.Invalid, "rates_malformed", "%s is a web page or XML; rates are read from CSV", r.name)
	}
	return text, nil
}

func (r *reading) bounded(file io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(file, MostBytes+1))
	if err == nil && len(text) > MostBytes {
		err = r.tooLong()
	}
	return text, err
}

// unzip gives the only file of an archive, which is how the ECB publishes its CSV.
func (r *reading) unzip(archive []byte) ([]byte, error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	if len(files.File) != 1 {
		return nil, fault.New(fault.Invalid, "rates_malformed", "%s has %d files in it, and should have one", r.name, len(files.File))
	}
	file, err := files.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return r.bounded(file)
}

// damaged classifies what decompressing said; only what the file holds can be wrong, for it is in memory.
func (r *reading) damaged(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "rates_truncated", "%s is cut off or damaged", r.name)
}

// begin reads the header.
func (r *reading) begin(text []byte) (err error) {
	r.ended = bytes.HasSuffix(text, []byte("\n"))
	r.in = csv.NewReader(bytes.NewReader(text))
	r.in.Comment, r.in.FieldsPerRecord, r.in.TrimLeadingSpace, r.in.ReuseRecord = '#', -1, true, true
	header, err := r.next()
	if err == nil && header == nil {
		err = fault.New(fault.Invalid, "rates_empty", "%s has no rates in it", r.name)
	}
	r.header = slices.Clone(header)
	return err
}

// next gives the cells of the next line; nil at the end.
func (r *reading) next() ([]string, error) {
	cells, err := r.in.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		r.line = wrong.StartLine
		return nil, r.fault("%v", wrong.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("rates %s: %w", r.name, err)
	}
	r.line, _ = r.in.FieldPos(0)
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, nil
}

func (r *reading) guess() string {
	if slices.ContainsFunc(r.header, func(cell string) bool { return strings.EqualFold(cell, "currency") }) {
		return Custom
	}
	return ECB
}

// day checks where a day lies.
func (r *reading) day(day Day, ahead Day) (Day, error) {
	switch {
	case day < earliest:
		return 0, r.fault("%s is before %s", day, earliest)
	case day > r.today+ahead:
		return 0, r.fault("%s lies ahead; rates may be for %s at the latest", day, r.today+ahead)
	}
	return day, nil
}

// add keeps what the line says.
func (r *reading) add(currency string, day Day, nano int64) {
	r.quotes = append(r.quotes, Quote{Currency: currency, Day: day, Nano: nano, Line: r.line})
}

// finish puts what was read in order. A line that says the same again is read once, one that says something else is refused.
func (r *reading) finish(sheet *Sheet) error {
	if len(r.quotes) == 0 {
		return fault.New(fault.Invalid, "rates_empty", "%s has no rates in it", r.name)
	}
	slices.SortStableFunc(r.quotes, func(a, b Quote) int { return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Day, b.Day)) })
	sheet.First, sheet.Last = r.quotes[0].Day, r.quotes[0].Day
	for _, q := range r.quotes {
		if n := len(sheet.Quotes); n > 0 && sheet.Quotes[n-1].Currency == q.Currency && sheet.Quotes[n-1].Day == q.Day {
			if first := sheet.Quotes[n-1]; first.Nano != q.Nano {
				r.line = q.Line
				return r.fault("%s is worth %s CNY on %s, where line %d says %s", q.Currency, Text(q.Nano), q.Day, first.Line, Text(first.Nano))
			}
			continue
		}
		if n := len(sheet.Currencies); n == 0 || sheet.Currencies[n-1] != q.Currency {
			sheet.Currencies = append(sheet.Currencies, q.Currency)
		}
		sheet.First, sheet.Last = min(sheet.First, q.Day), max(sheet.Last, q.Day)
		sheet.Quotes = append(sheet.Quotes, q)
	}
	return nil
}

// known tells whether goods may be priced in a currency.
func known(currency string) bool { return refdata.CurrencyPlace(currency) != 0 }
