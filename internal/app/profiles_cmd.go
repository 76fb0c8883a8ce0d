package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/risk"
	"github.com/alataw/alataw/internal/screening"
)

// profilesCmd administers what is learned.
type profilesCmd struct {
	Learn profilesLearnCmd `cmd:"" help:"Learn prices and risk now, and put what was learned in force."`
	Show  profilesShowCmd  `cmd:"" help:"Show the profiles in force, and what they say."`
}

type profilesLearnCmd struct{}

// Run learns, as fast as it can.
func (profilesLearnCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		l := &learner{store: store, now: time.Now, pause: func(context.Context, time.Duration) {}}
		report, err := l.learn(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(to.out, "prices  %s\nrisk    %s\n", report.prices, report.risk)
		return nil
	})
}

type profilesShowCmd struct {
	Cells int `default:"10" help:"How many values of the risk profile to show, those that move a score the furthest."`
}

// Run prints where the profiles in force are from, and some of what they say.
func (c profilesShowCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "KIND\tVERSION\tLEARNED\tFROM\tTO\tSAMPLES\tBYTES")
		for _, kind := range []string{postgres.PricesProfile, postgres.RiskProfile} {
			p, err := store.ProfileInForce(ctx, kind)
			if err != nil {
				return err
			}
			if p == nil {
				fmt.Fprintf(w, "%s\tnone\t-\t-\t-\t-\t-\n", kind)
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", kind, p.Version, p.LearnedAt.UTC().Format(time.DateTime),
				p.FromAt.UTC().Format(time.DateOnly), p.ToAt.UTC().Format(time.DateOnly), p.Samples, len(p.Data))
		}
		profiles, err := profilesInForce(ctx, store)
		if err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		return c.print(to.out, profiles)
	})
}

func (c profilesShowCmd) print(out io.Writer, p screening.Profiles) error {
	if p.Prices != nil {
		fmt.Fprintf(out, "\nprices: %d profiles of headings, chapters and destinations\n", p.Prices.Profiles())
	}
	if p.Risk == nil {
		return nil
	}
	inspected, atFault := p.Risk.Outcomes()
	fmt.Fprintf(out, "\nrisk: %d inspected, %d at fault\n", inspected, atFault)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "LOG-ODDS\tINSPECTED\tAT FAULT\tWHAT")
	for _, cell := range farthest(p.Risk, c.Cells) {
		fmt.Fprintf(w, "%+.2f\t%d\t%d\t%s\n", cell.LogOdds, cell.Inspected, cell.AtFault, cell.what)
	}
	return w.Flush()
}

// riskCell is one value of a model, in words.
type riskCell struct {
	risk.Contribution
	what string
}

// farthest gives the values that move a score the furthest.
func farthest(m *risk.Model, most int) (cells []riskCell) {
	for path, c := range m.Cells() {
		words := make([]string, len(path))
		for i, factor := range path {
			words[i] = factor.Name + " " + factor.Value
		}
		cells = append(cells, riskCell{c, strings.Join(words, ", ")})
	}
	slices.SortStableFunc(cells, func(a, b riskCell) int { return cmp.Compare(max(b.LogOdds, -b.LogOdds), max(a.LogOdds, -a.LogOdds)) })
	return cells[:min(max(most, 0), len(cells))]
}
