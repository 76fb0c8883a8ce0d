package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// defaultPort names the socket of a server that takes no TCP connections.
const defaultPort = 5432

// PostgresConfig says where a PostgreSQL server keeps its data and with which programs it runs.
type PostgresConfig struct {
	Dir        string            // the data directory
	BinDir     string            // with postgres and initdb; "" looks for them (see FindPostgres)
	CacheDir   string            // for fetched programs; "" is the user's cache, for root one of the system
	Repository string            // base URL of the Maven repository to fetch from; "" is the public one
	Port       int               // on 127.0.0.1; 0 is no TCP at all
	Settings   map[string]string // of the server, over the defaults
	Log        *slog.Logger      // what was fetched and started; nil drops it

	binDirs []string // nil: the places where PostgreSQL is usually installed
	system  string   // "": systemHome
}

func (cfg PostgresConfig) port() int {
	if cfg.Port == 0 {
		return defaultPort
	}
	return cfg.Port
}

// Postgres is a running PostgreSQL server of our own.
//
// It is reached by a Unix socket in a directory that only the user it runs as (and root) can
// enter, and it asks for a password that is random and kept in a file only we can read. So another
// user of the machine neither gets to the socket nor past it; with Port set, not past the password.
type Postgres struct {
	site    site
	process *process
	port    int
	socket  string // directory
	secret  string
	logFrom int64 // where this run begins in the log
	owner   *DirLock

	stopping atomic.Bool // we asked it to end
}

// StartPostgres starts the server of cfg.Dir and returns when it takes connections. A new
// directory gets an empty database named Database. As root the server runs as user postgres, else
// nobody; when that user cannot reach the directory, the database is kept below /var/lib/alataw
// and pg.location in the directory names the place.
//
// It waits for a server of a killed program to stop, and for the recovery of its data, until ctx
// ends. Errors: ErrInUse when another process runs the database, ErrNoPostgres, ErrVersion. It
// never deletes a database.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	p, err := startPostgres(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return p, nil
}

func startPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err == nil {
		err = makeDir(dir)
	}
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir) // the database's user must pass the real parents
	}
	if err != nil {
		return nil, err
	}
	owner, err := lockFile(filepath.Join(dir, ownerLockName))
	if err != nil {
		return nil, fmt.Errorf("database in %s: %w", dir, err)
	}
	p := &Postgres{port: cfg.port(), owner: owner}
	if err := p.start(ctx, cfg, dir); err != nil {
		return nil, errors.Join(err, owner.Release())
	}
	return p, nil
}

// start takes the steps from a locked directory to a server that takes connections.
func (p *Postgres) start(ctx context.Context, cfg PostgresConfig, dir string) error {
	var err error
	if p.site, err = findSite(dir, cfg.systemHome()); err != nil {
		return err
	}
	held, err := claimServer(ctx, p.site.home)
	if err != nil {
		return err
	}
	defer held.Close() // the server has its own copy by then
	if err := checkPort(cfg.Port); err != nil {
		return err
	}
	programs, err := p.prepare(ctx, cfg, held)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.launch(ctx, cfg, programs, held); err != nil {
		return errors.Join(err, p.leaveSocket())
	}
	loggerOr(cfg.Log).InfoContext(ctx, "postgres started", "data", p.site.data(), "programs", programs.binDir,
		"version", programs.version, "user", p.site.user.name, "took", time.Since(began))
	return nil
}

// prepare brings the database into a state that the returned programs can serve.
func (p *Postgres) prepare(ctx context.Context, cfg PostgresConfig, held *os.File) (installation, error) {
	stray, err := p.site.setAsideStray()
	if err != nil {
		return installation{}, fmt.Errorf("set aside a stray database: %w", err)
	}
	if stray != "" {
		loggerOr(cfg.Log).WarnContext(ctx, "found a database whose data directory is gone, and set it aside", "kept_in", stray)
	}
	programs, err := cfg.choose(ctx, p.site)
	if err != nil {
		return installation{}, err
	}
	if !exists(p.site.data()) {
		if err := p.site.initialise(ctx, held, programs, cfg.Settings["fsync"] != "off"); err != nil {
			return installation{}, fmt.Errorf("initialise %s: %w", p.site.data(), err)
		}
	}
	if p.secret, err = p.site.password(); err != nil {
		return installation{}, err
	}
	return programs, clearStalePID(p.site.data())
}

