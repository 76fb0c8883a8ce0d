package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

const work = 64 * leastWork // its share among several accounts is 4 small posts

// ask takes a turn in a goroutine of its own; the answer is what take gives.
func ask(t *turns, id account.ID, size int64) chan func() {
	got := make(chan func(), 1)
	go func() {
		give, err := t.take(context.Background(), id, size)
		if err != nil {
			give = nil
		}
		got <- give
	}()
	synctest.Wait()
	return got
}

func TestAFloodWaitsForItselfAndOthersDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(work, time.Now)
		require.Len(t, ask(turns, 2, 1), 1)
		var flood []chan func()
		for range 100 {
			flood = append(flood, ask(turns, 1, 1))
		}
		require.Len(t, flood[3], 1)
		require.Empty(t, flood[4], "the share of one among several")
		for id := range account.ID(20) {
			require.Len(t, ask(turns, 10+id, 1), 1, "others go on")
		}
		(<-flood[0])()
		synctest.Wait()
		require.Len(t, flood[4], 1, "its own posts follow one another")
		require.Empty(t, flood[5])
		turns.fail(errors.New("the queue is down"))
		synctest.Wait()
		for _, waiting := range flood[5:] {
			require.Nil(t, <-waiting)
		}
	})
}

func TestAnAccountAloneHasItAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(work, time.Now)
		(<-ask(turns, 2, 1))()
		(<-ask(turns, 1, 1))()
		time.Sleep(othersFor)
		var alone []chan func()
		for range 65 {
			alone = append(alone, ask(turns, 1, 1))
		}
		require.Len(t, alone[63], 1)
		require.Empty(t, alone[64])
		other := ask(turns, 2, 1)
		require.Empty(t, other)
		(<-alone[0])()
		synctest.Wait()
		require.Len(t, other, 1, "who waits within the share comes before who is over it")
		turns.fail(nil)
		synctest.Wait()
	})
}

// A post larger than its account's share is worked on when its account has no other at work.
func TestALargePostGetsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(work, time.Now)
		require.Len(t, ask(turns, 2, 1), 1)
		first := ask(turns, 1, 10*work)
		require.Len(t, first, 1)
		second := ask(turns, 1, 10*work)
		require.Empty(t, second)
		(<-first)()
		synctest.Wait()
		require.Len(t, second, 1)
	})
}

func TestWhoLeavesTheQueueHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(mostOfWork*leastWork, time.Now)
		turns.begin(turns.of(9), 3*leastWork)
		defer func() { require.Equal(t, int64(4*leastWork), turns.busy) }()
		first := ask(turns, 1, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := turns.take(ctx, 2, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		(<-first)()
		require.Equal(t, int64(3*leastWork), turns.busy)
		require.Empty(t, turns.round)
		require.Len(t, ask(turns, 3, 1), 1)
	})
}

func TestPostsUnderWayAreCounted(t *testing.T) {
	turns := newTurns(work, time.Now)
	require.NoError(t, turns.enter(1, 10, 11))
	require.NoError(t, turns.enter(1, 1, 11))
	require.Equal(t, fault.TooFast, fault.KindOf(turns.enter(1, 1, 11)))
	require.NoError(t, turns.enter(2, 1, 11))
	turns.leave(1, 1)
	require.NoError(t, turns.enter(1, 1, 11))
}

// Whatever comes and goes, no more is worked on than allowed, an account at work alone is never refused what is free, and in the
// end everybody has had a turn.
func TestEverybodyGetsATurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "posts")
		ids := rapid.SliceOfN(rapid.Int32Range(1, 4), n, n).Draw(t, "accounts")
		sizes := rapid.SliceOfN(rapid.Int64Range(1, 2*work), n, n).Draw(t, "sizes")
		patience := rapid.SliceOfN(rapid.IntRange(1, 50), n, n).Draw(t, "patience")
		turns := newTurns(work, time.Now)
		finished := make(chan bool, n)
		for i := range n {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(patience[i])*100*time.Microsecond)
				defer cancel()
				give, err := turns.take(ctx, account.ID(ids[i]), sizes[i])
				if err == nil {
					turns.mu.Lock()
					within := turns.busy <= turns.all
					turns.mu.Unlock()
					give()
					finished <- within
					return
				}
				finished <- errors.Is(err, context.DeadlineExceeded)
			}()
		}
		for range n {
			require.True(t, <-finished)
		}
		require.Zero(t, turns.busy)
		require.Empty(t, turns.round)
	})
}
