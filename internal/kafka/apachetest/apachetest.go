// Package apachetest gives a test a cluster of Apache Kafka itself: real brokers, in Java, on this machine.
package apachetest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every step: a fetch, a start, a stop.
const patience = 3 * time.Minute

// Options say what cluster to start. The zero value is one broker without passwords.
type Options struct {
	// Brokers is 1 or 3; 0 is 1. Three keep every record three times and acknowledge it from two on.
	Brokers int
	// Users, by name with their passwords (no quotes or commas in them), may come in by Cluster.Secure, with SASL PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.
	Users map[string]string
	// Properties are a broker's settings by Kafka's names, over ours.
	Properties map[string]string
}

// Start starts a cluster and waits until every broker answers and knows the others. It is stopped and forgotten when the
// test ends; the brokers' last words are in the test's log when it failed.
//
// Java 17 or later must be installed. The first call on a machine fetches Kafka's jars, about 45 MB, from Maven Central or
// the repository of the same layout that MAVEN_REPOSITORY names, into the user's cache directory.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := start(ctx, o)
	require.NoError(t, err, "tests need Apache Kafka")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.lastWords())
		}
		require.NoError(t, c.close())
	})
	return c
}

// shared is the one broker for all tests of a program that need no more: starting one takes seconds.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Shared gives the address of one broker without passwords, the same for all tests of this program; each must use topics and
// groups of its own. The first call starts it, and CloseShared stops it: call that when the tests have run.
func Shared() (string, error) {
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		shared.cluster, shared.err = start(ctx, Options{})
	})
	if shared.err != nil {
		return "", shared.err
	}
	return shared.cluster.Brokers()[0], nil
}

// CloseShared stops the broker of Shared, if there is one.
func CloseShared() error {
	if shared.cluster == nil {
		return nil
	}
	return shared.cluster.close()
}

// Cluster is some brokers, numbered from 1. Its methods are for one goroutine, the test's.
type Cluster struct {
	dir     string
	brokers []*broker
	secured bool
}

// Brokers gives host:port of every broker, also of those that are down. Whoever is on this machine may come in.
func (c *Cluster) Brokers() []string { return c.addresses(plaintext) }

// Secure gives host:port of every broker for the users of Options.Users: TLS with a certificate by CAFile, and SASL.
func (c *Cluster) Secure() []string { return c.addresses(secure) }

// CAFile is the PEM file of the authority that the brokers' certificates are by.
func (c *Cluster) CAFile() string { return caFile(c.dir) }

// ClassPath is the class path of Kafka's tools.
func (c *Cluster) ClassPath() string { return c.brokers[0].java.classPath }

// PID is the process of a running broker.
func (c *Cluster) PID(id int) int { return c.brokers[id-1].process.command.Process.Pid }

func (c *Cluster) addresses(which listener) []string {
	var all []string
	for _, b := range c.brokers {
		all = append(all, b.address(which))
	}
	return all
}

// Kill ends a broker as kill -9 does.
func (c *Cluster) Kill(t testing.TB, id int) {
	t.Helper()
	require.NoError(t, c.brokers[id-1].kill(), "kill broker %d", id)
}

// Stop asks a broker to hand over what it leads and end, and waits until it has.
func (c *Cluster) Stop(t testing.TB, id int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, c.brokers[id-1].stop(ctx), "stop broker %d", id)
}

// Restart starts brokers that are down on their old data and addresses, and waits until each is a member of the cluster.
func (c *Cluster) Restart(t testing.TB, ids ...int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, id := range ids {
		require.NoError(t, c.brokers[id-1].start(), "start broker %d", id)
	}
	require.NoError(t, c.awaitReady(ctx))
}

// Alive gives the numbers of the brokers whose processes run.
func (c *Cluster) Alive() []int {
	var ids []int
	for _, b := range c.brokers {
		if b.running() {
			ids = append(ids, b.id)
		}
	}
	return ids
}

func (c *Cluster) close() error {
	for _, b := range c.brokers {
		_ = b.kill() // nobody wants its data any more; one that is down already is no failure
	}
	return os.RemoveAll(c.dir)
}

func (c *Cluster) lastWords() string {
	var all string
	for _, b := range c.brokers {
		all += b.lastWords() + "\n"
	}
	return all
}
