package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
)

// looksPerStall is how often the watchdog looks within the time after which it acts.
const looksPerStall = 12

// errStalled ends a consumer that is to be built anew.
var errStalled = errors.New("the stage makes no progress")

// watchdog sees to it that no partition of a stage stands still in silence: one whose leader a network swallows, one with a segment that
// cannot be read, one whose handler hangs. It outlives the consumers of a stage, and remembers which partitions one was rebuilt for.
//
// A partition stands still when there are records behind its offset, that offset does not move, and nothing excuses it. Our own trouble
// excuses it: while Handle or Park is at work within its time limit, or waits to be called again after an error, the
// partition has been read and the consumer is well, so the database may be away for hours. A cluster that is away excuses it too, for no
// rebuilding brings that back: the time in which it does not answer does not count.
type watchdog struct {
	client  *Client
	stage   Stage
	log     *slog.Logger
	stalled prometheus.Counter
	seen    map[int]*sighting // by partition; of the one goroutine that watches

	mu    sync.Mutex
	yards map[int]*partition // those consumed now, by number
}

// sighting is what the watchdog has seen of a partition.
type sighting struct {
	next    int64     // its offset
	since   time.Time // when it was first seen to stand still, less the time the cluster was away; zero: it does not
	lag     int64     // records behind that, -1 when its leader does not say
	rebuilt bool      // the consumer was rebuilt for it, and it has not moved since
}

func newWatchdog(c *Client, s Stage, log *slog.Logger) *watchdog {
	return &watchdog{
		client: c, stage: s, log: log, stalled: c.metrics.stalled.WithLabelValues(s.Group),
		seen: map[int]*sighting{}, yards: map[int]*partition{},
	}
}

func (d *watchdog) adopt(p *partition) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.yards[p.number] = p
}

func (d *watchdog) release(p *partition) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.yards[p.number] == p {
		delete(d.yards, p.number)
	}
}

// watch looks at the partitions until ctx ends, or one stands still: then errStalled, or what to give up with.
func (d *watchdog) watch(ctx context.Context) error {
	every := d.client.cfg.StallTimeout / looksPerStall
	for last := time.Now(); pause(ctx, every); {
		d.look(ctx, time.Since(last))
		last = time.Now()
		if err := d.verdict(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// look brings what was seen up to date; passed is the time since the last look.
func (d *watchdog) look(ctx context.Context, passed time.Duration) {
	suspects := d.suspects()
	states := make([]state, len(suspects))
	var asking sync.WaitGroup
	for i, p := range suspects {
		asking.Go(func() { states[i] = d.ask(ctx, p) })
	}
	asking.Wait()
	for i, p := range suspects {
		s := d.seen[p.number]
		switch state := states[i]; {
		case state.away && !s.since.IsZero():
			s.since = s.since.Add(passed)
		case state.away:
		case state.lag == 0:
			*s = sighting{next: s.next}
		case s.since.IsZero():
			s.since, s.lag = time.Now(), state.lag
		default:
			s.lag = state.lag
		}
	}
}

// suspects gives the partitions that have not moved since the last look and have no excuse. Those that are others' now begin anew
// when they come back, but for the memory of a rebuild.
func (d *watchdog) suspects() []*partition {
	d.mu.Lock()
	defer d.mu.Unlock()
	for number, s := range d.seen {
		if d.yards[number] == nil {
			s.since = time.Time{}
		}
	}
	var suspects []*partition
	for number, p := range d.yards {
		next, known := p.committed.Load(), d.seen[number]
		if known != nil && known.next == next && !p.excused() {
			suspects = append(suspects, p)
		} else {
			d.seen[number] = &sighting{next: next}
		}
	}
	return suspects
}

// state is what the cluster says of a partition.
type state struct {
	away bool  // nothing: the cluster does not answer, or has no leader for it
	lag  int64 // records behind our offset; -1: the leader does not answer, though the cluster does
}

func (d *watchdog) ask(ctx context.Context, p *partition) state {
	asked, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	all, err := d.client.bounds(asked, d.stage.Topic, []int{p.number})
	if err == nil {
		bounds := all[p.number]
		return state{lag: max(0, bounds.last-max(p.committed.Load(), bounds.first))}
	}
	if unanswered(err) && d.clusterAnswers(ctx) {
		return state{lag: -1}
	}
	return state{away: true}
}

// clusterAnswers asks the coordinator of the group, past every cache.
func (d *watchdog) clusterAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return insist(ctx, func() error {
		_, err := d.client.committed(ctx, d.stage.Topic, d.stage.Group, []int{0})
		return err
	}) == nil
}

// unanswered tells of a question that got no answer, rather than a broker's no. kafka-go makes its Unknown of both a broken connection and
// a deadline, when it has put a question together from several.
func unanswered(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, kafka.Unknown) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// verdict is nil while no partition has stood still for too long.
func (d *watchdog) verdict(ctx context.Context) error {
	limit := d.client.cfg.StallTimeout
	var verdict error
	for number, s := range d.seen {
		if s.since.IsZero() || time.Since(s.since) < limit {
			continue
		}
		d.stalled.Inc()
		log := d.log.With("partition", number, "offset", s.next, "lag", s.lag, "after", limit)
		if s.rebuilt {
			log.ErrorContext(ctx, "partition makes no progress though the stage was rebuilt: giving up")
			return fmt.Errorf("partition %d of %s makes no progress at offset %d (%d records behind) though the stage was rebuilt",
				number, d.stage.Topic, s.next, s.lag)
		}
		log.ErrorContext(ctx, "partition makes no progress: the stage is rebuilt")
		s.since, s.rebuilt, verdict = time.Time{}, true, errStalled
	}
	return verdict
}
