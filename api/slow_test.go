package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
)

// settles waits until a number has come down to where it was, give or take a few that others of this process have.
func settles(t testing.TB, what string, before int, now func() int) {
	t.Helper()
	require.Eventually(t, func() bool { return now() <= before+20 }, 30*time.Second, 20*time.Millisecond, "%s: %d before", what, before)
}

// dribble opens n connections that begin a post with the given headers, and dribble a byte of its body at a time until they are cut.
func (h *house) dribble(t testing.TB, n int, headers string) (ended *sync.WaitGroup, answers chan string) {
	t.Helper()
	answers = make(chan string, n)
	ended = &sync.WaitGroup{}
	for range n {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.WriteString(conn, headers)
		require.NoError(t, err)
		ended.Go(func() {
			for tick := range 1000 { // a hundred seconds, were it not cut
				if _, err := conn.Write([]byte{" \n"[tick%2]}); err != nil {
					return
				}
				pause(t, 100*time.Millisecond)
			}
		})
		ended.Go(func() {
			if reply, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
				body, _ := io.ReadAll(reply.Body)
				answers <- fmt.Sprintf("%d %s", reply.StatusCode, body)
			} else {
				answers <- "cut"
			}
			_ = conn.Close() // who has its answer sends no more
		})
	}
	return ended, answers
}

// Clients that dribble, each announcing the largest body there may be, are cut in time. They take nobody else's room meanwhile, and
// leave nothing behind.
func TestDribblersAreCutAndOthersServed(t *testing.T) {
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.Patience = 2 * time.Second })
	require.Equal(t, 202, h.post(t, secondPlatform, "/v1/parcels", order).status)
	before := runtime.NumGoroutine()
	key := "Authorization: Bearer " + h.keys[account.Platform] + "\r\n\r\n"
	bodies, told := h.dribble(t, 60, "POST /v1/parcels/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 33554432\r\n"+key)
	streams, cut := h.dribble(t, 60, "POST /v1/parcels/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 33554432\r\n"+key)
	for i := range 20 {
		require.Equal(t, 202, h.post(t, secondPlatform, "/v1/parcels/batch", batchOf(numbered(i))).status, "others are served")
	}
	bodies.Wait()
	streams.Wait()
	for range 60 {
		require.Regexp(t, `^(408 .*body_too_slow|429 .*too_many_posts|503 .*busy)`, <-told)
		require.Regexp(t, `^(408 .*body_too_slow|422 .*parcels\.count|429 .*too_many_posts|cut)`, <-cut)
	}
	http.DefaultClient.CloseIdleConnections()
	settles(t, "goroutines", before, runtime.NumGoroutine)
	require.Equal(t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(order)).status, "their own account is free again")
}

// A thousand feeds wait while others post: all are served, waiting holds no connection to the database, and when the clients are gone
// nothing of them is left.
func TestAThousandWaitWhileOthersPost(t *testing.T) {
	h := newHouse(t, func(_ *api.Deps, c *api.Config) { c.Waits = 1000 })
	require.Equal(t, 202, h.post(t, secondPlatform, "/v1/parcels", order).status)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waiting := h.poll(ctx, t, 1000)
	took, refused := h.postSteadily(t, secondPlatform, 200, 5*time.Millisecond)
	require.Zero(t, refused)
	require.Len(t, took, 200)
	for range 20 { // the store has 8 connections
		require.Equal(t, 200, h.get(t, account.Officer, "/v1/reviews").status)
	}
	h.awaitGauge(t, "alataw_http_waits", 1000)
	cancel()
	waiting()
	h.awaitGauge(t, "alataw_http_waits", 0)
	http.DefaultClient.CloseIdleConnections()
	settles(t, "goroutines", before, runtime.NumGoroutine)
}
