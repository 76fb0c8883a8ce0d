package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/bench"
	"github.com/alataw/alataw/internal/load"
)

// benchCmd measures the service, as a process of its own, beside baselines measured in the same run.
type benchCmd struct {
	Orders    []string      `arg:"" optional:"" help:"NDJSON files of orders, given again with new numbers when they run out; none takes generated ones."`
	Only      []string      `enum:"judging,journey,receipts,offered,single,intake,growth" help:"Parts to measure: judging, journey, receipts, offered, single, intake, growth; none takes all (growth needs --preload)."`
	Duration  time.Duration `default:"5m" help:"How long the journey is sustained; the other parts take a fraction of it."`
	Quick     bool          `help:"Measure everything in little more than a minute: a first look, no figures to quote."`
	Batch     int           `default:"500" help:"Orders in a batch."`
	Workers   int           `default:"4" help:"Batches under way at once."`
	Backlog   int64         `default:"20000" help:"Orders under way in the journey at the most: posting waits for what is behind."`
	Offered   float64       `default:"10000" help:"Orders a second by the clock in the part offered."`
	Preload   int64         `help:"Parcels stored before the journey is measured once more, in the part growth."`
	Broker    string        `default:"embedded" enum:"embedded,apache" help:"Queue of the journey: embedded, or apache, which is at KAFKA_BROKERS and fresh."`
	Tools     string        `env:"KAFKA_TOOLS" help:"Class path of Apache Kafka's tools: its own producer test is the baseline then."`
	BrokerPID int           `name:"broker-pid" help:"Process of the broker, where it runs on this machine, to count what it uses."`
	Sdn       []string      `type:"existingfile" help:"OFAC SDN files to screen against."`
	Lists     []string      `sep:"none" placeholder:"SOURCE=FILE,..." help:"A publisher's list to screen against, its files with commas between; may repeat."`
	JSON      string        `placeholder:"FILE" help:"Also write everything to a file, for programs."`
	Keep      bool          `help:"Keep the services' logs when all went well."`
}

// The parts of the bench, in the order they are measured.
const (
	partJudging  = "judging"
	partJourney  = "journey"
	partReceipts = "receipts"
	partOffered  = "offered"
	partSingle   = "single"
	partIntake   = "intake"
	partGrowth   = "growth"
)

// mostHeld is how many orders are held in memory to be posted; a real day of one port is 135,853.
const mostHeld = 150_000

// Run measures in one run, on one machine. The rates depend on the machine; the ratios say how good the service is on it.
func (c benchCmd) Run(ctx context.Context, cfg *Config, to *console) (err error) {
	if err := c.check(cfg); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "alataw-bench-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // passable for the database's user
		return err
	}
	r := &benchRun{cmd: c, cfg: cfg, to: to, dir: dir, report: bench.Report{Machine: bench.ThisMachine(time.Now())}}
	if err = r.measure(ctx); err != nil {
		err = fmt.Errorf("%w\nthe services' logs are in %s", err, dir)
	} else if !c.Keep {
		err = os.RemoveAll(dir)
	}
	return errors.Join(r.print(), err)
}

func (c benchCmd) check(cfg *Config) error {
	switch {
	case c.Broker == "apache" && len(cfg.Kafka.Brokers) == 0:
		return errors.New("--broker apache needs KAFKA_BROKERS")
	case slices.Contains(c.Only, partGrowth) && c.Preload <= 0:
		return errors.New("the part growth needs --preload")
	case slices.ContainsFunc(c.Lists, func(list string) bool { return !strings.Contains(list, "=") }):
		return errors.New("a list is SOURCE=FILE, with more files behind commas")
	case c.Duration < time.Second || c.Batch < 1 || c.Batch > 1000 || c.Workers < 1 || c.Backlog < int64(c.Batch) || c.Offered <= 0 || c.Preload < 0:
		return errors.New("a duration of a second, 1 to 1,000 orders in a batch, a worker, a backlog of a batch and a rate are needed at least")
	}
	return nil
}

