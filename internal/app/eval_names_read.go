package app

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// readPairs reads labelled pairs and compares them.
func readPairs(path string) ([]namePair, error) {
	var pairs []namePair
	err := readRows(path, []string{"schema", "name1", "name2", "is_match"}, func(row []string) error {
		kind, ok := kindOf(row[0])
		if !ok {
			return fmt.Errorf("%q is no schema", row[0])
		}
		if row[3] != "true" && row[3] != "false" {
			return fmt.Errorf("is_match is %q, neither true nor false", row[3])
		}
		if row[1] == "" || row[2] == "" {
			return errors.New("a name is missing")
		}
		m := watchlist.Compare(watchlist.Query{Name: row[1], Kind: kind}, watchlist.Query{Name: row[2], Kind: kind})
		pairs = append(pairs, namePair{m.Score, row[3] == "true"})
		return nil
	})
	return pairs, err
}

// kindOf gives the kind of party of a schema of FollowTheMoney, in which such pairs are published.
func kindOf(schema string) (kind string, ok bool) {
	switch schema {
	case "Person":
		return watchlist.Individual, true
	case "Company", "Organization", "PublicBody", "Vessel", "Airplane":
		return watchlist.Entity, true
	case "LegalEntity", "Thing", "":
		return "", true
	}
	return "", false
}

// readPeople reads people who are on no list.
func readPeople(path string) ([]watchlist.Query, error) {
	var people []watchlist.Query
	err := readRows(path, []string{"full_name", "date_of_birth", "nationality"}, func(row []string) error {
		if row[0] == "" {
			return errors.New("the name is missing")
		}
		people = append(people, watchlist.Query{Name: row[0], Birth: row[1], Country: row[2]})
		return nil
	})
	return people, err
}

// readRows calls visit with the given columns of every row. The file's other columns are passed over; a row that visit refuses, or that
// cannot be read, is a fault.Invalid that names its line.
func readRows(path string, columns []string, visit func(row []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := plainText(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	in := csv.NewReader(text)
	header, err := in.Read()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "names_malformed", "%s: the header cannot be read", path)
	}
	places := make([]int, len(columns))
	for i, column := range columns {
		if places[i] = slices.Index(header, column); places[i] < 0 {
			return fault.New(fault.Invalid, "names_malformed", "%s: no column is called %s", path, column)
		}
	}
	row := make([]string, len(columns))
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil { // it names the line
			return fault.Wrap(err, fault.Invalid, "names_malformed", "%s cannot be read", path)
		}
		for i, at := range places {
			row[i] = record[at]
		}
		if err := visit(row); err != nil {
			line, _ := in.FieldPos(0)
			return fault.Wrap(err, fault.Invalid, "names_malformed", "%s, line %d", path, line)
		}
	}
}

// plainText looks at the first bytes, and decompresses when they are gzip's.
func plainText(in io.Reader) (io.Reader, error) {
	const magic = "\x1f\x8b"
	buffered := bufio.NewReader(in)
	if first, _ := buffered.Peek(len(magic)); string(first) == magic {
		return gzip.NewReader(buffered)
	}
	return buffered, nil
}
