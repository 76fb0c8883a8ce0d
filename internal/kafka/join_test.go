package kafka_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/alataw/alataw/internal/kafka"
)

// The embedded broker begins its wait for the others anew when a dead member is struck off: a join may be answered after both
// timeouts. Whoever gives up a second before that leaves a dead member behind, and with it the same wait for its next try, for ever.
func TestAJoinIsAwaitedForAsLongAsAGroupMayTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, n := newVirtual(t)
		client, _ := open(t, e.on(n))
		name := topic(t, client, 1)
		require.NoError(t, client.Topic(name).Publish(t.Context(), facts(1, 1)))
		var joins atomic.Int32
		e.fake.ControlKey(int16(kmsg.JoinGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
			e.fake.KeepControl()
			if joins.Add(1) == 1 {
				e.fake.SleepControl(func() { time.Sleep(2 * e.config().SessionTimeout) })
			}
			return nil, nil, false
		})
		l := newLedger()
		run(t, client, kafka.Stage{Topic: name, Group: "slow", Handle: l.handle}, l.park)
		eventually(t, "it is handled", func() bool { return l.handled() == 1 })
		require.EqualValues(t, 1, joins.Load(), "nobody gave up and joined anew")
	})
}
