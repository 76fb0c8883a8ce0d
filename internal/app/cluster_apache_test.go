//go:build apache

package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// Nine processes of the program on three Apache brokers and one PostgreSQL. Each is restarted under load: no order is lost or
// doubled, and no platform is told of it. Then all brokers are gone, which platforms are told, and back.
func TestAClusterOfProcesses(t *testing.T) {
	town := newTown(t)
	load := town.load()
	load.warmUp(t)
	town.restartEach()
	acknowledged := load.stop()
	require.Greater(t, len(acknowledged), 1000)
	require.Empty(t, load.bad, "answers that no platform should get")
	began := time.Now()
	c := newClient(town.doors[0].url(), town.key)
	eventually(t, "every acknowledged order has its verdict, and cleared ones their unit", func() bool { return unsettled(t, c, acknowledged) == 0 })
	t.Logf("%d orders acknowledged over %d restarts, all settled %s after the last; %d posts went to the other door; SIGTERM to exit %s at most",
		len(acknowledged), len(town.members), time.Since(began).Round(time.Millisecond), load.elsewhere, town.slowest.Round(time.Millisecond))
	town.loseTheQueue()
}

// town is the processes and what they stand on.
type town struct {
	t       *testing.T
	bin     string
	brokers *apachetest.Cluster
	key     string // of a platform
	members []*member
	doors   []*member     // those of role api
	slowest time.Duration // from SIGTERM to the end
}

// member is one process, which keeps its address when it is restarted.
type member struct {
	role, listen string
	cmd          *exec.Cmd
	logs         *logged
}

func (m *member) url() string { return "http://" + m.listen }

func newTown(t *testing.T) *town {
	t.Helper()
	dir, own := bareScratch(t), bareScratch(t)
	server, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: own})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	c := &town{t: t, brokers: apachetest.Start(t, apachetest.Options{Brokers: 3})}
	for name, value := range map[string]string{
		"DATABASE_URL": server.URL(embedded.Database), "DATABASE_MAX_CONNECTIONS": "8", "ALATAW_DATA_DIR": dir, "ALATAW_LOG_LEVEL": "warn",
		"KAFKA_BROKERS": strings.Join(c.brokers.Brokers(), ","), "KAFKA_REPLICATION": "3", "SCREENING_RANDOM_BASIS_POINTS": "0",
	} {
		t.Setenv(name, value)
	}
	require.NoError(t, Run(t.Context(), []string{"migrate"}, nil, &logged{}, &logged{}))
	key := &logged{}
	require.NoError(t, Run(t.Context(), []string{"keys", "create", "platform", "shop"}, nil, key, &logged{}))
	c.key = strings.TrimSpace(key.String())
	c.bin, err = program()
	require.NoError(t, err)
	c.settle()
	return c
}

// settle starts two or three processes of each role.
func (c *town) settle() {
	c.t.Helper()
	for _, role := range []string{roleAPI, roleAPI, roleScreen, roleScreen, roleScreen, roleBundle, roleBundle, roleDispatch, roleDispatch} {
		m := &member{role: role, listen: freeAddress(c.t)}
		c.members = append(c.members, m)
		if role == roleAPI {
			c.doors = append(c.doors, m)
		}
		c.start(m)
	}
	for _, m := range c.members {
		c.awaitReady(m)
	}
}

