// Package load is the load client behind `alataw load` and `make bench`, and the maker of the sample day they can post.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config tells where and how to post. The zero values of all but URL and Key are good defaults.
type Config struct {
	URL string // of the server, such as http://127.0.0.1:8080
	Key string // a platform's

	Rate    float64 // orders a second, by the clock; 0 posts flat out
	Workers int     // batches under way at once; 0 is 4
	Batch   int     // orders in a batch; 0 is 500, or less where a low Rate would make bursts of that; at most 1,000 unless Stream
	Stream  bool    // post NDJSON batches instead of JSON ones
	Single  bool    // post each order by itself, not in a batch
	Least   int     // orders in the smallest batch; above 0 batches are of all sizes from it to Batch, in equal measure

	Follow        bool          // read the receipts until every accepted parcel is decided
	DecideTimeout time.Duration // how long after the last answer to wait for that; 0 is 5 minutes
	Patience      time.Duration // how long one batch is posted again before the run ends; 0 is a minute

	Told func(order, kind string, categories []string) // called with each receipt that is read with Follow, by one goroutine; nil is not

	Progress  io.Writer         // where progress is drawn; nil draws none
	Transport http.RoundTripper // nil is one with a kept connection per worker
	Now       func() time.Time  // nil is the machine's clock
}

const (
	defaultWorkers       = 4
	defaultBatch         = 500
	mostInBatch          = 1000 // the contract's, for JSON batches
	defaultDecideTimeout = 5 * time.Minute
	defaultPatience      = time.Minute
)

// Validate gives all that is wrong with the configuration, joined.
func (c Config) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if at, err := url.Parse(c.URL); err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		wrong("url: %q is no http or https address", c.URL)
	}
	if c.Key == "" {
		wrong("key: a platform's key is needed")
	}
	if math.IsNaN(c.Rate) || c.Rate < 0 || c.Rate > 1e9 {
		wrong("rate: %v is no number of orders a second", c.Rate)
	}
	if c.Workers < 0 || c.Batch < 0 || c.Least < 0 {
		wrong("workers and batch: not below 0")
	}
	if c.Least > 0 && c.Least > c.Batch {
		wrong("batch: the smallest, of %d, is larger than the largest, of %d", c.Least, c.Batch)
	}
	if c.Single && c.Stream {
		wrong("stream: single orders are not streamed")
	}
	if c.Batch > mostInBatch && !c.Stream {
		wrong("batch: a JSON batch holds at most %d orders, not %d", mostInBatch, c.Batch)
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	c.Workers = or(c.Workers, defaultWorkers)
	c.Batch = or(c.Batch, batchFor(c.Rate))
	if c.Single {
		c.Batch, c.Least = 1, 0
	}
	c.DecideTimeout = or(c.DecideTimeout, defaultDecideTimeout)
	c.Patience = or(c.Patience, defaultPatience)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Transport == nil {
		c.Transport = newTransport(c.Workers)
	}
	return c
}

// batchFor is the batch for a rate: some twenty a second, so that a slow clock does not post in bursts.
func batchFor(rate float64) int {
	if rate == 0 {
		return defaultBatch
	}
	return int(min(max(1, rate/20), defaultBatch))
}

// or is value, or standard where none is given.
func or[T int | time.Duration](value, standard T) T {
	if value > 0 {
		return value
	}
	return standard
}

// ErrUndecided tells that parcels were accepted and not decided in time.
var ErrUndecided = errors.New("parcels are left undecided")

// Run posts every order of the source, and with Follow waits until every accepted parcel is decided.
//
// With a Rate the loop is open: batches fall due by the clock, and their latency counts from that moment, so a server that stalls
// does not hide the batches it kept waiting. Without one the loop is closed: a worker posts its next batch when the last is answered.
//
// The report tells what was achieved, also beside an error. A source that breaks off ends the posting; what it gave before is
// posted and followed, and its error returned. A batch the server does not take (429, 502, 503, 504, no connection) is posted again:
// order numbers make that safe. Any other 4xx or 5xx, as a *ProblemError, ends the run.
func Run(ctx context.Context, cfg Config, source Source) (Report, error) {
	if err := cfg.Validate(); err != nil {
		return Report{}, fmt.Errorf("load: %w", err)
	}
	r := newRun(cfg.withDefaults(), source)
	stop := r.draw(ctx)
	err := r.run(ctx)
	stop()
	if owned, ok := r.cfg.Transport.(*http.Transport); ok && cfg.Transport == nil {
		owned.CloseIdleConnections()
	}
	if err != nil {
		err = fmt.Errorf("load: %w", err)
	}
	return r.tally.report(r.ledger, r.cfg), err
}
