package load_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

// in runs a test in a bubble with a clock of its own, against a peer.
func in(t *testing.T, test func(t *testing.T, p *peer, cfg load.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer()
		test(t, p, p.serve(t))
	})
}

func TestRunPostsEveryOrderByteForByte(t *testing.T) {
	for name, stream := range map[string]bool{"json": false, "ndjson": true} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				cfg.Workers, cfg.Batch, cfg.Stream = 1, 3, stream
				source := orders{`{"order_no":"a", "x":1.50}`, `{"order_no":"b"}`, `{"order_no":"ü\u0041"}`, `{"order_no":"d"}`}
				report, err := load.Run(t.Context(), cfg, &source)
				require.NoError(t, err)
				want := []string{
					`{"parcels":[{"order_no":"a", "x":1.50},{"order_no":"b"},{"order_no":"ü\u0041"}]}`, `{"parcels":[{"order_no":"d"}]}`,
				}
				if stream {
					want = []string{"{\"order_no\":\"a\", \"x\":1.50}\n{\"order_no\":\"b\"}\n{\"order_no\":\"ü\\u0041\"}\n", "{\"order_no\":\"d\"}\n"}
				}
				require.Equal(t, want, p.bodies)
				require.EqualValues(t, 4, report.Posted)
				require.EqualValues(t, 4, report.Accepted)
				require.EqualValues(t, len(want[0])+len(want[1]), report.Bytes)
				require.EqualValues(t, 2, report.Latency.Count)
				require.Empty(t, report.Retries)
			})
		})
	}
}

func TestRunCountsRefusalsByCode(t *testing.T) {
	for name, stream := range map[string]bool{"json": false, "ndjson": true} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				cfg.Batch, cfg.Stream, cfg.Follow = 10, stream, true
				p.refuse = func(order string) string {
					return map[byte]string{'3': "hs_code.chapter", '7': "goods_value.sum"}[order[len(order)-1]]
				}
				report, err := load.Run(t.Context(), cfg, numbered(50))
				require.NoError(t, err)
				require.EqualValues(t, 40, report.Accepted)
				require.EqualValues(t, 10, report.Refused)
				require.Equal(t, map[string]int64{"hs_code.chapter": 5, "goods_value.sum": 5}, report.RefusedBy)
				require.EqualValues(t, 40, report.Distinct)
				require.Zero(t, report.Undecided)
			})
		})
	}
}

func TestRunOfNothing(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Follow = true
		report, err := load.Run(t.Context(), cfg, numbered(0))
		require.NoError(t, err)
		require.Zero(t, report.Posted)
		require.Zero(t, p.posts)
	})
}

func TestOpenLoopPostsByTheClock(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Rate, cfg.Batch = 1000, 50
		report, err := load.Run(t.Context(), cfg, numbered(500))
		require.NoError(t, err)
		for i, at := range p.postedAt() {
			require.Equal(t, time.Duration(i)*50*time.Millisecond, at)
		}
		require.Equal(t, 450*time.Millisecond, report.Elapsed)
		require.InDelta(t, 500/0.45, report.Rate, 0.01)
		require.Less(t, report.Latency.Max, time.Millisecond)
	})
}

// A server that stalls for two seconds keeps the batches of those two seconds waiting. All of them are late, not only the one it held.
func TestOpenLoopLatencyCountsTheStall(t *testing.T) {
	stall := func(_ http.ResponseWriter, _ *http.Request, batch int) bool {
		if batch == 10 {
			time.Sleep(2 * time.Second)
		}
		return false
	}
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.intercept = stall
		cfg.Rate, cfg.Batch, cfg.Workers = 1000, 50, 1
		report, err := load.Run(t.Context(), cfg, numbered(5000)) // 100 batches, 50 ms apart; 40 fall due in the stall
		require.NoError(t, err)
		require.InDelta(t, 2, report.Latency.Max.Seconds(), 0.01)
		require.InDelta(t, 1.5, report.Latency.P90.Seconds(), 0.06) // of 100 batches ten waited longer than 1.5 s
		require.Less(t, report.Latency.P50, time.Millisecond)
		require.Equal(t, 4950*time.Millisecond, report.Elapsed, "the clock's pace is made up again")
	})
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.intercept = stall
		cfg.Batch, cfg.Workers = 50, 1
		report, err := load.Run(t.Context(), cfg, numbered(5000))
		require.NoError(t, err)
		require.InDelta(t, 2, report.Latency.Max.Seconds(), 0.01)
		require.Less(t, report.Latency.P90, time.Millisecond, "a closed loop waits with the server")
	})
}