// launch starts the server and waits until it is ready.
func (p *Postgres) launch(ctx context.Context, cfg PostgresConfig, programs installation, held *os.File) error {
	var err error
	if p.socket, err = p.site.socketDir(p.port); err != nil {
		return fmt.Errorf("socket directory: %w", err)
	}
	log, err := p.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	args := append([]string{"-D", p.site.data()},
		serverSettings(cfg, p.socket, p.site.walCompression(ctx, held, programs))...)
	// The server outlives ctx, which only bounds the start.
	command := p.site.command(context.WithoutCancel(ctx), held, programs.program("postgres"), args...)
	command.Stdout, command.Stderr = log, log
	if p.process, err = launch(command); err != nil {
		return err
	}
	return p.waitReady(ctx)
}

func (p *Postgres) waitReady(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if seen := readPostmaster(p.site.data()); seen.ready && seen.pid == p.process.command.Process.Pid {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.process.done:
			return p.Err()
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("wait until it takes connections: %w", ctx.Err()), p.process.stop(ctx))
		}
	}
}

// URL is the address of one of the server's databases, for pgx. It carries the password.
func (p *Postgres) URL(database string) string {
	address := url.URL{Scheme: "postgres", User: url.UserPassword(roleName, p.secret), Path: "/" + database}
	address.RawQuery = url.Values{
		"host": {p.socket}, "port": {strconv.Itoa(p.port)}, "sslmode": {"disable"},
	}.Encode()
	return address.String()
}

// PID is the process id of the server's first process, the parent of all others.
func (p *Postgres) PID() int { return p.process.command.Process.Pid }

// Stop ends the server and frees the directory: its sessions end, and what they committed is on
// disk. When that takes longer than ctx or 30 seconds it is ended at once, which is an error, but
// loses nothing either: the next start recovers. Stopping twice does nothing more.
func (p *Postgres) Stop(ctx context.Context) error {
	ended := p.Err()
	if !p.stopping.CompareAndSwap(false, true) {
		<-p.process.done
		return nil
	}
	err := p.process.stop(ctx)
	if ended != nil {
		err = ended // it was not we who stopped it
	}
	if err = errors.Join(err, p.leaveSocket(), p.owner.Release()); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}

// Done is closed when the server process has ended, for whatever reason. See Err.
func (p *Postgres) Done() <-chan struct{} {
	return p.process.done
}

// Err tells why the server ended by itself, with the end of its log; nil while it runs and when it
// was stopped.
func (p *Postgres) Err() error {
	select {
	case <-p.process.done:
	default:
		return nil
	}
	if p.stopping.Load() {
		return nil
	}
	ended := "it ended"
	if p.process.err != nil {
		ended = p.process.err.Error()
	}
	return fmt.Errorf("%s; the end of %s: %s", ended, p.logPath(), lastLines(p.logSince()))
}

// leaveSocket removes a socket directory that lies among others' temporary files.
func (p *Postgres) leaveSocket() error {
	if p.socket == "" || filepath.Dir(p.socket) == p.site.home {
		return nil
	}
	err := os.Remove(p.socket)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// checkPort finds out before the server does whether its port is taken, to say so plainly.
func checkPort(port int) error {
	if port == 0 {
		return nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d of 127.0.0.1 is taken by another program: %w", port, err)
	}
	return listener.Close()
}

func (cfg PostgresConfig) systemHome() string {
	if cfg.system != "" {
		return cfg.system
	}
	return systemHome
}
