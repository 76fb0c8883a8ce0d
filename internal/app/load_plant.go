package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alataw/alataw/internal/load"
)

// planting is what `alataw load` plants between the orders it is given, to see whether screening finds it.
type planting struct {
	Plant       int    `help:"Plant so many suspicious cases between the orders, and tell which of them were found."`
	PlantLists  string `help:"File of listed names to alter and plant, one a line, or a CSV that names them second, as OFAC's; without it no sanctions are planted."`
	PlantReport string `help:"Write what became of the cases to this file, as JSON."`
	Seed        uint64 `name:"plant-seed" default:"1" help:"Another seed plants other cases under other order numbers; a run that is repeated needs one."`
}

// between gives the orders with cases planted between them, nil when none are wanted.
func (p planting) between(source load.Source) (*load.Planted, error) {
	if p.Plant <= 0 {
		return nil, nil //nolint:nilnil // nothing is planted, and nothing is wrong
	}
	names, err := p.names()
	if err != nil {
		return nil, fmt.Errorf("plant: %w", err)
	}
	return load.NewPlanted(source, load.Plant{Cases: p.Plant, Seed: p.Seed, Names: names}), nil
}

// names reads the listed names: of each line its second column where there is one, else the whole.
func (p planting) names() (names []string, err error) {
	if p.PlantLists == "" {
		return nil, nil
	}
	file, err := os.Open(p.PlantLists)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name := nameOf(lines.Text()); name != "" {
			names = append(names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.PlantLists, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no names", p.PlantLists)
	}
	return names, nil
}

// nameOf reads a line of a list. A name of fewer letters is not planted: altered, it would be anybody's.
func nameOf(line string) string {
	const fewestLetters = 10
	name := strings.TrimSpace(line)
	if digits := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' }); digits > 0 && line[digits] == ',' {
		row, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil || len(row) < 2 {
			return ""
		}
		name = strings.TrimSpace(row[1])
	}
	if len(name) < fewestLetters || !strings.Contains(name, " ") || strings.HasPrefix(name, "#") {
		return ""
	}
	return name
}

// report tells what became of the planted cases.
func (p planting) report(planted *load.Planted, to *console) (err error) {
	if planted == nil {
		return nil
	}
	report := planted.Report()
	if err := report.Print(to.out); err != nil || p.PlantReport == "" {
		return err
	}
	file, err := os.Create(p.PlantReport)
	if err != nil {
		return fmt.Errorf("plant report: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return report.WriteJSON(io.Writer(file))
}
