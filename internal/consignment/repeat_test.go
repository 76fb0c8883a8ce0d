package consignment

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRepeatGoesOnThroughTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		began, turns := time.Now(), []time.Duration{}
		answers := []error{nil, errors.New("down"), errors.New("down"), errors.New("other"), nil, nil}
		err := repeat(ctx, time.Second, slog.New(slog.NewTextHandler(&out, nil)), "dispatch", func(context.Context) error {
			turns = append(turns, time.Since(began))
			if len(turns) == len(answers)+1 {
				cancel()
				return context.Canceled
			}
			return answers[len(turns)-1]
		})
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 1e9, 2e9, 3e9, 4e9, 5e9, 6e9}, turns)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, 3, "trouble when it begins or changes, and its end; stopping is no trouble")
		require.Contains(t, lines[0], "error=down")
		require.Contains(t, lines[1], "error=other")
		require.Contains(t, lines[2], "works again")
	})
}

func TestRepeatStopsWhileItWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		turns := 0
		began := time.Now()
		require.NoError(t, repeat(ctx, time.Minute, slog.New(slog.DiscardHandler), "dispatch", func(context.Context) error { turns++; return nil }))
		require.Equal(t, 2, turns)
		require.Equal(t, 90*time.Second, time.Since(began))
	})
}