// freeAddress is one below the ports that systems hand out by themselves: it stays free while its process is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", fmt.Sprint(20000+rand.IntN(12000)))
		if held, err := net.Listen("tcp", address); err == nil {
			require.NoError(t, held.Close())
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

func (c *town) start(m *member) {
	c.t.Helper()
	m.logs = &logged{}
	m.cmd = exec.Command(c.bin, "serve", "--roles", m.role, "--listen", m.listen)
	m.cmd.Stderr = m.logs
	cmd := m.cmd
	require.NoError(c.t, cmd.Start())
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (c *town) awaitReady(m *member) {
	c.t.Helper()
	plain := &http.Client{Timeout: 5 * time.Second}
	require.Eventually(c.t, func() bool {
		answer, err := plain.Get(m.url() + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 2*time.Minute, 50*time.Millisecond, "%s is ready: %s", m.role, m.logs)
}

// restartEach stops one process after the other with SIGTERM, as a rolling upgrade does.
func (c *town) restartEach() {
	c.t.Helper()
	const grace = 25 * time.Second // ALATAW_GRACE
	for _, m := range c.members {
		began := time.Now()
		require.NoError(c.t, m.cmd.Process.Signal(syscall.SIGTERM))
		ended := make(chan error, 1)
		go func() { ended <- m.cmd.Wait() }()
		select {
		case err := <-ended:
			require.NoError(c.t, err, "%s: %s", m.role, m.logs)
		case <-time.After(grace):
			require.Fail(c.t, "it does not end within its grace", "%s: %s", m.role, m.logs)
		}
		c.slowest = max(c.slowest, time.Since(began))
		c.start(m)
		c.awaitReady(m)
	}
}

// townLoad posts orders until it is stopped.
type townLoad struct {
	stop func() map[string]bool // gives the orders that were answered for

	mu           sync.Mutex
	acknowledged map[string]bool
	bad          []string // other answers than 202
	elsewhere    int      // posts for which a door did not open
	began        time.Time
}

// warmUp waits until brokers that have just been started, and their topics, keep up with the load. What they refused before
// does not count: a rolling restart is of a cluster that runs.
func (l *townLoad) warmUp(t *testing.T) {
	t.Helper()
	const orders = 2000
	refused := 0
	eventually(t, "brokers keep up", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		refused, l.bad = refused+len(l.bad), nil
		return len(l.acknowledged) >= orders
	})
	t.Logf("warm after %s: %d posts refused by brokers just started", time.Since(l.began).Round(time.Millisecond), refused)
}

// load has two platforms post a batch every now and then, each to another door than the last time.
func (c *town) load() *townLoad {
	const batch, pace = 20, 100 * time.Millisecond
	orders := sample(c.t, uint64(time.Now().UnixNano()), 60_000)
	l := &townLoad{acknowledged: map[string]bool{}, began: time.Now()}
	ctx, cancel := context.WithCancel(c.t.Context())
	var posting sync.WaitGroup
	for platform := range 2 {
		doors := []*client{newClient(c.doors[platform].url(), c.key), newClient(c.doors[1-platform].url(), c.key)}
		posting.Go(func() {
			tick := time.NewTicker(pace)
			defer tick.Stop()
			for i := platform * batch; i+batch <= len(orders) && ctx.Err() == nil; i += 2 * batch {
				l.post(c.t.Context(), doors, orders[i:i+batch])
				doors[0], doors[1] = doors[1], doors[0]
				<-tick.C
			}
		})
	}
	l.stop = sync.OnceValue(func() map[string]bool {
		cancel()
		posting.Wait() // after which nobody writes
		return l.acknowledged
	})
	c.t.Cleanup(func() { l.stop() })
	return l
}

// post takes the other door when one does not open, as a platform's client or a balancer does.
func (l *townLoad) post(ctx context.Context, doors []*client, orders [][]byte) {
	for try := range 10 {
		ids, err := postBatch(ctx, doors[try%2], orders)
		l.mu.Lock()
		for _, id := range ids {
			l.acknowledged[id] = true
		}
		_, unopened := errors.AsType[*url.Error](err)
		switch {
		case unopened:
			l.elsewhere++
		case err != nil:
			l.bad = append(l.bad, fmt.Sprint(time.Since(l.began).Round(time.Millisecond), ": ", err))
		}
		l.mu.Unlock()
		if !unopened {
			return
		}
	}
	l.mu.Lock()
	l.bad = append(l.bad, "no door opens")
	l.mu.Unlock()
}

// loseTheQueue ends all brokers and has them back.
func (c *town) loseTheQueue() {
	c.t.Helper()
	for _, id := range c.brokers.Alive() {
		c.brokers.Kill(c.t, id)
	}
	var slowest time.Duration
	for number := range 6 {
		status, retryAfter, took := c.postOne(c.doors[number%2], fmt.Sprint("lost-", number))
		require.Equal(c.t, http.StatusServiceUnavailable, status)
		require.NotEmpty(c.t, retryAfter)
		slowest = max(slowest, took)
	}
	require.Less(c.t, slowest, 2500*time.Millisecond, "an answer within two seconds, and a little for a busy machine")
	c.brokers.Restart(c.t, 1, 2, 3)
	back := time.Now()
	for number, door := range c.doors {
		eventually(c.t, "orders are taken again", func() bool {
			status, _, _ := c.postOne(door, fmt.Sprint("back-", number))
			return status == http.StatusAccepted
		})
	}
	taken := time.Since(back)
	reader := newClient(c.doors[0].url(), c.key)
	eventually(c.t, "and screened and bundled, without a restart of anything", func() bool {
		done := 0
		for _, r := range receipts(c.t, reader) {
			if strings.HasPrefix(r.OrderNo, "back-") && r.Kind == "bundled" {
				done++
			}
		}
		return done == len(c.doors)
	})
	c.t.Logf("without brokers: 503 within %s; after their return: taken again after %s, bundled after %s",
		slowest.Round(time.Millisecond), taken.Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
}

func (c *town) postOne(door *member, no string) (status int, retryAfter string, took time.Duration) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, door.url()+"/v1/parcels", strings.NewReader(string(order(no))))
	require.NoError(c.t, err)
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	began := time.Now()
	answer, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("Retry-After"), time.Since(began)
}
