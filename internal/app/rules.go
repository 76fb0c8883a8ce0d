package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// rulesCmd looks at rule sets. They are drafted and put in force over the API, where it is known who does so.
type rulesCmd struct {
	Check rulesCheckCmd `cmd:"" help:"Tell what is wrong with a rule set in a file."`
	Show  rulesShowCmd  `cmd:"" help:"Print the rule set in force, in YAML."`
	List  rulesListCmd  `cmd:"" help:"List the rule sets, the newest first."`
}

type rulesCheckCmd struct {
	File  string   `arg:"" help:"A rule set, YAML or JSON."`
	Named []string `placeholder:"FILE" help:"Files of named lists that the rules ask, each with name, kind and items."`
}

// errFlawed ends the command with status 1: the file has flaws, which are printed.
var errFlawed = errors.New("the rule set is not sound")

// Run prints a line for each flaw, "file: rule: part: line:column: message", or how many rules there are. It asks no database.
func (c rulesCheckCmd) Run(_ *Config, to *console) error {
	set, err := c.compile()
	flaws, ok := errors.AsType[screening.FlawsError](err)
	if err != nil && !ok {
		return err
	}
	for _, flaw := range flaws {
		fmt.Fprintf(to.out, "%s: %s\n", c.File, flaw)
	}
	if len(flaws) > 0 {
		return errFlawed
	}
	for _, warning := range set.Document().Warnings() {
		fmt.Fprintf(to.out, "%s: warning: %s\n", c.File, warning)
	}
	fmt.Fprintf(to.out, "%d rules, hash %s\n", len(set.Document().Rules), set.Hash())
	return nil
}

func (c rulesCheckCmd) compile() (*screening.Set, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	lists := make([]screening.NamedList, len(c.Named))
	for i, path := range c.Named {
		if lists[i], err = readNamedList(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	document, err := screening.ParseDocument(text)
	if err != nil {
		return nil, err
	}
	return screening.Compile(document, screening.NewNamedLists(lists))
}

func readNamedList(path string) (list screening.NamedList, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return list, err
	}
	if err := yaml.UnmarshalStrict(text, &list); err != nil {
		return list, err
	}
	if flaws := list.Flaws(); len(flaws) > 0 {
		return list, flaws
	}
	return list, nil
}

type rulesShowCmd struct {
	Builtin bool `help:"The built-in set, whatever is in force. Asks no database."`
}

// Run prints the set in force, which is the built-in one where no other is.
func (c rulesShowCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	if c.Builtin {
		_, err := to.out.Write(screening.BuiltinText())
		return err
	}
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		loaded, err := store.Rules(ctx)
		if err != nil {
			return err
		}
		active, ok := loaded.InForce(cfg.Office, screening.Export)
		if !ok {
			_, err := to.out.Write(screening.BuiltinText())
			return err
		}
		topUp, err := store.LaneTopUpInForce(ctx, active.Document.Hash())
		if err != nil {
			return err
		}
		return showRules(to.out, active, topUp)
	})
}

func showRules(out io.Writer, s ruleset.RuleSet, topUp postgres.LaneTopUp) error {
	text, err := yaml.Marshal(s.Document)
	if err != nil {
		return fmt.Errorf("rule set: %w", err)
	}
	fmt.Fprintf(out, "# rule set %d, %s, in force since %s by %s\n# hash %s\n", s.Number, s.ID, s.Changed.At.UTC().Format(time.RFC3339), s.Changed.By, s.Hash)
	if len(s.Document.Sampling.Expect) > 0 {
		fmt.Fprintf(out, "# topped up: %s, by %d parcels\n", topUpText(topUp.TopUp), topUp.Counted.Total())
	}
	_, err = out.Write(text)
	return err
}

type rulesListCmd struct {
	Status string `enum:"draft,shadow,active,retired," default:"" help:"Only those of this status: draft, shadow, active, retired."`
}

// Run prints a table.
func (c rulesListCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "NUMBER\tID\tSTATUS\tOFFICE\tDIRECTION\tNAME\tRULES\tPROPOSED\tCHANGED\tBY\tHASH")
		err := eachRuleSet(ctx, store, ruleset.Status(c.Status), func(s ruleset.RuleSet) {
			proposed := ""
			if s.Proposal != nil {
				proposed = s.Proposal.By.Name
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%.12s\n", s.Number, s.ID, s.Status, s.Document.Office, s.Document.Direction, s.Document.Name,
				len(s.Document.Rules), cmp.Or(proposed, "-"), s.Changed.At.UTC().Format(time.RFC3339), s.Changed.By, s.Hash)
		})
		return errors.Join(err, w.Flush())
	})
}

// eachRuleSet calls visit for every rule set of a status, page by page.
func eachRuleSet(ctx context.Context, store *postgres.Store, status ruleset.Status, visit func(ruleset.RuleSet)) error {
	const page = 100
	for before := 0; ; {
		sets, err := store.RuleSets(ctx, ruleset.Query{Status: status, Before: before, Limit: page})
		if err != nil {
			return err
		}
		for _, s := range sets {
			visit(s)
			before = s.Number
		}
		if len(sets) < page {
			return nil
		}
	}
}

// rulesInForce tells whether this program can judge by what is in force, and by what runs in the shadow: a newer program may not have what
// a formula says.
func rulesInForce(ctx context.Context, store *postgres.Store, office string) finding {
	const check = "rules"
	loaded, err := store.Rules(ctx)
	if err != nil {
		return unanswered(check, err)
	}
	sets, err := loaded.Compile(office, screening.Export)
	switch {
	case sets.Active == nil:
		return finding{check, broken, fmt.Sprintf("what is in force cannot be compiled by this program, so a process that starts judges nothing: %v", err),
			"start the program before it again, put a mended set in force, or POST /v1/rulesets/{id}/retire, which puts the built-in one in force (docs/runbook.md)"}
	case err != nil:
		return finding{check, doubt, fmt.Sprintf("what runs in the shadow cannot be compiled by this program: %v", err), "retire it, and draft it anew"}
	}
	d := sets.Active.Document()
	return finding{check, fine, fmt.Sprintf("%s of office %s, %d rules", d.Name, d.Office, len(d.Rules)), ""}
}
