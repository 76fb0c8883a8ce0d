package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/publisher"
	"github.com/alataw/alataw/internal/watchlist"
)

// listsCmd administers watch lists.
type listsCmd struct {
	Import  listsImportCmd  `cmd:"" help:"Import a publisher's list, from files or addresses, and put it in force, in one step."`
	Show    listsShowCmd    `cmd:"" help:"Show the versions in force, and those before."`
	Refresh listsRefreshCmd `cmd:"" help:"Ask the publishers of LISTS_URLS for news now."`
}

type listsImportCmd struct {
	Source    string   `required:"" enum:"ofac_sdn,un,eu,uk_ofsi,us_csl,bis_dpl,custom" help:"Publisher: ofac_sdn, un, eu, uk_ofsi, us_csl, bis_dpl or custom."`
	Files     []string `arg:"" name:"file|url" help:"The publisher's files, plain or gzip, in any order, or their http or https addresses."`
	MaxShrink *int     `help:"Of a hundred parties or names of the list in force, how many may be gone (0 to 100; default LISTS_MAX_SHRINK)."`
	Force     bool     `help:"Take the list however much it has shrunk."`
}

// Run imports a list. One that is empty, cut, malformed or has shrunk is refused, and the list in force stays.
func (c listsImportCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	maxShrink := cfg.Lists.MaxShrink
	if c.MaxShrink != nil {
		maxShrink = *c.MaxShrink
	}
	switch {
	case maxShrink < 0 || maxShrink > 100:
		return fault.New(fault.Invalid, "max_shrink", "--max-shrink is from 0 to 100")
	case c.Force:
		maxShrink = 100
	}
	in, err := c.read(ctx, cfg)
	if err != nil {
		return err
	}
	in.By, in.MaxShrink = "lists import by "+cmp.Or(os.Getenv("USER"), "somebody"), maxShrink
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		imported, err := store.ReplaceList(ctx, in)
		if err != nil {
			if code, _ := fault.Describe(err); code == "list_shrunk" {
				return fmt.Errorf("%w; the list before stays in force; --force takes the new one all the same", err)
			}
			return err
		}
		lists, err := store.ListsInForce(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(lists, func(e watchlist.Edition) bool { return e.Source == in.Source })
		if !imported {
			fmt.Fprintf(to.out, "%s %s is in force already\n", in.Source, lists[at].Version)
			return nil
		}
		fmt.Fprintf(to.out, "%s %s: %d names in force within seconds\n", in.Source, lists[at].Version, len(in.Entries))
		return nil
	})
}

// read reads files or addresses, which do not mix.
func (c listsImportCmd) read(ctx context.Context, cfg *Config) (watchlist.Import, error) {
	if !slices.ContainsFunc(c.Files, publisher.IsURL) {
		return readList(c.Source, c.Files)
	}
	for _, file := range c.Files {
		if !publisher.IsURL(file) {
			return watchlist.Import{}, fault.New(fault.Invalid, "list_address", "%s is no address, and others are: a list comes from files or from addresses", file)
		}
	}
	fetched, err := publisher.NewClient(cfg.Lists.Timeout).Fetch(ctx, publisher.Source{Name: c.Source, URLs: c.Files}, nil)
	if err != nil {
		return watchlist.Import{}, err
	}
	in := watchlist.NewImport(fetched.Entries, fetched.Report, "", 0)
	in.Origins = fetched.Origins
	return in, nil
}

func readList(source string, paths []string) (watchlist.Import, error) {
	files := make([]watchlist.File, len(paths))
	for i, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return watchlist.Import{}, err
		}
		defer f.Close()
		files[i] = watchlist.File{Name: path, Reader: f}
	}
	entries, report, err := watchlist.Parse(source, files)
	if err != nil {
		return watchlist.Import{}, err
	}
	return watchlist.NewImport(entries, report, "", 100), nil
}

type listsShowCmd struct {
	All bool `help:"All versions before, not only the latest of each list."`
}

// Run prints a table of versions, those of a list together, the one in force first.
func (c listsShowCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		editions, err := store.Editions(ctx)
		if err != nil {
			return err
		}
		now := time.Now()
		w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "LIST\tVERSION\tSTATE\tPUBLISHED\tIMPORTED\tCHECKED\tPARTIES\tALIASES\tBY\tSHA-256")
		retired := map[string]int{}
		for _, e := range editions {
			state := "in force"
			if !e.InForce() {
				if retired[e.Source]++; retired[e.Source] > 1 && !c.All {
					continue
				}
				state = "until " + e.RetiredAt.UTC().Format(time.DateTime)
			}
			published := "-"
			if e.PublishedAt != nil {
				published = e.PublishedAt.UTC().Format(time.DateOnly)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s ago\t%d\t%d\t%s\t%s\n", e.Source, e.Version, state, published,
				e.ImportedAt.UTC().Format(time.DateTime), roughly(now.Sub(e.CheckedAt)), e.Parties, e.Aliases, cmp.Or(e.ImportedBy, "-"), cmp.Or(e.Hash, "-"))
		}
		return w.Flush()
	})
}

// roughly is an age as people say it.
func roughly(age time.Duration) string {
	switch {
	case age < time.Minute:
		return "moments"
	case age < time.Hour:
		return fmt.Sprintf("%d min", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%d h", int(age.Hours()))
	}
	return fmt.Sprintf("%d days", int(age.Hours()/24))
}

type listsRefreshCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Only these lists."`
}

// Run asks for news of every list that has an address; what goes wrong with one stops none of the others.
func (c listsRefreshCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		refresher, err := publisher.NewRefresher(cfg.Lists, store, time.Now, newLogger("error", to.err), func(string, publisher.Outcome) {})
		if err != nil {
			return err
		}
		lists, err := store.ListsInForce(ctx)
		if err != nil {
			return err
		}
		asked := 0
		var wrong []error
		for _, source := range refresher.Sources() {
			if len(c.Sources) > 0 && !slices.Contains(c.Sources, source.Name) {
				continue
			}
			asked++
			outcome, err := refresher.Refresh(ctx, source, publisher.EditionOf(lists, source.Name))
			fmt.Fprintf(to.out, "%s: %s\n", source.Name, outcome)
			wrong = append(wrong, err)
		}
		if asked == 0 {
			wrong = append(wrong, nobodyToAsk(c.Sources))
		}
		return errors.Join(wrong...)
	})
}

func nobodyToAsk(sources []string) error {
	if len(sources) > 0 {
		return fault.New(fault.Invalid, "no_lists", "LISTS_URLS has no address of %s", strings.Join(sources, ", "))
	}
	return fault.New(fault.Invalid, "no_lists", "LISTS_URLS is empty, so there is no publisher to ask; files and addresses are taken by alataw lists import")
}

const (
	listsLead  = "lists"
	listsRetry = 10 * time.Second
)

// refreshLists keeps the lists fresh: one process at a time does, the others stand by. Without addresses there is nothing to do.
func (h *house) refreshLists(ctx context.Context) error {
	refresher, err := publisher.NewRefresher(h.cfg.Lists, h.store, h.now, h.log, h.metrics.observeRefresh)
	if err != nil {
		return err
	}
	if len(refresher.Sources()) == 0 {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		if _, err := h.store.Lead(ctx, listsLead, refresher.Run); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "lists are not kept fresh, trying again", "error", err.Error())
		}
		wait(ctx, listsRetry)
	}
	return nil
}
