package app

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/risk"
)

// fraudReport prints what came of it.
type fraudReport struct{ out io.Writer }

func (r fraudReport) chosen(o risk.Options) {
	aged := "outcomes of any age count alike"
	if o.HalfLife > 0 {
		aged = fmt.Sprintf("an outcome counts half after %.0f days", o.HalfLife.Hours()/24)
	}
	fmt.Fprintf(r.out, "settings chosen on valid: %s; caution %.1f; ridge %.0f\n", aged, cmp.Or(o.Caution, 1), cmp.Or(o.Ridge, 10))
}

func (r fraudReport) learned(m *risk.Model, took time.Duration) {
	inspected, atFault := m.Outcomes()
	fmt.Fprintf(r.out, "learned from train and valid: %d outcomes, %.1f %% of them at fault, in %.1f s; model %.12s, %d kB\n\n",
		inspected, 100*float64(atFault)/float64(inspected), took.Seconds(), m.Version(), len(m.Encode())/1000)
}

// shares are the parts of the declarations that are inspected, in percent.
var shares = []int{1, 2, 5, 10}

// tried measures the model on the last part, which it has not seen.
func (r fraudReport) tried(m *risk.Model, parts [3][]declared) error {
	test := parts[2]
	all := rank(m, test)
	w := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "TEST\tDECLARATIONS\tAT FAULT\tINSPECTED\tEXPECTED\tPRECISION\tRECALL\tLIFT\t")
	r.rows(w, "all", all)
	r.rows(w, "goods never declared before", rank(m, fresh(test, parts[0], parts[1])))
	r.rows(w, "all, by the terms alone", rank(m, forgetful(test)))
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(r.out, "\nGoods never declared before: no declaration that was learned from has the same HS code, net mass and price.")
	fmt.Fprintln(r.out, "By the terms alone: as if what became of the very same goods were not known.")
	fmt.Fprintln(r.out, "Expected: the precision that the scores themselves promise.")
	if err := r.terms(m, test); err != nil {
		return err
	}
	r.values(m)
	r.examples(m, all)
	fmt.Fprintf(r.out, "\nprecision_at_5=%.3f precision_at_10=%.3f\n", all.first(5).precision(), all.first(10).precision())
	return nil
}

func (r fraudReport) rows(w io.Writer, name string, of ranked) {
	rate := of.precision()
	for _, share := range shares {
		if len(of) < 100 || rate == 0 {
			continue
		}
		cut := of.first(share)
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%d %%\t%.3f\t%.3f\t%.3f\t%.1f\t\n", name, len(of), 100*rate, share,
			cut.expected(), cut.precision(), float64(cut.atFault())/float64(of.atFault()), cut.precision()/rate)
	}
}

// forgetful is the declarations without the factor that tells repeats.
func forgetful(part []declared) []declared {
	part = slices.Clone(part)
	for i := range part {
		part[i].Factors = slices.DeleteFunc(slices.Clone(part[i].Factors), func(f risk.Factor) bool { return f.Name == identicalGoods })
	}
	return part
}

// terms prints what the model looks at, what moves scores the most first.
func (r fraudReport) terms(m *risk.Model, test []declared) error {
	terms := append(m.Terms(), risk.Term{Name: risk.RepeatTerm})
	moves := make([]float64, len(terms))
	var because []risk.Contribution
	for i := range test {
		because = m.Score(test[i].Factors, because).Because
		for _, c := range because {
			moves[c.Term] += math.Abs(c.LogOdds) / float64(len(test))
		}
	}
	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(moves[b], moves[a]) })
	fmt.Fprintln(r.out, "\nThe most telling factors: how far each moves a declaration's log-odds on average; the others move nothing.")
	w := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', 0)
	for _, i := range order {
		if moves[i] >= 0.0005 {
			fmt.Fprintf(w, "  %.3f\t%s\n", moves[i], terms[i].Name)
		}
	}
	return w.Flush()
}

// values prints the strongest values that have been inspected often.
func (r fraudReport) values(m *risk.Model) {
	type line struct {
		of    []risk.Factor
		moved risk.Contribution
	}
	var lines []line
	for of, moved := range m.Cells() {
		if moved.Inspected >= 30 {
			lines = append(lines, line{of, moved})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(math.Abs(b.moved.LogOdds), math.Abs(a.moved.LogOdds)) })
	fmt.Fprintln(r.out, "\nThe most telling values of at least thirty inspected:")
	for _, l := range lines[:min(10, len(lines))] {
		english, _ := m.Explain(l.moved, l.of)
		fmt.Fprintf(r.out, "  %+.2f  %s\n", l.moved.LogOdds, english)
	}
}

// examples prints one declaration of the top, one where a tenth is inspected, and the last.
func (r fraudReport) examples(m *risk.Model, all ranked) {
	for _, at := range []int{0, len(all) / 10, len(all) - 1} {
		d := all[at]
		s := m.Score(d.Factors, nil)
		english, chinese := m.Sum(s, d.Factors, 2)
		outcome := "was not at fault"
		if d.AtFault {
			outcome = "was at fault"
		}
		fmt.Fprintf(r.out, "\ndeclaration %s, number %d of %d, %s\n  %s\n  %s\n", d.id, at+1, len(all), outcome, english, chinese)
		fmt.Fprintf(r.out, "  %+7.4f  of a declaration of which nothing is known\n", m.Base())
		r.because(m, s, d)
		fmt.Fprintf(r.out, "  %+7.4f  in all: %.1f %%\n", s.LogOdds, 100*s.P)
	}
}

// because prints what moved a score; what moved it little is added up.
func (r fraudReport) because(m *risk.Model, s risk.Score, d scored) {
	small, rest := 0, 0.0
	for _, c := range s.Because {
		if math.Abs(c.LogOdds) < 0.05 {
			small, rest = small+1, rest+c.LogOdds
			continue
		}
		english, _ := m.Explain(c, d.Factors)
		fmt.Fprintf(r.out, "  %+7.4f  %s\n", c.LogOdds, english)
	}
	if small > 0 {
		fmt.Fprintf(r.out, "  %+7.4f  %d small ones together\n", rest, small)
	}
}
