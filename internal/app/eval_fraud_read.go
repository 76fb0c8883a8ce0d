package app

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/risk"
)

// declared is a customs declaration whose outcome is known.
type declared struct {
	risk.Sample
	id    string
	goods string // the same for declarations of the very same goods
}

// columnsAsTheyAre are the columns that are factors as they stand, and those factors' names.
var columnsAsTheyAre = [][2]string{
	{"Country of Origin", "origin"}, {"Country of Departure", "departure"}, {"Tax Type", "tax_type"}, {"Tax Rate", "tax_rate"},
	{"Seller ID", "seller"}, {"Importer ID", "importer"}, {"Declarant ID", "declarant"}, {"Courier ID", "courier"}, {"Office ID", "office"},
	{"Import Type", "import_type"}, {"Import Use", "import_use"}, {"Payment Type", "payment"}, {"Mode of Transport", "transport"},
	{"Country of Origin Indicator", "origin_mark"},
}

// readDeclarations reads a file in the columns of the Customs Import Declaration Datasets (Jeong and others, 2022), CSV, plain or gzip.
func readDeclarations(ctx context.Context, name string) ([]declared, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	part, err := parseDeclarations(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return part, check(name, part)
}

func parseDeclarations(ctx context.Context, file io.Reader) ([]declared, error) {
	content, err := unzipped(file)
	if err != nil {
		return nil, err
	}
	t := declarationTable{in: csv.NewReader(content), column: map[string]int{}}
	return t.read(ctx)
}

// unzipped looks at the first bytes and decompresses what gzip has made.
func unzipped(file io.Reader) (io.Reader, error) {
	content := bufio.NewReader(file)
	if magic, _ := content.Peek(2); string(magic) == "\x1f\x8b" {
		return gzip.NewReader(content)
	}
	return content, nil
}

// declarationTable is a file of declarations.
type declarationTable struct {
	in     *csv.Reader
	column map[string]int
	fields []string
}

func (t *declarationTable) read(ctx context.Context) (part []declared, err error) {
	t.in.ReuseRecord = true
	for ctx.Err() == nil {
		t.fields, err = t.in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return part, nil
		case err != nil:
			return nil, err
		case len(t.column) == 0:
			err = t.head()
		default:
			var d declared
			d, err = t.declared()
			part = append(part, d)
		}
		if err != nil {
			line, _ := t.in.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	return nil, ctx.Err()
}

// head finds the columns.
func (t *declarationTable) head() error {
	for i, name := range t.fields {
		t.column[strings.TrimPrefix(name, "\ufeff")] = i
	}
	needed := []string{"Declaration ID", "Date", "HS6 Code", "Net Mass", "Item Price", "Fraud"}
	for _, c := range columnsAsTheyAre {
		needed = append(needed, c[0])
	}
	missing := slices.DeleteFunc(needed, func(name string) bool { _, ok := t.column[name]; return ok })
	if len(missing) > 0 {
		return fmt.Errorf("these columns are missing: %s", strings.Join(missing, ", "))
	}
	return nil
}

// text is a field's own copy: the reader uses its buffer again.
func (t *declarationTable) text(column string) string {
	return strings.Clone(t.fields[t.column[column]])
}

func (t *declarationTable) number(column string) (float64, error) {
	n, err := strconv.ParseFloat(t.fields[t.column[column]], 64)
	if err != nil || !(n >= 0) {
		return 0, fmt.Errorf("%q is no amount in column %s", t.fields[t.column[column]], column)
	}
	return n, nil
}

// declared reads one declaration.
func (t *declarationTable) declared() (d declared, err error) {
	d.id = t.text("Declaration ID")
	if d.At, err = time.Parse(time.DateOnly, t.text("Date")); err != nil {
		return d, fmt.Errorf("date: %w", err)
	}
	switch label := t.text("Fraud"); label {
	case "0", "1":
		d.AtFault = label == "1"
	default:
		return d, fmt.Errorf("%q is neither 0 nor 1 in column Fraud", label)
	}
	mass, err := t.number("Net Mass")
	if err != nil {
		return d, err
	}
	price, err := t.number("Item Price")
	if err != nil {
		return d, err
	}
	hs := t.text("HS6 Code")
	if len(hs) != 6 {
		return d, fmt.Errorf("%q is no HS subheading", hs)
	}
	d.goods = fmt.Sprintf("%s %.3f kg %.2f", hs, mass, price)
	d.Factors = t.factors(hs, mass, price, d.goods)
	return d, nil
}

func (t *declarationTable) factors(hs string, mass, price float64, goods string) []risk.Factor {
	perKg := 0.0
	if mass > 0 {
		perKg = price / mass
	}
	factors := []risk.Factor{
		{Name: "hs2", Value: hs[:2]}, {Name: "hs4", Value: hs[:4]}, {Name: "hs6", Value: hs}, {Name: "price_per_kg", Value: risk.Octave(perKg)},
		{Name: "net_mass", Value: risk.Octave(mass)}, {Name: "price", Value: risk.Octave(price)}, {Name: identicalGoods, Value: goods},
	}
	for _, c := range columnsAsTheyAre {
		factors = append(factors, risk.Factor{Name: c[1], Value: t.text(c[0])})
	}
	return factors
}
