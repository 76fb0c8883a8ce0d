package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/load"
)

// demoCmd shows the journey.
type demoCmd struct {
	Orders int    `default:"20000" help:"Orders of the sample day."`
	Seed   uint64 `default:"0" help:"Of the sample day; 0 takes another each time, so that a second demo posts new orders."`
}

// Run serves embedded, loads a sample day, and shows what became of it.
func (c demoCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	own := *cfg
	if l, err := listen(cfg); err != nil {
		own.Listen = "127.0.0.1:0"
		fmt.Fprintf(to.out, "%v; this demo takes another\n", err)
	} else {
		l.close()
	}
	logs, err := demoLog(cfg)
	if err != nil {
		return err
	}
	defer logs.Close()
	fmt.Fprintf(to.out, "Starting an embedded queue and database in %s (log: %s) …\n", cfg.DataDir, logs.Name())
	return withService(ctx, &own, logs, func(ctx context.Context, s *service) error {
		d := &demo{serves: cfg.Listen, orders: c.Orders, seed: c.Seed, service: s, to: to, started: time.Now()}
		if d.seed == 0 {
			d.seed = uint64(d.started.UnixMilli())
		}
		return d.show(ctx)
	})
}

func demoLog(cfg *Config) (*os.File, error) {
	if err := os.MkdirAll(cfg.DataDir, 0o711); err != nil { // passable for the database's user, as embedded makes it
		return nil, err
	}
	return os.OpenFile(filepath.Join(cfg.DataDir, "demo.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}

// withService runs work beside a service of its own, which is stopped when work is done.
func withService(ctx context.Context, cfg *Config, logs io.Writer, work func(context.Context, *service) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	worked := make(chan error, 1)
	err := serve(ctx, cfg, logs, func(s *service) {
		go func() {
			defer stop()
			worked <- work(ctx, s)
		}()
	})
	select {
	case e := <-worked:
		return errors.Join(e, err)
	default: // the service never became ready
		return err
	}
}

// demo is one showing.
type demo struct {
	serves  string // where 'make run' will
	orders  int
	seed    uint64
	service *service
	to      *console
	started time.Time
	steps   []demoStep
	report  load.Report
	officer *client
	carrier *client
	held    map[string]int
	units   []demoUnit
}

type demoStep struct {
	what string
	took time.Duration
}

// demoUnit is what the demo reads of a consignment.
type demoUnit struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Route  string `json:"route"`
	Status string `json:"status"`
	Unit   struct {
		Type   string `json:"type"`
		Number string `json:"number"`
		Seal   string `json:"seal"`
	} `json:"unit"`
	Parcels   int   `json:"parcel_count"`
	Weight    int64 `json:"gross_weight_g"`
	Fill      struct{ Weight, Volume float64 }
	Departure struct {
		ID     string `json:"id"`
		Number string `json:"number"`
		Mode   string `json:"mode"`
	} `json:"departure"`
}

func (d *demo) show(ctx context.Context) error {
	d.officer = newClient(d.service.url, d.service.keys[account.Officer])
	d.carrier = newClient(d.service.url, d.service.keys[account.Carrier])
	d.step("start queue, database and service", d.service.took)
	for _, act := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"plan an extra train or truck for each route", d.plan},
		{"post, screen and decide every order", d.post},
		{"bundle what is cleared and routed", d.bundled},
		{"an officer clears one held parcel, and it is loaded", d.review},
		{"carriers seal, dispatch releases (7×24)", d.release},
	} {
		began := time.Now()
		if err := act.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", act.what, err)
		}
		d.step(act.what, time.Since(began))
	}
	return d.print(ctx)
}

func (d *demo) step(what string, took time.Duration) { d.steps = append(d.steps, demoStep{what, took}) }

