package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/api"
)

// doctorCmd looks at everything the service stands on.
type doctorCmd struct {
	JSON  bool `name:"json" help:"Print findings as JSON."`
	Ready bool `help:"Only ask the process that listens on --listen whether it is ready, for a container's health check."`
}

// Run examines, prints one line for each finding and how to mend it, and fails when a finding is a failure: the process then ends
// with 1, else (warnings too) with 0. It changes nothing, works while the service runs, and takes half a minute at the most.
func (c doctorCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	if c.Ready {
		return ready(ctx, cfg, to.out)
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	report := examine(ctx, cfg, to.err, time.Now)
	show := report.print
	if c.JSON {
		show = report.printJSON
	}
	if err := show(to.out); err != nil {
		return err
	}
	if report.Failed > 0 {
		return fmt.Errorf("doctor: %d of %d findings are failures", report.Failed, len(report.Findings))
	}
	return nil
}

// ready asks the process on this machine what a load balancer would.
func ready(ctx context.Context, cfg *Config, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	var health api.Health
	if err := newClient("http://"+net.JoinHostPort(host, port), "").call(ctx, http.MethodGet, "/readyz", nil, &health); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	fmt.Fprintln(out, health.Status)
	return nil
}

const (
	readyPatience  = 4 * time.Second
	doctorPatience = 30 * time.Second // with everything, the start of an embedded ground too
	sidePatience   = 15 * time.Second // with the database, and with the queue
)

// level is how bad a finding is.
type level string

const (
	fine   level = "ok"
	doubt  level = "warn" // it works, and somebody should look at it
	broken level = "fail" // it does not work, or loses something when the next thing breaks
)

// finding is what one check has found: a line, and how to mend it unless all is well.
type finding struct {
	Check  string `json:"check"`
	Level  level  `json:"status"`
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"`
}

// examination is all findings. A check that stands on another that failed is left out: its trouble is named already.
type examination struct {
	OK       bool      `json:"ok"`
	Failed   int       `json:"failed"`
	Warned   int       `json:"warned"`
	Findings []finding `json:"findings"`
}

func (e *examination) add(findings ...finding) {
	for _, f := range findings {
		switch f.Level {
		case broken:
			e.Failed++
		case doubt:
			e.Warned++
		case fine:
			f.Mend = ""
		}
		e.Findings = append(e.Findings, f)
	}
	e.OK = e.Failed == 0
}

func (e *examination) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, f := range e.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Level, f.Check, f.Detail)
		if f.Mend != "" {
			fmt.Fprintf(w, "\t\tmend: %s\n", f.Mend)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d findings: %d failures, %d warnings\n", len(e.Findings), e.Failed, e.Warned)
	return err
}

func (e *examination) printJSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(e)
}

// examine asks database, queue and data directory. Database and queue are asked at once, so that the silence of
// one does not take the other's time.
func examine(ctx context.Context, cfg *Config, logTo io.Writer, now func() time.Time) (report examination) {
	g, err := join(ctx, cfg, newLogger("error", logTo))
	if err != nil {
		report.add(finding{"ground", broken, oneLine(err), "start alataw serve on this directory, or set DATABASE_URL and KAFKA_BROKERS"})
		return report
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Grace)
		defer cancel()
		if err := g.close(stop); err != nil {
			report.add(finding{"ground", doubt, "what was started for this did not stop: " + oneLine(err), "look for postgres processes in the data directory"})
		}
	}()
	var database, queue []finding
	var asking sync.WaitGroup
	sideBySide, cancel := context.WithTimeout(ctx, sidePatience)
	defer cancel()
	asking.Go(func() { database = examineDatabase(sideBySide, cfg, g, now) })
	asking.Go(func() { queue = examineQueue(sideBySide, cfg, g) })
	asking.Wait()
	report.add(database...)
	report.add(queue...)
	report.add(examineFiles(cfg)...)
	return report
}

// oneLine is an error without its line breaks.
func oneLine(err error) string {
	words := []byte(err.Error())
	for i, b := range words {
		if b == '\n' || b == '\t' {
			words[i] = ' '
		}
	}
	return string(words)
}