func TestBusyServerIsAskedAgainWhenItSays(t *testing.T) {
	for name, c := range map[string]struct {
		status      int
		retryAfter  func() string
		least, most time.Duration
	}{
		"503 in seconds":    {503, func() string { return "3" }, 3 * time.Second, 3100 * time.Millisecond},
		"429 at a date":     {429, func() string { return time.Now().Add(4 * time.Second).UTC().Format(http.TimeFormat) }, 3 * time.Second, 4100 * time.Millisecond},
		"429 too long":      {429, func() string { return "3600" }, 15 * time.Second, 16 * time.Second},
		"503 without":       {503, func() string { return "" }, 25 * time.Millisecond, 50 * time.Millisecond},
		"502 with nonsense": {502, func() string { return "soon" }, 25 * time.Millisecond, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				p.intercept = func(w http.ResponseWriter, _ *http.Request, batch int) bool {
					if batch > 0 {
						return false
					}
					if after := c.retryAfter(); after != "" {
						w.Header().Set("Retry-After", after)
					}
					problem(w, c.status, "busy", "come back later")
					return true
				}
				report, err := load.Run(t.Context(), cfg, numbered(20))
				require.NoError(t, err)
				require.Len(t, p.bodies, 2)
				require.Equal(t, p.bodies[0], p.bodies[1], "the same batch")
				require.GreaterOrEqual(t, report.Elapsed, c.least)
				require.LessOrEqual(t, report.Elapsed, c.most)
				require.EqualValues(t, 20, report.Accepted)
				require.Equal(t, map[string]int64{strconv.Itoa(c.status): 1}, report.Retries)
				require.GreaterOrEqual(t, report.Latency.Max, c.least, "waiting counts")
			})
		})
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request, _ int) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
	return true
}

func TestLostConnectionsAreMade(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.intercept = func(w http.ResponseWriter, r *http.Request, batch int) bool { return batch < 6 && hangUp(w, r, batch) }
		cfg.Workers, cfg.Follow = 1, true
		report, err := load.Run(t.Context(), cfg, numbered(20))
		require.NoError(t, err)
		require.EqualValues(t, 20, report.Accepted)
		require.Equal(t, map[string]int64{"network": 6}, report.Retries)
		require.Greater(t, report.Elapsed, time.Second, "the pauses grow")
	})
}

func TestServerThatStaysAwayEndsTheRun(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request, int) bool{
		"gone": hangUp,
		"full": func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			problem(w, 503, "queue_unavailable", "the queue takes nothing")
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				p.intercept = answer
				began := time.Now()
				report, err := load.Run(t.Context(), cfg, numbered(20))
				require.ErrorContains(t, err, "gave up after 1m0s")
				require.InDelta(t, 60, time.Since(began).Seconds(), 10)
				require.Zero(t, report.Posted)
				if name == "full" {
					require.ErrorContains(t, err, "503 queue_unavailable: the queue takes nothing")
				}
			})
		})
	}
}

func TestRefusedBatchEndsTheRunWithItsReason(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.intercept = func(w http.ResponseWriter, _ *http.Request, batch int) bool {
			if batch == 2 {
				problem(w, 413, "body_too_large", "the body is over 8 MiB")
			}
			return batch == 2
		}
		cfg.Batch, cfg.Workers = 10, 1
		report, err := load.Run(t.Context(), cfg, numbered(1000))
		var refusal *load.ProblemError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, load.ProblemError{Status: 413, Code: "body_too_large", Detail: "the body is over 8 MiB"}, *refusal)
		require.EqualValues(t, 20, report.Accepted, "what was achieved is told")
	})
}

func TestWrongKeyIsToldBeforeAnythingIsPosted(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Key, cfg.Follow = "another", true
		_, err := load.Run(t.Context(), cfg, numbered(10))
		require.ErrorContains(t, err, "receipts: 401 unauthenticated: no such key")
		require.Zero(t, p.posts)
	})
}

func TestBrokenAnswers(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"no JSON":        {`<html>`, "not JSON"},
		"too few":        {`{"accepted":2,"results":[{"status":"received","id":"a"}]}`, "covers 1 of 2 orders"},
		"unknown status": {`{"results":[{"status":"received","id":"a"},{"status":"lost"}]}`, `"lost"`},
		"no id":          {`{"results":[{"status":"received","id":"a"},{"status":"received","id":null}]}`, "no id"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				p.intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
					_, _ = io.WriteString(w, c.answer)
					return true
				}
				cfg.Follow = true
				_, err := load.Run(t.Context(), cfg, numbered(2))
				require.ErrorContains(t, err, c.want)
			})
		})
	}
}

