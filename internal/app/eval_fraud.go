package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/alataw/alataw/internal/risk"
)

// evalFraudCmd learns from declarations whose outcome is known and tries what it has learned on others.
type evalFraudCmd struct {
	Train string `required:"" placeholder:"CSV" help:"Declarations to learn from, the oldest."`
	Valid string `required:"" placeholder:"CSV" help:"Later ones to choose the settings by; they are learned from too, once that is done."`
	Test  string `required:"" placeholder:"CSV" help:"Still later ones to measure on; nothing else is done with them."`
}

// identicalGoods is the factor by which declarations of the very same goods are known: HS code, net mass and price.
const identicalGoods = "identical_goods"

// fraudPlan is what is looked at in an import declaration.
var fraudPlan = risk.Plan{
	{"hs2", "hs4", "hs6"}, {"hs2", "hs4", "price_per_kg"}, {"hs2", "price_per_kg"}, {"hs2", "net_mass"},
	{"price_per_kg"}, {"net_mass"}, {"price"},
	{"origin", "hs2"}, {"departure", "hs2"}, {"origin", "departure"}, {"tax_type", "tax_rate"}, {"tax_rate"},
	{"seller", "hs4"}, {"importer", "hs4"}, {"declarant", "hs4"}, {"importer", "seller"}, {"courier"}, {"office"},
	{"import_type"}, {"import_use"}, {"payment"}, {"transport"}, {"origin_mark"},
}

// Run prints what was learned, how good it is, and why some declarations score as they do.
func (c evalFraudCmd) Run(ctx context.Context, to *console) error {
	var parts [3][]declared
	for i, name := range []string{c.Train, c.Valid, c.Test} {
		var err error
		if parts[i], err = readDeclarations(ctx, name); err != nil {
			return err
		}
	}
	report := fraudReport{out: to.out}
	chosen, err := tune(ctx, parts[0], parts[1])
	if err != nil {
		return err
	}
	report.chosen(chosen)
	begun := time.Now()
	model, err := risk.Learn(samples(parts[0], parts[1]), chosen)
	if err != nil {
		return err
	}
	report.learned(model, time.Since(begun))
	return report.tried(model, parts)
}

// tune tries settings, one after the other, and keeps those under which the outcomes in valid are the likeliest: that is steadier than
// the precision among the few at the top. The settings are of the terms, so they are tried on goods that only terms can judge.
func tune(ctx context.Context, train, valid []declared) (risk.Options, error) {
	best, highest := risk.Options{Plan: fraudPlan, Repeat: []string{identicalGoods}}, math.Inf(-1)
	const day = 24 * time.Hour
	turns := [][]func(*risk.Options){
		{func(*risk.Options) {}},
		{func(o *risk.Options) { o.HalfLife = 90 * day }, func(o *risk.Options) { o.HalfLife = 360 * day }},
		{func(o *risk.Options) { o.Caution = 0.5 }, func(o *risk.Options) { o.Caution = 2 }},
		{func(o *risk.Options) { o.Ridge = 1 }, func(o *risk.Options) { o.Ridge = 100 }},
	}
	if unknown := fresh(valid, train); check("unknown goods", unknown) == nil {
		valid = unknown
	}
	for _, turn := range turns {
		from := best
		for _, change := range turn {
			tried := from
			change(&tried)
			if ctx.Err() != nil {
				return best, ctx.Err()
			}
			model, err := risk.Learn(samples(train), tried)
			if err != nil {
				return best, err
			}
			if got := likelihood(model, valid); got > highest {
				best, highest = tried, got
			}
		}
	}
	return best, nil
}

func samples(parts ...[]declared) iter.Seq[risk.Sample] {
	return func(yield func(risk.Sample) bool) {
		for _, part := range parts {
			for i := range part {
				if !yield(part[i].Sample) {
					return
				}
			}
		}
	}
}

// likelihood is the mean logarithm of what the model gave the outcomes that came.
func likelihood(model *risk.Model, part []declared) float64 {
	sum := 0.0
	for i := range part {
		p := model.Score(part[i].Factors, nil).P
		if !part[i].AtFault {
			p = 1 - p
		}
		sum += math.Log(max(p, 1e-9))
	}
	return sum / float64(len(part))
}

// fresh is the declarations of goods that the known ones do not have.
func fresh(part []declared, known ...[]declared) []declared {
	goods := map[string]bool{}
	for _, other := range known {
		for i := range other {
			goods[other[i].goods] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(part), func(d declared) bool { return goods[d.goods] })
}

// ranked is declarations by score, the highest first; of equals the one that stands first in the file.
type ranked []scored

type scored struct {
	*declared
	score float64 // log-odds
	p     float64
}

func rank(model *risk.Model, part []declared) ranked {
	r := make(ranked, len(part))
	var because []risk.Contribution
	for i := range part {
		s := model.Score(part[i].Factors, because)
		r[i], because = scored{&part[i], s.LogOdds, s.P}, s.Because
	}
	slices.SortStableFunc(r, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	return r
}

// first is the part of the declarations that would be inspected.
func (r ranked) first(percent int) ranked { return r[:len(r)*percent/100] }

func (r ranked) atFault() (n int) {
	for _, s := range r {
		if s.AtFault {
			n++
		}
	}
	return n
}

// precision is the share at fault; of none it is nought.
func (r ranked) precision() float64 { return float64(r.atFault()) / float64(max(len(r), 1)) }

// expected is the share at fault by the scores.
func (r ranked) expected() float64 {
	sum := 0.0
	for _, s := range r {
		sum += s.p
	}
	return sum / float64(max(len(r), 1))
}

// check refuses parts that nothing can be said of.
func check(name string, part []declared) error {
	if len(part) < 100 {
		return fmt.Errorf("%s: a hundred declarations are needed at least, it has %d", name, len(part))
	}
	if !slices.ContainsFunc(part, func(d declared) bool { return d.AtFault }) {
		return errors.New(name + ": not one declaration is at fault")
	}
	return nil
}
