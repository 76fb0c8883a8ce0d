package app

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Clients that dribble their headers are cut, and others are answered meanwhile.
func TestDribbledHeadersAreCut(t *testing.T) {
	t.Parallel()
	h := &house{cfg: &Config{Grace: 5 * time.Second}, log: slog.New(slog.DiscardHandler)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var serving, dribbling sync.WaitGroup
	serving.Go(func() {
		_ = h.serveHTTP(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	})
	defer serving.Wait()
	defer cancel()
	for range 200 {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		dribbling.Go(func() {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nX-Slow: ")
			for ctx.Err() == nil {
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
				wait(ctx, 100*time.Millisecond)
			}
			t.Error("a client that never ended its headers was never cut")
		})
	}
	began := time.Now()
	reply, err := http.Get("http://" + listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	require.Equal(t, http.StatusNoContent, reply.StatusCode)
	dribbling.Wait()
	require.Less(t, time.Since(began), 40*time.Second)
}
