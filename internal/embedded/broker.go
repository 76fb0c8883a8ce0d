package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

// retentionInterval is how often the broker drops what a topic's retention settings no longer
// keep, in milliseconds. It looks only at topics whose settings name a retention.
const retentionInterval = "30000"

// BrokerConfig says where the broker keeps its data and how carefully.
type BrokerConfig struct {
	Dir  string       // the data directory; records go to kafka/ in it
	Port int          // on 127.0.0.1; 0 takes any free one
	Sync bool         // fsync before a record is acknowledged: survives a power cut too
	Log  *slog.Logger // warnings of the broker; nil drops them
}

// Broker is a single Kafka-protocol broker in this process, for evaluation on one machine: it is
// not replicated, listens on 127.0.0.1 only and asks nobody for a password. Its library calls
// itself a test broker, ignores errors of fsync, and does not notice a damaged segment.
type Broker struct {
	cluster *kfake.Cluster
	log     *brokerLog
	lock    *DirLock
	addr    string
	close   func() error

	refusals
}

// StartBroker starts the broker, loading what an earlier one left in the directory, also when that
// was killed. Topics are the client's to create, with a replication factor of 1. ErrInUse when
// another process runs a broker on the directory; a taken port is named in the error.
func StartBroker(cfg BrokerConfig) (*Broker, error) {
	if err := makeDir(cfg.Dir); err != nil {
		return nil, fmt.Errorf("start broker: %w", err)
	}
	// kfake has no lock of its own, and two on one directory would ruin it.
	lock, err := lockFile(filepath.Join(cfg.Dir, brokerLockName))
	if err != nil {
		return nil, fmt.Errorf("start broker: queue in %s: %w", cfg.Dir, err)
	}
	broker, err := openBroker(cfg, lock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start broker: %w", err), lock.Release())
	}
	return broker, nil
}

func openBroker(cfg BrokerConfig, lock *DirLock) (*Broker, error) {
	dir := filepath.Join(cfg.Dir, brokerName)
	if err := os.MkdirAll(dir, 0o700); err != nil { // orders name people: nobody else reads them
		return nil, err
	}
	log := &brokerLog{log: loggerOr(cfg.Log)}
	options := []kfake.Opt{
		kfake.Ports(cfg.Port), // one port, thus one broker; 0 is any free one
		kfake.DataDir(dir),
		kfake.WithLogger(log),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": retentionInterval}),
	}
	if cfg.Sync {
		options = append(options, kfake.SyncWrites())
	}
	cluster, err := kfake.NewCluster(options...)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d of 127.0.0.1 is taken by another program: %w", cfg.Port, err)
	}
	if err != nil {
		return nil, err
	}
	broker := &Broker{cluster: cluster, log: log, lock: lock, addr: cluster.ListenAddrs()[0]}
	broker.close = sync.OnceValue(broker.shutDown)
	return broker, nil
}

// Addr is the broker's host:port.
func (b *Broker) Addr() string {
	return b.addr
}

// Close writes the broker's state, ends its connections and frees the directory. The error tells
// what could not be written. Closing twice gives the same answer.
func (b *Broker) Close() error {
	return b.close()
}

func (b *Broker) shutDown() error {
	b.cluster.Close()
	if err := errors.Join(b.log.failure(), b.lock.Release()); err != nil {
		return fmt.Errorf("close broker: %w", err)
	}
	return nil
}

// brokerLog hands the broker's warnings on and keeps its last error, which kfake tells only its
// log.
type brokerLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	last error
}

// Logf implements kfake.Logger.
func (l *brokerLog) Logf(level kfake.LogLevel, format string, args ...any) {
	if level > kfake.LogLevelWarn {
		return
	}
	err := fmt.Errorf(format, args...)
	l.log.Warn("broker complains", "error", err)
	if level == kfake.LogLevelError {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.last = err
	}
}

func (l *brokerLog) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func loggerOr(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
