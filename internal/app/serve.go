package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/watchlist"
)

// serveCmd runs the service.
type serveCmd struct{}

// Run serves until ctx ends, then finishes what it began.
func (serveCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return serve(ctx, cfg, to.err, func(s *service) { s.greet(to.out) })
}

// service is a running house, as its callbacks see it.
type service struct {
	url  string
	keys demoKeys      // of the embedded database's accounts
	own  bool          // the ground is embedded
	took time.Duration // from the start until all roles run

	*house
}

// denyParty puts a name on the custom list and waits until the rules know it, for shows.
func (s *service) denyParty(ctx context.Context, name string) error {
	entries, report, err := watchlist.Parse(watchlist.Custom, []watchlist.File{{Name: "demo", Reader: strings.NewReader("name\n" + name + "\n")}})
	if err != nil {
		return err
	}
	before := s.rulesVersion()
	imported, err := s.store.ReplaceList(ctx, watchlist.NewImport(entries, report, "demo", 100))
	for err == nil && imported && s.rulesVersion() == before {
		wait(ctx, rulesEvery/10)
		err = ctx.Err()
	}
	return err
}

func (s *service) rulesVersion() string {
	if rules := s.rules.Load(); rules != nil {
		return rules.Version()
	}
	return ""
}

// serve runs the roles until ctx ends or one of them is lost: a process that has lost a role exits. ready is called once all run.
func serve(ctx context.Context, cfg *Config, logTo io.Writer, ready func(*service)) (err error) {
	if err := cfg.Validate(); err != nil {
		return err
	}
	relaxCollector()
	began := time.Now()
	log := newLogger(cfg.LogLevel, logTo)
	listeners, err := listen(cfg) // before anything is started: a taken port is told at once
	if err != nil {
		return err
	}
	defer listeners.close()
	g, err := prepare(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Grace)
		defer cancel()
		err = errors.Join(err, g.close(stop))
	}()
	h, err := build(ctx, cfg, g, log)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Grace)
		defer cancel()
		err = errors.Join(err, h.close(stop))
	}()
	if err := h.awaitGround(ctx, g); err != nil || ctx.Err() != nil {
		return err
	}
	s := &service{own: g.server != nil, url: listeners.url(cfg), house: h}
	if s.own {
		if s.keys, err = ensureKeys(ctx, h.store, cfg.DataDir); err != nil {
			return err
		}
	}
	if err := h.keyring.Load(ctx); err != nil {
		return err
	}
	if err := g.announce(s.url); err != nil {
		return err
	}
	s.took = time.Since(began)
	return h.run(ctx, g, listeners, func() { ready(s) })
}

// relaxCollector lets the heap grow to five times what is live before it is collected: what is live is a few megabytes, so the
// default would collect several times a second. It cost a tenth of the service's CPU. Above a bound the heap is collected more
// often instead of growing. GOGC and GOMEMLIMIT, when set, decide.
func relaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
}

// softMemory is what the process keeps to while it can, in bytes.
const softMemory = 210 << 20

// awaitGround waits for the database to answer and to have our schema, for the queue to have our topics, and loads the lists:
// nothing is screened without them.
func (h *house) awaitGround(ctx context.Context, g *ground) error {
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"database", func(ctx context.Context) error { return postgres.CheckSchema(ctx, g.database.URL) }},
		{"database", h.sizeBatches},
		{"queue", func(ctx context.Context) error { return h.queue.CreateTopics(ctx, topics()...) }},
		{"rules", h.loadRules},
	}
	for _, step := range steps {
		for {
			err := step.do(ctx)
			if err == nil || h.rulesBroken(ctx, err) {
				break
			}
			if ctx.Err() != nil {
				return nil //nolint:nilerr // told to stop while waiting: that is no failure
			}
			if fault.KindOf(err) != fault.Unavailable {
				return fmt.Errorf("%s: %w", step.what, err)
			}
			h.log.WarnContext(ctx, "waiting", "for", step.what, "error", err.Error())
			wait(ctx, time.Second)
		}
	}
	return nil
}

// rulesBroken tells whether a rule set that two people put in force cannot be compiled by this program, as after a change of the
// program. Then the service starts, so that they can put another in force; orders wait in the queue until they have.
func (h *house) rulesBroken(ctx context.Context, err error) bool {
	broken, ok := errors.AsType[*ruleset.BrokenError](err)
	if ok {
		h.log.ErrorContext(ctx, "rule set in force cannot be compiled by this program; orders wait until another is in force",
			"ruleset", broken.Set.ID.String(), "error", broken.Error())
	}
	return ok
}