// A stream that ends before all orders are answered leaves it open which were queued: the whole batch goes again.
func TestCutStreamIsPostedAgain(t *testing.T) {
	line := `{"index":0,"order_no":"o-0","id":"pcl_o-0","status":"received"}` + "\n"
	for name, answer := range map[string]string{
		"between lines": line, "within a line": line + `{"index":1,"ord`,
		"by a problem": line + `{"type":"/problems/queue_unavailable","status":503,"detail":"full"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, p *peer, cfg load.Config) {
				p.intercept = func(w http.ResponseWriter, _ *http.Request, batch int) bool {
					if batch == 0 {
						_, _ = io.WriteString(w, answer)
					}
					return batch == 0
				}
				cfg.Stream, cfg.Follow = true, true
				report, err := load.Run(t.Context(), cfg, numbered(3))
				require.NoError(t, err)
				require.EqualValues(t, 3, report.Accepted)
				require.EqualValues(t, 3, report.Distinct)
				require.Equal(t, map[string]int64{"cut answer": 1}, report.Retries)
				require.Equal(t, p.bodies[0], p.bodies[1])
			})
		})
	}
}

func TestStreamEndedByARefusalEndsTheRun(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			_, _ = io.WriteString(w, `{"type":"/problems/body_too_large","status":413,"detail":"a line is over 128 KiB"}`)
			return true
		}
		cfg.Stream = true
		_, err := load.Run(t.Context(), cfg, numbered(3))
		require.ErrorContains(t, err, "a line is over 128 KiB")
		require.Equal(t, 1, p.posts)
	})
}

func TestSourceThatBreaksOffIsPostedSoFar(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		torn := errors.New("orders.ndjson.gz:26: cut off")
		cfg.Batch, cfg.Follow, p.delay = 10, true, time.Second
		report, err := load.Run(t.Context(), cfg, &brittle{*numbered(25), torn})
		require.ErrorIs(t, err, torn)
		require.EqualValues(t, 25, report.Accepted)
		require.Zero(t, report.Undecided, "and followed")
		require.EqualValues(t, 25, report.Kinds["cleared"])
	})
}

func TestCancelledRunStopsAtOnce(t *testing.T) {
	in(t, func(t *testing.T, _ *peer, cfg load.Config) {
		cfg.Rate, cfg.Batch, cfg.Follow = 100, 10, true
		ctx, cancel := context.WithTimeout(t.Context(), 950*time.Millisecond)
		defer cancel()
		began := time.Now()
		report, err := load.Run(ctx, cfg, numbered(1_000))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 950*time.Millisecond, time.Since(began))
		require.EqualValues(t, 100, report.Accepted)
	})
}

func TestConfigIsChecked(t *testing.T) {
	_, err := load.Run(t.Context(), load.Config{URL: "peer:80", Rate: -1, Batch: 1001}, numbered(1))
	for _, want := range []string{"url", "key", "rate", "batch"} {
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, load.Config{URL: "https://x", Key: "k", Batch: 50_000, Stream: true}.Validate())
}

func TestProgressIsALineEveryTwoSecondsInALog(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		var log strings.Builder
		cfg.Progress, cfg.Rate, cfg.Batch, cfg.Follow, p.delay = &log, 1000, 100, true, 3*time.Second
		_, err := load.Run(t.Context(), cfg, load.Sample(1, 5000))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
		require.Len(t, lines, 3, "%s", log.String())
		require.Regexp(t, `^ 4\d % \[##########?\.+\]  2,\d00 orders  1,\d{3}/s  p50 0\.\dms  p99 0\.\dms  ETA 3s$`, lines[0])
		require.Regexp(t, `^ 8\d % .*4,\d00 orders  1,000/s .*ETA 1s$`, lines[1])
		require.Regexp(t, `^ \d\d % \[#+\.*\]  [34],\d{3} of 5,000 parcels decided$`, lines[2])
	})
}

func TestSingleOrdersArePostedByThemselves(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Single, cfg.Follow, cfg.Batch = true, true, 500
		p.refuse = func(order string) string { return map[string]string{"o-3": "hs_code.chapter"}[order] }
		report, err := load.Run(t.Context(), cfg, numbered(10))
		require.NoError(t, err)
		require.EqualValues(t, 9, report.Accepted)
		require.EqualValues(t, 1, report.Refused)
		require.Equal(t, map[string]int64{"invalid_declaration": 1}, report.RefusedBy)
		require.EqualValues(t, 10, report.Latency.Count)
		require.Zero(t, report.Undecided)
	})
}

func TestBatchesOfManySizesKeepTheRate(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Rate, cfg.Least, cfg.Batch = 1000, 5, 50
		report, err := load.Run(t.Context(), cfg, numbered(5000))
		require.NoError(t, err)
		require.EqualValues(t, 5000, report.Posted)
		require.InDelta(t, 5, report.Elapsed.Seconds(), 0.1)
		sizes := map[int]bool{}
		for _, body := range p.bodies {
			sizes[strings.Count(body, "order_no")] = true
		}
		require.Greater(t, len(sizes), 20)
		delete(sizes, strings.Count(p.bodies[len(p.bodies)-1], "order_no")) // what was left over
		for size := range sizes {
			require.True(t, size >= 5 && size <= 50, size)
		}
	})
}

func TestWalkersReadTheWholeFeedEach(t *testing.T) {
	in(t, func(t *testing.T, _ *peer, cfg load.Config) {
		_, err := load.Run(t.Context(), cfg, numbered(700))
		require.NoError(t, err)
		walked, err := load.Walk(t.Context(), cfg, 3, time.Minute)
		require.NoError(t, err)
		require.EqualValues(t, 3*2*700, walked.Receipts, "cleared and bundled, for each walker")
		walked, err = load.Walk(t.Context(), cfg, 1, 0)
		require.NoError(t, err)
		require.Zero(t, walked.Receipts)
	})
}
