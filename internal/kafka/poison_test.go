package kafka_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

func TestBadRecordsAreParkedAndTheirNeighboursGoOn(t *testing.T) {
	t.Parallel()
	bad := []string{"fact-000000", "fact-000007", "fact-000008", "fact-000049"}
	isBad := func(r kafka.Record) bool { return slices.Contains(bad, string(r.Data)) }
	cases := map[string]struct {
		handle func(*ledger) func(context.Context, []kafka.Record) ([]kafka.Parked, error)
		kind   fault.Kind
	}{
		"the handler says which": {kind: fault.Invalid, handle: func(l *ledger) func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
			return func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
				var parked []kafka.Parked
				good := slices.DeleteFunc(slices.Clone(batch), isBad)
				for _, r := range batch {
					if isBad(r) {
						parked = append(parked, kafka.Parked{Record: r, Err: fault.New(fault.Invalid, "invalid", "bad")})
					}
				}
				_, err := l.handle(ctx, good)
				return parked, err
			}
		}},
		"the handler only says that": {kind: fault.Invalid, handle: func(l *ledger) func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
			return func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
				if slices.ContainsFunc(batch, isBad) {
					return nil, fault.New(fault.Invalid, "invalid", "one of them is bad")
				}
				return l.handle(ctx, batch)
			}
		}},
		"the handler panics": {kind: fault.Internal, handle: func(l *ledger) func(context.Context, []kafka.Record) ([]kafka.Parked, error) {
			return func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
				if slices.ContainsFunc(batch, isBad) {
					panic("secret of " + string(batch[0].Data))
				}
				return l.handle(ctx, batch)
			}
		}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			client, registry := open(t, e.config())
			name := topic(t, client, 1)
			require.NoError(t, client.Topic(name).Publish(t.Context(), facts(50, 5)))
			got := newLedger()
			run(t, client, kafka.Stage{Topic: name, Group: name, Handle: test.handle(got)}, got.park)
			caughtUp(t, client, name, name)
			require.Equal(t, bad, got.parkedIDs())
			require.Equal(t, 46, got.handled())
			for _, times := range got.times {
				require.Equal(t, 1, times)
			}
			for _, p := range got.parked {
				require.Equal(t, test.kind, fault.KindOf(p.Err))
				require.NotContains(t, p.Err.Error(), "secret")
				require.NotEmpty(t, p.Record.Headers)
			}
			require.EqualValues(t, 4, metric(t, registry, "alataw_kafka_parked_total"))
			require.EqualValues(t, 50, metric(t, registry, "alataw_kafka_consumed_total"))
		})
	}
}

func TestARecordThatIsNoFactNeverReachesTheHandler(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	ours := fact("ours", "k")
	for key, headers := range map[string][]event.Header{
		"none":     nil,
		"strange":  {{Key: "x", Value: []byte("y")}},
		"no time":  {{Key: "ce_id", Value: []byte("1")}, {Key: "ce_type", Value: []byte("t")}, {Key: "ce_time", Value: []byte("yesterday")}},
		"nil body": {{Key: "ce_id"}},
	} {
		require.NoError(t, client.Republish(t.Context(), name, []byte(key), []byte(key), headers))
	}
	require.NoError(t, client.Topic(name).Publish(t.Context(), []event.Envelope{ours}))
	got := newLedger()
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	caughtUp(t, client, name, name)
	require.Equal(t, map[string]int{"ours": 1}, got.times)
	require.ElementsMatch(t, []string{"none", "strange", "no time", "nil body"}, got.parkedIDs())
	for _, p := range got.parked {
		require.Equal(t, fault.Invalid, fault.KindOf(p.Err))
		require.Equal(t, p.Err, p.Record.Broken)
		require.Equal(t, string(p.Record.Data), string(p.Record.Key))
	}
}

func TestNothingIsCommittedBeforeItIsParked(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 1)
	require.NoError(t, client.Republish(t.Context(), name, nil, []byte("bad"), nil))
	got := newLedger()
	var calls atomic.Int32
	unpark := make(chan struct{})
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, func(ctx context.Context, bad []kafka.Parked) error {
		switch calls.Add(1) {
		case 1:
			return errors.New("the database is down")
		case 2:
			panic("and its driver is broken")
		}
		<-unpark
		return got.park(ctx, bad)
	})
	eventually(t, "tried again", func() bool { return calls.Load() == 3 })
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 1, lag.Records)
	close(unpark)
	caughtUp(t, client, name, name)
	require.Equal(t, []string{"bad"}, got.parkedIDs())
}

func TestAParkedRecordCanBePutBack(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	client := e.client(t)
	name := topic(t, client, 3)
	got := newLedger()
	var mended atomic.Bool
	run(t, client, kafka.Stage{Topic: name, Group: name, Handle: func(ctx context.Context, batch []kafka.Record) ([]kafka.Parked, error) {
		if !mended.Load() {
			return nil, fault.New(fault.Invalid, "invalid", "not understood yet")
		}
		return got.handle(ctx, batch)
	}}, got.park)
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
	eventually(t, "parked", func() bool { return len(got.parkedIDs()) == 1 })
	mended.Store(true)
	parked := got.parked[0].Record
	require.NoError(t, client.Republish(t.Context(), parked.Topic, parked.Key, parked.Data, parked.Headers))
	eventually(t, "handled", func() bool { return got.handled() == 1 })
}
