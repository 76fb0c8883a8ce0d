package kafka

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// Dial opens a connection to a broker, as net.Dialer.DialContext does. TLS and SASL are spoken over it.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// silence is how long a broker may owe an answer where kafka-go sets no deadline: it looks up a partition's leader, and
// speaks SASL, without any. On a network that swallows packets such a question would never end, and nobody would hear of it.
const silence = 15 * time.Second

func (c Config) dialer() Dial {
	if c.Dial != nil {
		return c.Dial
	}
	return (&net.Dialer{Timeout: dialTimeout}).DialContext
}

// bounded gives dial's connections, of which none waits for ever.
func bounded(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		b := &boundedConn{Conn: conn}
		return b, b.SetDeadline(time.Time{})
	}
}

// boundedConn takes "no deadline" for a late one. Both of kafka-go's ways into a cluster set the deadline anew with each question,
// so one that has passed while the connection was idle does no harm.
type boundedConn struct{ net.Conn }

// SetDeadline implements net.Conn.
func (c *boundedConn) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(bound(t)) }

// SetReadDeadline implements net.Conn.
func (c *boundedConn) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(bound(t)) }

// SetWriteDeadline implements net.Conn.
func (c *boundedConn) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(bound(t)) }

func bound(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now().Add(silence)
	}
	return t
}

// wires are the connections of one consumer. Cutting them is the one way to end what kafka-go has under way.
type wires struct {
	dial Dial
	mu   sync.Mutex
	down bool
	open map[net.Conn]struct{}
}

func newWires(dial Dial) *wires { return &wires{dial: dial, open: map[net.Conn]struct{}{}} }

func (w *wires) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := w.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, net.ErrClosed
	}
	w.open[conn] = struct{}{}
	return &wire{Conn: conn, of: w}, nil
}

// cut closes every connection and lets none be opened again.
func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for conn := range w.open {
		_ = conn.Close()
	}
}

// wire is a connection that says when it is closed.
type wire struct {
	net.Conn
	of *wires
}

// Close implements net.Conn.
func (w *wire) Close() error {
	w.of.mu.Lock()
	delete(w.of.open, w.Conn)
	w.of.mu.Unlock()
	return w.Conn.Close()
}

// dialerOver gives the dialer of one consumer: kafka-go's readers and groups use one.
func (c *Client) dialerOver(w *wires) *kafka.Dialer {
	return &kafka.Dialer{ClientID: clientID, Timeout: dialTimeout, DialFunc: w.connect, TLS: c.security, SASLMechanism: c.mechanism}
}
