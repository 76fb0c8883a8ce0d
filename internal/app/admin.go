package app

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/postgres"
)

// withGround runs a command's work on the ground of the running service, or on our own for a moment.
func withGround(ctx context.Context, cfg *Config, to *console, work func(*ground, *postgres.Store) error) (err error) {
	log := newLogger("warn", to.err)
	g, err := join(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Grace)
		defer cancel()
		err = errors.Join(err, g.close(stop))
	}()
	store, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer store.Close()
	return work(g, store)
}

func withStore(ctx context.Context, cfg *Config, to *console, work func(*postgres.Store) error) error {
	return withGround(ctx, cfg, to, func(_ *ground, store *postgres.Store) error { return work(store) })
}

// migrateCmd brings the database to this program's schema.
type migrateCmd struct{}

// Run migrates, and says what it did. The embedded database migrates itself when it is started.
func (migrateCmd) Run(ctx context.Context, cfg *Config, to *console) (err error) {
	g, err := join(ctx, cfg, newLogger("info", to.err))
	if errors.Is(err, embedded.ErrInUse) {
		return err
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close(context.WithoutCancel(ctx))) }()
	applied, err := postgres.Migrate(ctx, g.database.URL)
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(to.out, "nothing to do: the database has this program's schema")
		return nil
	}
	fmt.Fprintln(to.out, "applied:", applied)
	return nil
}

// parkedCmd administers parked records.
type parkedCmd struct {
	List   parkedListCmd   `cmd:"" help:"List records that could not be handled, with the reason."`
	Replay parkedReplayCmd `cmd:"" help:"Put parked records back into their topic."`
}

type parkedListCmd struct {
	All bool `help:"Also those that were replayed."`
}

// Run prints a table of parked records, without their content: it names people.
func (c parkedListCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tTOPIC\tPARTITION\tOFFSET\tPARKED\tREPLAYED\tCODE\tREASON")
		err := eachParked(ctx, store, c.All, func(r postgres.Parked) error {
			replayed := "-"
			if r.ReplayedAt != nil {
				replayed = r.ReplayedAt.UTC().Format(time.RFC3339)
			}
			_, err := fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", r.ID, r.Topic, r.Partition, r.Offset,
				r.ParkedAt.UTC().Format(time.RFC3339), replayed, r.Code, r.Detail)
			return err
		})
		return errors.Join(err, w.Flush())
	})
}

// eachParked calls visit for every parked record, page by page.
func eachParked(ctx context.Context, store *postgres.Store, all bool, visit func(postgres.Parked) error) error {
	const page = 200
	for after := int64(0); ; {
		records, err := store.ParkedRecords(ctx, all, after, page)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := visit(r); err != nil {
				return err
			}
			after = r.ID
		}
		if len(records) < page {
			return nil
		}
	}
}

type parkedReplayCmd struct {
	IDs []int64 `arg:"" optional:"" name:"id" help:"Records to replay."`
	All bool    `help:"Replay every record that waits."`
}

// Run replays. A crash between putting a record back and marking it puts it back again, which changes nothing.
func (c parkedReplayCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	if c.All == (len(c.IDs) > 0) {
		return fault.New(fault.Invalid, "nothing_to_replay", "name the records to replay, or --all")
	}
	wanted := map[int64]bool{}
	for _, id := range c.IDs {
		wanted[id] = true
	}
	return withGround(ctx, cfg, to, func(g *ground, store *postgres.Store) error {
		queue, err := kafka.New(g.queue, newLogger("warn", to.err), newRegistry())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, queue.Close(context.WithoutCancel(ctx))) }()
		n := 0
		err = eachParked(ctx, store, false, func(r postgres.Parked) error {
			if !c.All && !wanted[r.ID] {
				return nil
			}
			n++
			delete(wanted, r.ID)
			if err := queue.Republish(ctx, r.Topic, r.Key, r.Value, r.Headers); err != nil {
				return err
			}
			return store.MarkReplayed(ctx, r.ID, time.Now().UTC())
		})
		fmt.Fprintf(to.out, "%d record(s) put back into their topics\n", n)
		for id := range wanted {
			err = errors.Join(err, fault.New(fault.NotFound, "not_parked", "no parked record %d waits", id))
		}
		return err
	})
}