// plan adds departures that this showing loads, and puts the sample's denied party on a list.
func (d *demo) plan(ctx context.Context) error {
	if err := d.service.denyParty(ctx, load.SampleDeniedName); err != nil {
		return err
	}
	admin := newClient(d.service.url, d.service.keys[account.Admin])
	var routes page[struct {
		Code  string `json:"code"`
		Slots int    `json:"slots"`
	}]
	if err := admin.call(ctx, http.MethodGet, "/v1/routes", nil, &routes); err != nil {
		return err
	}
	cutoff := d.started.Add(3 * time.Minute).UTC()
	for _, r := range routes.Data {
		err := admin.call(ctx, http.MethodPost, "/v1/departures", map[string]any{
			"route": r.Code, "number": "DEMO-" + d.started.UTC().Format("20060102-150405"), "slots": r.Slots,
			"cutoff_at": cutoff.Format(time.RFC3339), "departs_at": cutoff.Add(time.Minute).Format(time.RFC3339),
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) post(ctx context.Context) (err error) {
	d.report, err = load.Run(ctx, load.Config{
		URL: d.service.url, Key: d.service.keys[account.Platform], Follow: true, Progress: d.to.err,
	}, load.Sample(d.seed, d.orders))
	return err
}

// bundled waits until every cleared parcel is in a unit or told that no route takes it.
func (d *demo) bundled(ctx context.Context) error { return d.settled(ctx, d.report.Kinds["cleared"]) }

// settled waits until so many parcels are in a unit or told that no route takes them.
func (d *demo) settled(ctx context.Context, cleared int64) error {
	return d.until(ctx, func() (bool, error) {
		n, unrouted := int64(0), int64(0)
		platform := newClient(d.service.url, d.service.keys[account.Platform])
		err := walk(ctx, platform, "/v1/receipts?", func(r struct{ Kind string }) {
			switch r.Kind {
			case "unrouted":
				unrouted++
				n++
			case "bundled":
				n++
			}
		})
		d.report.Kinds["unrouted"] = unrouted
		return n >= cleared, err
	})
}

// review shows an officer at work: the most urgent case, and its release.
func (d *demo) review(ctx context.Context) error {
	d.held = map[string]int{}
	err := walk(ctx, d.officer, "/v1/reviews?", func(c struct {
		Reasons []struct{ Category string } `json:"reasons"`
	}) {
		d.held[c.Reasons[0].Category]++
	})
	if err != nil || len(d.held) == 0 {
		return err
	}
	var cases page[struct{ ID string }]
	if err := d.officer.call(ctx, http.MethodGet, "/v1/reviews?category=random&limit=1", nil, &cases); err != nil || len(cases.Data) == 0 {
		return err
	}
	err = d.officer.call(ctx, http.MethodPost, "/v1/reviews/"+cases.Data[0].ID+"/decision",
		map[string]string{"action": "release", "reason": "documents checked at the demo"}, nil)
	if err != nil {
		return err
	}
	return d.settled(ctx, d.report.Kinds["cleared"]+1)
}

// release has the carriers seal their units, and waits until dispatch has released every one of them. A unit that is opened
// meanwhile, for the parcel the officer cleared, is sealed too.
func (d *demo) release(ctx context.Context) error {
	return d.until(ctx, func() (bool, error) {
		if err := d.readUnits(ctx); err != nil {
			return false, err
		}
		for _, u := range d.units {
			if u.Status != "open" {
				continue
			}
			scan := map[string]string{"id": "demo-seal-" + u.ID, "type": "sealed", "classifier": "actual", "occurred_at": time.Now().UTC().Format(time.RFC3339)}
			if err := d.carrier.call(ctx, http.MethodPost, "/v1/consignments/"+u.ID+"/events", scan, nil); err != nil {
				return false, err
			}
		}
		return !slices.ContainsFunc(d.units, func(u demoUnit) bool { return u.Status == "open" || u.Status == "sealed" }), nil
	})
}

// readUnits reads the units of this showing's departures.
func (d *demo) readUnits(ctx context.Context) error {
	units := map[string]demoUnit{}
	err := walk(ctx, d.carrier, "/v1/consignments?", func(u demoUnit) {
		if strings.HasPrefix(u.Departure.Number, "DEMO-"+d.started.UTC().Format("20060102-150405")) {
			units[u.ID] = u
		}
	})
	d.units = slices.SortedFunc(maps.Values(units), func(a, b demoUnit) int { return strings.Compare(a.Number, b.Number) })
	return err
}

// until asks again and again, for two minutes at the most.
func (d *demo) until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		wait(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (d *demo) print(_ context.Context) error {
	out := d.to.out
	r := &d.report
	fmt.Fprintf(out, "\nFrom order to released train\n\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "orders posted\t%d\t\n", r.Posted)
	fmt.Fprintf(w, "  accepted\t%d\t%.0f a second\n", r.Accepted, r.Rate)
	fmt.Fprintf(w, "  refused at the door\t%d\t%s\n", r.Refused, counts(r.RefusedBy))
	fmt.Fprintf(w, "screened\t%d\t\n", r.Kinds["cleared"]+r.Kinds["held"])
	fmt.Fprintf(w, "  cleared\t%d\t\n", r.Kinds["cleared"])
	fmt.Fprintf(w, "  held for officers\t%d\ton the desk, by first reason: %s\n", r.Kinds["held"], counts(d.held))
	fmt.Fprintf(w, "  no route serves\t%d\t\n", r.Kinds["unrouted"])
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	fmt.Fprintln(w, "UNIT\tDEPARTURE\tTYPE\tNUMBER\tSEAL\tPARCELS\tKG\tFILL (VOLUME)\tSTATUS")
	for _, u := range d.units {
		fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s\t%d\t%d\t%.0f %%\t%s\n", u.Number, u.Departure.Mode, u.Departure.Number, u.Unit.Type, u.Unit.Number,
			u.Unit.Seal, u.Parcels, u.Weight/1000, 100*u.Fill.Volume, u.Status)
	}
	fmt.Fprintln(w)
	for _, s := range d.steps {
		fmt.Fprintf(w, "%6.2f s\t%s\n", s.took.Seconds(), s.what)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nTry it yourself: 'make run' serves what this has left in %s; then\n", d.service.cfg.DataDir)
	for _, line := range curls("http://"+d.serves, d.service.cfg.DataDir) {
		fmt.Fprintf(out, "\n%s\n", line)
	}
	return nil
}

// counts prints a tally, the most frequent first.
func counts[N int | int64](tally map[string]N) string {
	keys := slices.SortedFunc(maps.Keys(tally), func(a, b string) int { return int(tally[b] - tally[a]) })
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%s %d", k, tally[k])
	}
	return strings.Join(parts, ", ")
}
