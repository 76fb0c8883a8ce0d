package kafka_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka"
)

// relay is a network of real connections in front of a broker, on which those there are can be made black holes.
type relay struct {
	mu    sync.Mutex
	holes []chan struct{} // one for each connection; closed, it is a hole
}

// dial gives a connection to the broker through the relay.
func (r *relay) dial(ctx context.Context, network, address string) (net.Conn, error) {
	broker, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ours, theirs := net.Pipe()
	hole := make(chan struct{})
	r.mu.Lock()
	r.holes = append(r.holes, hole)
	r.mu.Unlock()
	go carry(broker, theirs, hole)
	go carry(theirs, broker, hole)
	return ours, nil
}

// spoil makes every connection there is a black hole. New ones are well.
func (r *relay) spoil() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, hole := range r.holes {
		close(hole)
	}
	r.holes = nil
}

// carry copies until an end closes, and drops what comes once the connection is a hole.
func carry(to, from net.Conn, hole <-chan struct{}) {
	defer to.Close()
	_, _ = io.Copy(holed{to, hole}, from)
}

type holed struct {
	io.Writer
	hole <-chan struct{}
}

func (h holed) Write(bytes []byte) (int, error) {
	select {
	case <-h.hole:
		return len(bytes), nil
	default:
		return h.Writer.Write(bytes)
	}
}

// The same in real time, on real connections: a firewall has forgotten all of them at once.
func TestForgottenConnectionsAreMadeAnew(t *testing.T) {
	t.Parallel()
	e := newFake(t)
	r := &relay{}
	cfg := e.config()
	cfg.Dial = r.dial
	client, registry := open(t, cfg)
	name := topic(t, client, 3)
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(100, 20)))
	caughtUp(t, client, name, name)
	r.spoil()
	begun := time.Now()
	eventually(t, "published", func() bool { return client.Topic(name).Publish(t.Context(), facts(200, 20)) == nil })
	eventually(t, "handled", func() bool { return got.handled() == 200 })
	caughtUp(t, client, name, name)
	require.Zero(t, metric(t, registry, "alataw_kafka_stalled_total"))
	t.Logf("well again after %s", time.Since(begun))
}
