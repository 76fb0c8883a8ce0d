package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/load"
)

// loadCmd posts orders.
type loadCmd struct {
	Files   []string `arg:"" optional:"" help:"NDJSON files, plain, gzip or zstd; - is standard input."`
	URL     string   `env:"ALATAW_URL" help:"Address of the API; by default that of the service on this data directory."`
	Key     string   `env:"ALATAW_KEY" help:"A platform's key; by default the one in the data directory's keys.json." secret:"plain"`
	Rate    float64  `help:"Orders a second by the clock; 0 posts flat out."`
	Workers int      `default:"4" help:"Batches under way at once."`
	Batch   int      `help:"Orders in a batch; 0 is 500, or less for a low rate."`
	Stream  bool     `help:"Post NDJSON streams instead of JSON batches."`

	Generate int `help:"Post a day of so many innocent orders that the program makes itself, instead of files."`
	planting
}

// Run posts every order, waits until all accepted ones are decided, and prints what it took.
func (c loadCmd) Run(ctx context.Context, cfg *Config, to *console) (err error) {
	at, err := c.address(cfg)
	if err != nil {
		return err
	}
	at.Rate, at.Workers, at.Batch, at.Stream = c.Rate, c.Workers, c.Batch, c.Stream
	at.Follow, at.Progress = true, to.err
	source, closes, err := c.source(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closes()) }()
	planted, err := c.between(source)
	if err != nil {
		return err
	}
	if planted != nil {
		source, at.Told = planted, planted.Told
	}
	if err := reachable(ctx, at.URL); err != nil {
		return err
	}
	report, err := load.Run(ctx, at, source)
	if err != nil && report.Posted == 0 {
		return err
	}
	return errors.Join(err, report.Print(to.out), c.report(planted, to))
}

// source gives the orders to post, and what closes them.
func (c loadCmd) source(to *console) (load.Source, func() error, error) {
	if (c.Generate > 0) == (len(c.Files) > 0) {
		return nil, nil, errors.New("orders: name files, or give --generate, not both")
	}
	if c.Generate > 0 {
		return load.PlainSample(c.Seed, c.Generate), func() error { return nil }, nil
	}
	files, err := load.Files(to.in, c.Files...)
	if err != nil {
		return nil, nil, err
	}
	return files, files.Close, nil
}

// reachable asks once, before patience begins: nothing at the address is a mistake, not an outage.
func reachable(ctx context.Context, url string) error {
	if err := newClient(url, "").call(ctx, http.MethodGet, "/healthz", nil, nil); err != nil {
		return fmt.Errorf("no service answers at %s: %w", url, err)
	}
	return nil
}

// address finds the service and a platform's key: as told, or as the data directory says.
func (c loadCmd) address(cfg *Config) (load.Config, error) {
	at := load.Config{URL: c.URL, Key: c.Key}
	if at.URL == "" {
		at.URL = "http://" + cfg.Listen
		if running, ok := readWhereabouts(cfg.DataDir); ok && running.URL != "" {
			at.URL = running.URL
		}
	}
	if at.Key == "" {
		keys, err := readKeys(filepath.Join(cfg.DataDir, keysName))
		if err != nil {
			return at, err
		}
		if at.Key = keys[account.Platform]; at.Key == "" {
			return at, fmt.Errorf("no platform's key: give --key, or start the service on this data directory first")
		}
	}
	return at, nil
}
