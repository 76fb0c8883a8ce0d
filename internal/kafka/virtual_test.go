package kafka_test

import (
	"context"
	"encoding/binary"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/alataw/alataw/internal/kafka"
)

// network is a network in memory, for a cluster and its clients in virtual time, on which connections can be spoiled.
type network struct {
	kfake.VirtualNetwork
	swallowing atomic.Pointer[string] // what is sent to this port gets no answer
	slowness   atomic.Int64           // nanoseconds an answer takes at most

	mu    sync.Mutex
	conns map[*virtualConn]struct{}
}

// newNetwork makes a network, in the bubble of a synctest. Time stands still there once the test is over, and kafka-go's attempts to connect
// end by their deadline only, so the test waits for that.
func newNetwork(t *testing.T) *network {
	t.Cleanup(func() { time.Sleep(2 * silence) })
	return &network{conns: map[*virtualConn]struct{}{}}
}

// newVirtual starts a cluster in the bubble of a synctest.
func newVirtual(t *testing.T, options ...kfake.Opt) (env, *network) {
	n := newNetwork(t)
	options = append([]kfake.Opt{kfake.Ports(9092), kfake.DataDir(t.TempDir()), kfake.ListenFn(n.Listen)}, options...)
	cluster, err := kfake.NewCluster(options...)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return env{brokers: []string{"127.0.0.1:9092"}, replication: 1, fake: cluster}, n
}

// on gives the configuration of a client on the network.
func (e env) on(n *network) kafka.Config {
	cfg := e.config()
	cfg.Dial = n.dial
	return cfg
}

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := n.DialContext(ctx, kind, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: err} // what TCP would say
	}
	c := &virtualConn{Conn: conn, net: n, port: portIn(address)}
	c.void, c.nobody = net.Pipe()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[c] = struct{}{}
	return c, nil
}

// swallow makes the network lose, from now on, all that goes to or comes from a port, under whatever name of the host; none for "".
func (n *network) swallow(port string) { n.swallowing.Store(&port) }

func portIn(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// cut breaks every connection.
func (n *network) cut() {
	n.mu.Lock()
	all := slices.Collect(maps.Keys(n.conns))
	n.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

// some gives about share of the connections, at random: those of group members, or all others.
func (n *network) some(random *rand.Rand, share float64, members bool) (conns []*virtualConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		if random.Float64() < share && c.member.Load() == members {
			conns = append(conns, c)
		}
	}
	return conns
}

// virtualConn is a client's end of a connection.
type virtualConn struct {
	net.Conn
	net          *network
	port         string
	void, nobody net.Conn // what a silent connection reads from: nobody writes there
	member       atomic.Bool
	silent       atomic.Bool  // swallows what is sent, and never answers
	deaf         atomic.Bool  // breaks instead of giving the next answer
	until        atomic.Int64 // the deadline for reading, in Unix nanoseconds; 0: none
}

const joinGroup = 11 // the key of the request that makes a connection a member's

func (c *virtualConn) swallowed() bool {
	port := c.net.swallowing.Load()
	return c.silent.Load() || port != nil && *port == c.port
}

// Write implements net.Conn.
func (c *virtualConn) Write(request []byte) (int, error) {
	if len(request) >= 6 && int(binary.BigEndian.Uint32(request)) >= len(request)-4 && binary.BigEndian.Uint16(request[4:]) == joinGroup {
		c.member.Store(true)
	}
	if c.swallowed() {
		return len(request), nil
	}
	return c.Conn.Write(request)
}

// Read implements net.Conn.
func (c *virtualConn) Read(answer []byte) (int, error) {
	if c.swallowed() {
		return c.void.Read(answer)
	}
	count, err := c.Conn.Read(answer)
	if c.swallowed() {
		return c.void.Read(answer)
	}
	if err == nil && c.deaf.Load() {
		c.Close()
		return 0, io.EOF
	}
	return count, c.dawdle(err)
}

// dawdle makes an answer late. A member's answers are never late: kafka-go has a member's goroutines wait for each other at a mutex, and
// virtual time stands still for as long as one does.
func (c *virtualConn) dawdle(err error) error {
	slowness := c.net.slowness.Load()
	if err != nil || slowness == 0 || c.member.Load() {
		return err
	}
	time.Sleep(rand.N(time.Duration(slowness)))
	if until := c.until.Load(); until > 0 && time.Now().UnixNano() > until {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// SetDeadline implements net.Conn.
func (c *virtualConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *virtualConn) SetReadDeadline(t time.Time) error {
	c.until.Store(t.UnixNano())
	_ = c.void.SetReadDeadline(t)
	return c.Conn.SetReadDeadline(t)
}

// Close implements net.Conn.
func (c *virtualConn) Close() error {
	c.net.mu.Lock()
	delete(c.net.conns, c)
	c.net.mu.Unlock()
	c.void.Close()
	c.nobody.Close()
	return c.Conn.Close()
}
