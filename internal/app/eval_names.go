package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// evalNamesCmd measures how well names are matched: on labelled pairs, on people who are on no list, and on listed names that are written
// differently.
type evalNamesCmd struct {
	Pairs    string   `required:"" type:"existingfile" help:"Labelled pairs: CSV with the columns schema, name1, name2 and is_match."`
	Clean    string   `type:"existingfile" help:"People on no list: CSV with the columns full_name, date_of_birth and nationality. Needs --lists."`
	Lists    []string `sep:"none" placeholder:"SOURCE=FILE,..." help:"A publisher's list, its files with commas between; may repeat."`
	Evidence bool     `help:"Take birth and nationality of --clean into account, not the names alone."`
	Altered  int      `help:"Alter this many listed names in each way, and tell how many are found. Needs --lists."`
	Seed     uint64   `default:"1" help:"Of the alterations: the same seed alters the same names."`
}

// Run measures, and prints tables and a last line that machines read.
func (c evalNamesCmd) Run(ctx context.Context, to *console) error {
	if len(c.Lists) == 0 && (c.Clean != "" || c.Altered > 0) {
		return fault.New(fault.Invalid, "lists_missing", "--clean and --altered need --lists")
	}
	pairs, err := readPairs(c.Pairs)
	if err != nil {
		return err
	}
	lists, err := readLists(c.Lists)
	if err != nil {
		return err
	}
	result := namesResult{pairs: pairs}
	if len(lists) > 0 {
		if err := c.search(ctx, to.out, lists, &result); err != nil {
			return err
		}
	}
	return result.print(to.out)
}

// search looks for clean and altered names on the lists.
func (c evalNamesCmd) search(ctx context.Context, out io.Writer, lists []watchlist.List, result *namesResult) error {
	index := watchlist.NewIndex(lists)
	fmt.Fprintf(out, "%d names on %s\n\n", index.Names(), index.Version())
	if c.Altered > 0 {
		if err := printAltered(ctx, out, index, lists, c.Altered, c.Seed); err != nil {
			return err
		}
	}
	if c.Clean == "" {
		return nil
	}
	queries, err := readPeople(c.Clean)
	if err != nil {
		return err
	}
	if !c.Evidence {
		for i := range queries {
			queries[i].Birth, queries[i].Country = "", ""
		}
	}
	started := time.Now()
	var room []watchlist.Match
	for i := range queries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if room = index.Match(queries[i], room[:0]); len(room) > 0 {
			result.clean = append(result.clean, room[0].Score)
			fmt.Fprintf(out, "false hit: %q: %s\n", queries[i].Name, room[0].Explain("en"))
		}
	}
	result.searched = len(queries)
	fmt.Fprintf(out, "%d names searched, %.0f a second\n\n", len(queries), float64(len(queries))/time.Since(started).Seconds())
	return nil
}

// namesResult is what was measured.
type namesResult struct {
	pairs    []namePair
	clean    []float64 // the scores of false hits
	searched int
}

type namePair struct {
	score float64
	same  bool
}

// print prints precision, recall and F1 by threshold. Searching gives nothing below the product's own, so neither is told.
func (r *namesResult) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "THRESHOLD\tPRECISION\tRECALL\tF1\tFALSE HITS IN 10,000\t")
	for _, threshold := range []float64{0.5, 0.6, 0.7, 0.75, watchlist.Threshold, 0.85, 0.9, 0.95} {
		precision, recall, f1 := r.quality(threshold)
		fmt.Fprintf(w, "%.2f\t%.3f\t%.3f\t%.3f\t%s\t\n", threshold, precision, recall, f1, r.falseHits(threshold))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	r.printCalibration(out)
	precision, recall, f1 := r.quality(watchlist.Threshold)
	_, err := fmt.Fprintf(out, "threshold=%.2f precision=%.3f recall=%.3f f1=%.3f false_hits_per_10000=%s\n",
		watchlist.Threshold, precision, recall, f1, r.falseHits(watchlist.Threshold))
	return err
}

// printCalibration tells how many of the pairs of about the same score are the same.
func (r *namesResult) printCalibration(out io.Writer) {
	fmt.Fprintln(out)
	for _, band := range [][2]float64{{0, 0.5}, {0.5, 0.8}, {0.8, 0.85}, {0.85, 0.9}, {0.9, 0.95}, {0.95, 1.01}} {
		all, same := 0, 0
		for _, p := range r.pairs {
			if p.score >= band[0] && p.score < band[1] {
				all++
				if p.same {
					same++
				}
			}
		}
		if all > 0 {
			fmt.Fprintf(out, "of %d pairs with a score from %.2f to %.2f, %.0f %% are the same\n", all, band[0], min(band[1], 1), 100*float64(same)/float64(all))
		}
	}
	fmt.Fprintln(out)
}

func (r *namesResult) quality(threshold float64) (precision, recall, f1 float64) {
	var hits, right, same float64
	for _, p := range r.pairs {
		if p.same {
			same++
		}
		if p.score >= threshold {
			hits++
			if p.same {
				right++
			}
		}
	}
	return share(right, hits), share(right, same), share(2*right, hits+same)
}

func share(part, all float64) float64 {
	if all == 0 {
		return 0
	}
	return part / all
}

func (r *namesResult) falseHits(threshold float64) string {
	if r.searched == 0 || threshold < watchlist.Threshold {
		return "-"
	}
	hits := 0
	for _, score := range r.clean {
		if score >= threshold {
			hits++
		}
	}
	return fmt.Sprintf("%.2f", 10_000*float64(hits)/float64(r.searched))
}

// readLists reads lists given as source=file,file. A source may be given twice, for files of its own.
func readLists(given []string) ([]watchlist.List, error) {
	var lists []watchlist.List
	for _, g := range given {
		source, files, ok := strings.Cut(g, "=")
		if !ok || files == "" {
			return nil, fault.New(fault.Invalid, "list_unknown_source", "%q is not SOURCE=FILE", g)
		}
		list, err := readListFiles(source, strings.Split(files, ","))
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

func readListFiles(source string, paths []string) (list watchlist.List, err error) {
	var files []watchlist.File
	var open []*os.File
	defer func() {
		for _, f := range slices.Backward(open) {
			err = errors.Join(err, f.Close())
		}
	}()
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return list, err
		}
		open = append(open, f)
		files = append(files, watchlist.File{Name: path, Reader: f})
	}
	entries, report, err := watchlist.Parse(source, files)
	if err != nil {
		return list, err
	}
	return watchlist.List{Source: source, Version: report.Hash[:12], Entries: entries}, nil
}
