package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// explainCmd says why a parcel got its verdict, and judges it again by what was kept then.
type explainCmd struct {
	Parcel string `arg:"" help:"The parcel's ID, pcl_…"`
	JSON   bool   `name:"json" help:"For programs: the evidence and the second verdict as JSON."`
}

// errOtherVerdict ends the command with status 1: what was kept does not explain the verdict.
var errOtherVerdict = errors.New("judged again, the parcel gets another verdict than is stored")

// explanation is what the command says.
type explanation struct {
	Parcel   string           `json:"parcel"`
	Judged   time.Time        `json:"judged_at"`
	Received time.Time        `json:"received_at"`
	Rules    string           `json:"rules"`
	Lane     parcel.Lane      `json:"lane"`
	Reasons  []parcel.Reason  `json:"reasons"`
	Past     screening.Past   `json:"sent_before"`
	Basis    screening.Record `json:"basis"`
	Rate     usedRate         `json:"rate"`
	Again    []parcel.Reason  `json:"reasons_again"`
	Same     bool             `json:"same"`

	OtherTables bool `json:"other_tables"` // this program knows other things of goods, names or currencies than the one that judged
}

// Run explains a parcel. It fails with errOtherVerdict when the second verdict is another.
func (c explainCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	id, err := parcel.ParseID(c.Parcel)
	if err != nil {
		return err
	}
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		e, err := explain(ctx, store, cfg.Screening.SampleKey, id)
		if err != nil {
			return err
		}
		if c.JSON {
			encoder := json.NewEncoder(to.out)
			encoder.SetIndent("", "  ")
			err = encoder.Encode(e)
		} else {
			err = e.print(to.out)
		}
		if err == nil && !e.Same {
			return errOtherVerdict
		}
		return err
	})
}

// explain judges a parcel again by the rules, lists and counts that were kept with its verdict.
func explain(ctx context.Context, store *postgres.Store, sampleKey string, id parcel.ID) (explanation, error) {
	e, judged, err := store.Evidence(ctx, id)
	if err != nil {
		return explanation{}, err
	}
	lists, err := store.ListsOf(ctx, e.Basis.Lists)
	if err != nil {
		return explanation{}, err
	}
	trusted, err := store.TrustedOf(ctx, e.Basis.Trusted)
	if err != nil {
		return explanation{}, err
	}
	profiles, err := profilesOf(ctx, store, e.Basis.Learned)
	if err != nil {
		return explanation{}, err
	}
	table, err := store.RatesOf(ctx, e.Basis.Rates)
	if err != nil {
		return explanation{}, err
	}
	rules, err := e.Basis.Rules(sampleKey, screening.Basis{Lists: watchlist.NewIndex(lists), Trusted: trusted, Profiles: profiles, Rates: table})
	if err != nil {
		return explanation{}, err
	}
	again := e.Again(rules)
	return explanation{
		Parcel: id.String(), Judged: judged, Received: e.Declared.ReceivedAt, Rules: e.Rules, Lane: e.Lane, Reasons: e.Reasons, Past: e.Past,
		Basis: e.Basis, Again: again.Reasons, Rate: rateUsed(&e.Declared, table), Same: same(&e, &again), OtherTables: !e.Basis.SameTables(),
	}, nil
}

// same tells whether the second verdict is the one that is stored. By other tables the version is another, whatever they say.
func same(e *screening.Evidence, again *screening.Verdict) bool {
	reasons := slices.Clone(again.Reasons)
	if !e.Basis.SameTables() {
		for i := range reasons {
			reasons[i].Version = e.Rules
		}
	} else if again.Version != e.Rules {
		return false
	}
	return again.Lane == e.Lane && slices.EqualFunc(reasons, e.Reasons, sameReason)
}

// sameReason compares what was stored with what is found: through JSON, as it was stored.
func sameReason(a, b parcel.Reason) bool {
	one, errOne := json.Marshal(a)
	two, errTwo := json.Marshal(b)
	return errOne == nil && errTwo == nil && string(one) == string(two)
}

func (e *explanation) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "parcel\t%s\n", e.Parcel)
	fmt.Fprintf(w, "received\t%s\n", e.Received.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(w, "judged\t%s\n", e.Judged.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(w, "lane\t%s\n", e.Lane)
	fmt.Fprintf(w, "rules\t%s\n", e.Rules)
	fmt.Fprintf(w, "program\t%s\n", cmp.Or(e.Basis.Program, "unknown"))
	if e.OtherTables {
		fmt.Fprintf(w, "tables\tthey have changed since: what follows is judged by this program's, %s judged by its own\n", cmp.Or(e.Basis.Program, "that one"))
	}
	fmt.Fprintf(w, "rule set\t%s, SHA-256 %s\n", e.Basis.Set.Name, e.Basis.SetHash)
	fmt.Fprintf(w, "lists\t%s\n", orNone(e.Basis.Lists))
	fmt.Fprintf(w, "trusted pairs\t%s\n", orNone(e.Basis.Trusted))
	fmt.Fprintf(w, "profiles\tprices %.12s, risk %.12s\n", orNone(e.Basis.Learned.Prices), orNone(e.Basis.Learned.Risk))
	fmt.Fprintf(w, "topped up\t%s\n", topUpText(e.Basis.TopUp))
	fmt.Fprintf(w, "rates\t%s; %s\n", cmp.Or(e.Basis.Rates, "the program's own"), e.Rate)
	fmt.Fprintf(w, "sent before\tto the consignee %d parcels worth %s, to the address %d worth %s\n",
		e.Past.Parcels, yuan(e.Past.Fen), e.Past.ThereParcels, yuan(e.Past.ThereFen))
	for _, r := range e.Reasons {
		fmt.Fprintf(w, "%s\t%s, score %.2f%s\n\t%s\n\t%s\n", r.Rule, r.Lane, r.Score, evidence(r), r.Explanation, r.ExplanationZH)
	}
	if len(e.Reasons) == 0 {
		fmt.Fprintln(w, "reasons\tnone: no rule had anything to say")
	}
	if e.Same {
		fmt.Fprintln(w, "judged again\tthe same")
	} else {
		fmt.Fprintf(w, "judged again\tanother verdict: %d reasons instead of %d\n", len(e.Again), len(e.Reasons))
		for _, r := range e.Again {
			fmt.Fprintf(w, "\t%s %s: %s\n", r.Rule, r.Lane, r.Explanation)
		}
	}
	return w.Flush()
}

// evidence names the field and the value of a reason that has them: a draw is of no field, a number used again may have no value.
func evidence(r parcel.Reason) string {
	switch {
	case r.Value == "" && r.Field == "":
		return ""
	case r.Value == "":
		return ", " + r.Field
	case r.Field == "":
		return fmt.Sprintf(", %q", r.Value)
	}
	return fmt.Sprintf(", %s %q", r.Field, r.Value)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d CNY", fen/100, fen%100) }