// orders reads what is to be posted into memory, so that reading it costs the measured time nothing.
func (c benchCmd) orders(in io.Reader) (_ *load.Pool, err error) {
	if len(c.Orders) == 0 {
		return load.NewPool(load.Sample(1, mostHeld), mostHeld)
	}
	files, err := load.Files(in, c.Orders...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	return load.NewPool(files, mostHeld)
}

// benchRun is one run.
type benchRun struct {
	cmd    benchCmd
	cfg    *Config
	to     *console
	dir    string
	pool   *load.Pool
	report bench.Report
	empty  float64 // the journey's rate on an empty database, parcels a second
}

// wants tells whether a part is to be measured.
func (r *benchRun) wants(part string) bool {
	if part == partGrowth && r.cmd.Preload == 0 {
		return false
	}
	return len(r.cmd.Only) == 0 || slices.Contains(r.cmd.Only, part)
}

// measure measures every part that is wanted. A part that fails is told in the error; the others go on.
func (r *benchRun) measure(ctx context.Context) error {
	var errs []error
	if r.wants(partJudging) {
		errs = r.failed(errs, partJudging, r.judging(ctx))
	}
	for _, stand := range []struct {
		parts []string // all of them on one service
		roles []string
		load  int64 // parcels stored before
		do    func(context.Context, *stand) error
	}{
		{[]string{partJourney, partReceipts}, roles, 0, r.journeyAndReceipts},
		{[]string{partOffered, partSingle}, roles, 0, r.offeredAndSingle},
		{[]string{partIntake, partSingle}, []string{roleAPI}, 0, r.intakeAndSingle},
		{[]string{partGrowth}, roles, r.cmd.Preload, r.growth},
	} {
		if ctx.Err() != nil || !slices.ContainsFunc(stand.parts, r.wants) {
			continue
		}
		if err := r.load(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = r.failed(errs, strings.Join(stand.parts, " and "), r.onStand(ctx, stand.roles, stand.load, stand.do))
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// load reads the orders into memory before the first part that posts them.
func (r *benchRun) load() (err error) {
	if r.pool != nil {
		return nil
	}
	if r.pool, err = r.cmd.orders(r.to.in); err == nil {
		r.say("%d orders in memory; logs and data are in %s", r.pool.Len(), r.dir)
	}
	return err
}

// failed tells of a part that failed, and adds it to those that did.
func (r *benchRun) failed(errs []error, parts string, err error) []error {
	if err == nil {
		return errs
	}
	err = fmt.Errorf("%s: %w", parts, err)
	r.say("%v", err)
	return append(errs, err)
}

// sustained is how long the journey is measured.
func (r *benchRun) sustained() time.Duration {
	if r.cmd.Quick {
		return min(r.cmd.Duration, 12*time.Second)
	}
	return r.cmd.Duration
}

// brief is how long a figure of the other parts is measured.
func (r *benchRun) brief() time.Duration {
	if r.cmd.Quick {
		return min(r.cmd.Duration, 4*time.Second)
	}
	return min(r.cmd.Duration, 15*time.Second)
}

// say tells a person how far the run has come.
func (r *benchRun) say(format string, args ...any) {
	fmt.Fprintf(r.to.err, "bench: "+format+"\n", args...)
}

func (r *benchRun) add(figures ...bench.Figure) {
	r.report.Figures = append(r.report.Figures, figures...)
	for _, f := range figures {
		r.say("%s: %s %.4g %s", f.Part, f.Name, f.Value, f.Unit)
	}
}

func (r *benchRun) print() error {
	if err := r.report.Print(r.to.out); err != nil {
		return err
	}
	if r.cmd.JSON == "" {
		return nil
	}
	file, err := os.Create(r.cmd.JSON)
	if err != nil {
		return err
	}
	return errors.Join(r.report.JSON(file), file.Close())
}