// run runs the roles in one group. Stopping goes in order: the door closes and finishes its requests, the stages finish and
// commit their batches; then the caller closes queue and database.
func (h *house) run(ctx context.Context, g *ground, at *listeners, ready func()) error {
	group, ctx := errgroup.WithContext(ctx)
	closing := make(chan struct{})
	group.Go(func() error {
		defer close(closing)
		select {
		case <-ctx.Done():
			return nil
		case <-g.lost():
			return errors.New("the embedded database has ended by itself; see pg.log in the data directory")
		}
	})
	for _, part := range h.parts(at, closing) {
		group.Go(func() (err error) {
			labelled(ctx, part.name, func(ctx context.Context) { err = part.run(ctx) })
			if err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
			if ctx.Err() == nil {
				return fmt.Errorf("%s has ended by itself", part.name)
			}
			return nil
		})
	}
	h.log.InfoContext(ctx, servingLine, "roles", h.cfg.Roles, "address", at.api.Addr().String(), "admin", at.adminAddress(), "embedded", g.embedded)
	ready()
	err := group.Wait()
	h.log.InfoContext(ctx, "stopped")
	return err
}

// servingLine is logged once all roles run, with the addresses they are reached at.
const servingLine = "serving"

// stageLabel is the label that tells in a CPU profile whose work a sample is.
const stageLabel = "stage"

// labelled runs do with a name that CPU profiles tell; the goroutines it starts inherit it.
func labelled(ctx context.Context, stage string, do func(context.Context)) {
	pprof.Do(ctx, pprof.Labels(stageLabel, stage), do)
}

// part is something that runs until its context ends.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// parts are what this process's roles run.
func (h *house) parts(at *listeners, closing <-chan struct{}) []part {
	parts := []part{
		{"backlog watch", h.watchBacklog},
		{"state watch", h.watchState},
		{"keyring", h.keyring.Run},
		{"http", func(ctx context.Context) error { return h.serveHTTP(ctx, at.api, h.door(closing)) }}, //nolint:contextcheck // a request brings its own
	}
	if at.admin != nil {
		parts = append(parts, part{"admin", func(ctx context.Context) error { return serveAdmin(ctx, at.admin) }})
	}
	byRole := map[string][]part{
		roleAPI: {{"pulse", h.pulse.Run}},
		roleScreen: {
			{"rules", h.refreshRules},
			{"lists", h.refreshLists},
			{"profiles", h.learnProfiles},
			{"lanes", h.topUpLanes},
			{"screening", func(ctx context.Context) error { return h.queue.Run(ctx, h.screeningStage(), h.park) }},
			{"relay", h.relay},
			{"shadow", h.shadower.Run},
			{"backtests", ruleset.NewRunner(h.store, h.rules.Load, h.behind, h.now, h.log).Run},
			{"re-screening", h.rescreen},
		},
		roleBundle: {{"bundling", func(ctx context.Context) error { return h.queue.Run(ctx, h.bundlingStage(), h.park) }}},
		roleDispatch: {
			{"dispatch", func(ctx context.Context) error { return h.dispatcher.Run(ctx, dispatchEvery, h.log, h.dispatched) }},
			{"timetable", func(ctx context.Context) error { return h.keeper.Run(ctx, timetableEvery, h.log) }},
		},
	}
	for _, role := range h.cfg.Roles {
		parts = append(parts, byRole[role]...)
	}
	return parts
}

const (
	dispatchEvery  = time.Second
	timetableEvery = 10 * time.Minute
)

func (h *house) serveHTTP(ctx context.Context, listener net.Listener, door http.Handler) error {
	return serveUntil(ctx, newServer(door, h.log), listener, h.cfg.Grace)
}

// newServer is the HTTP server in front of the door.
func newServer(door http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: door, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// serveUntil serves until ctx ends, then lets requests finish for grace.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) { // what is still open has had its time
		err = server.Close()
	}
	<-done //nolint:errcheck // Shutdown has told what there is to tell
	return err
}

// listeners are the process's open ports.
type listeners struct{ api, admin net.Listener }

func listen(cfg *Config) (*listeners, error) {
	l := &listeners{}
	var err error
	if l.api, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, fmt.Errorf("the API cannot listen on %s: %w; choose another with --listen", cfg.Listen, err)
	}
	if cfg.AdminListen == "" {
		return l, nil
	}
	if l.admin, err = net.Listen("tcp", cfg.AdminListen); err != nil {
		l.close()
		return nil, fmt.Errorf("pprof cannot listen on %s: %w; choose another with --admin-listen", cfg.AdminListen, err)
	}
	return l, nil
}

// close closes ports that no server has taken over; closing twice does no harm.
func (l *listeners) close() {
	_ = l.api.Close()
	if l.admin != nil {
		_ = l.admin.Close()
	}
}

// adminAddress is where pprof is, "" when it is not served.
func (l *listeners) adminAddress() string {
	if l.admin == nil {
		return ""
	}
	return l.admin.Addr().String()
}

// url is how the API is reached from this machine.
func (l *listeners) url(cfg *Config) string {
	host, port, _ := net.SplitHostPort(l.api.Addr().String())
	if asked, _, _ := net.SplitHostPort(cfg.Listen); asked == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
