//go:build apache && failpoints

package app

import (
	"context"
	"flag"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

var (
	tortureParcels  = flag.Int("parcels", 20_000, "orders to post")
	tortureDuration = flag.Duration("duration", 5*time.Minute, "over which they are posted and faults happen")
	tortureSeed     = flag.Uint64("seed", 0, "of the schedule; 0 draws one")
)

// The long form of 'make torture' on three brokers of Apache Kafka, of which one or all are killed.
func TestTortureOnThreeApacheBrokers(t *testing.T) {
	bin := filepath.Join(binaries, "alataw-torture")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-tags", "failpoints", "-o", bin, module[:len(module)-1]).CombinedOutput()
	require.NoError(t, err, "%s", out)
	brokers := &apacheBrokers{t: t, cluster: apachetest.Start(t, apachetest.Options{Brokers: 3})}
	said := &logged{}
	cmd := tortureCmd{
		Parcels: *tortureParcels, Duration: *tortureDuration, Seed: *tortureSeed, Platforms: 3, Outage: time.Minute, Drain: 5 * time.Minute,
		Program: bin, Brokers: brokers,
	}
	cfg := settings(t)
	cfg.Kafka.Brokers = nil
	cfg.Kafka.Replication, cfg.Kafka.MinInsync = 3, 2
	err = cmd.Run(t.Context(), cfg, &console{out: said, err: said})
	t.Log("\n" + said.String())
	require.NoError(t, err)
}

// apacheBrokers are brokers as the torture kills them, numbered from 0.
type apacheBrokers struct {
	t       *testing.T
	cluster *apachetest.Cluster
}

func (b *apacheBrokers) Brokers() []string { return b.cluster.Brokers() }
func (b *apacheBrokers) Killable() int     { return len(b.cluster.Brokers()) }
func (b *apacheBrokers) Up(n int) bool     { return slices.Contains(b.cluster.Alive(), n+1) }
func (b *apacheBrokers) PID(int) int       { return 0 }

func (b *apacheBrokers) Kill(_ context.Context, n int) error {
	b.cluster.Kill(b.t, n+1)
	return nil
}

func (b *apacheBrokers) Start(_ context.Context, all ...int) error {
	var ids []int
	for _, n := range all {
		ids = append(ids, n+1)
	}
	b.cluster.Restart(b.t, ids...)
	return nil
}
