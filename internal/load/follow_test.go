package load_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

func TestFollowCountsWhatBecameOfEachParcel(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.decide = func(order string) []string {
			return [][]string{
				{"cleared", "bundled", "released"}, {"held", "cleared", "bundled"}, {"refused"}, {"cleared", "unrouted"}, {"cancelled"},
			}[int(order[len(order)-1]-'0')%5]
		}
		cfg.Batch, cfg.Follow, p.delay = 100, true, 3*time.Second
		report, err := load.Run(t.Context(), cfg, numbered(2000))
		require.NoError(t, err)
		require.Equal(t, map[string]int64{
			"cleared": 800, "held": 400, "refused": 400, "cancelled": 400, "bundled": 800, "released": 400, "unrouted": 400,
		}, report.Kinds, "of cleared, held and refused only the first counts")
		require.Zero(t, report.Undecided)
		require.InDelta(t, 3, report.Drain.Seconds(), 0.1)
		require.Less(t, report.Elapsed, time.Second)
	})
}

func TestFollowKnowsTheSameOrderAgain(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		twice := append(*numbered(300), *numbered(300)...)
		cfg.Batch, cfg.Follow, p.delay = 50, true, time.Second
		report, err := load.Run(t.Context(), cfg, &twice)
		require.NoError(t, err)
		require.EqualValues(t, 600, report.Accepted)
		require.EqualValues(t, 300, report.Distinct)
		require.EqualValues(t, 300, report.Kinds["cleared"])
		require.Zero(t, report.Known)
	})
}

// A load that is repeated, say after a crash, finds orders that were decided before it began. No receipt will come for them.
func TestFollowKnowsWhatWasDecidedBefore(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Batch, cfg.Follow = 50, true
		_, err := load.Run(t.Context(), cfg, numbered(1200))
		require.NoError(t, err)
		p.delay = 2 * time.Second
		began := time.Now()
		report, err := load.Run(t.Context(), cfg, numbered(1500))
		require.NoError(t, err)
		require.EqualValues(t, 1500, report.Distinct)
		require.EqualValues(t, 1200, report.Known)
		require.EqualValues(t, 1500, report.Kinds["cleared"])
		require.InDelta(t, 2, time.Since(began).Seconds(), 0.3)

		began = time.Now()
		report, err = load.Run(t.Context(), cfg, numbered(1500))
		require.NoError(t, err)
		require.EqualValues(t, 1500, report.Known)
		require.Less(t, time.Since(began), time.Second, "no held answer is sat out")
		require.Zero(t, report.Drain)
	})
}

func TestFollowTellsConflicts(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		cfg.Follow = true
		_, err := load.Run(t.Context(), cfg, &orders{`{"order_no":"a"}`, `{"order_no":"b"}`})
		require.NoError(t, err)
		cfg.Batch, cfg.Rate, p.delay = 1, 10, 50*time.Millisecond
		report, err := load.Run(t.Context(), cfg, &orders{`{"order_no":"a","changed":1}`, `{"order_no":"b"}`, `{"order_no":"c"}`})
		require.NoError(t, err)
		require.EqualValues(t, 3, report.Distinct)
		require.EqualValues(t, 1, report.Kinds["conflict"])
		require.EqualValues(t, 3, report.Kinds["cleared"])
	})
}

func TestFollowGivesUpOnTheUndecided(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.decide = func(order string) []string {
			if order == "o-3" || order == "o-4" {
				return nil
			}
			return []string{"held"}
		}
		cfg.Follow, cfg.DecideTimeout = true, 20*time.Second
		report, err := load.Run(t.Context(), cfg, numbered(10))
		require.ErrorIs(t, err, load.ErrUndecided)
		require.ErrorContains(t, err, "2 of 10, 20s after the last answer")
		require.EqualValues(t, 2, report.Undecided)
		require.EqualValues(t, 8, report.Kinds["held"])
		require.Equal(t, 20*time.Second, report.Drain)
	})
}

// The feed is read while the server restarts, and what another client of the account posts is not counted.
func TestFollowOutlivesARestart(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		for i := range 700 {
			p.tell("stranger-"+strconv.Itoa(i), []string{"cleared"})
		}
		down := 0
		cfg.Transport = gated{under: cfg.Transport, deny: func(r *http.Request) bool {
			cursor, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
			if cursor < 700 || down == 3 {
				return false
			}
			down++
			return true
		}}
		cfg.Follow, p.delay = true, 2*time.Second
		report, err := load.Run(t.Context(), cfg, numbered(700))
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"cleared": 700, "bundled": 700}, report.Kinds)
		require.Equal(t, map[string]int64{"network": 3}, report.Retries)
	})
}

// gated is a network that fails some requests.
type gated struct {
	under http.RoundTripper
	deny  func(r *http.Request) bool
}

func (g gated) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.deny(r) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errors.New("connection refused")
	}
	return g.under.RoundTrip(r)
}
