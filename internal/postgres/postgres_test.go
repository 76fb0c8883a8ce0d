package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/postgres/postgrestest"
)

// A process that leads in all that it may lead in still has connections to work by, with the fewest that it may be given.
func TestTheFewestConnectionsAreEnoughToLeadByAndToWork(t *testing.T) {
	t.Parallel()
	url := postgrestest.Open(t, func(ctx context.Context, url string) error {
		_, err := Migrate(ctx, url)
		return err
	})
	cfg := Config{URL: url, Timeout: 20 * time.Second}
	for cfg.Validate() != nil {
		cfg.MaxConnections++
	}
	s, err := Open(t.Context(), cfg, time.Now)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	work := func(ctx context.Context) error {
		_, err := s.RulesState(ctx)
		return err
	}
	for _, name := range []string{"relay", "lists", "profiles", "backtests", "lanes", "rescreening"} { // each within the one before
		inner := work
		work = func(ctx context.Context) error {
			_, err := s.Lead(ctx, name, inner)
			return err
		}
	}
	require.NoError(t, work(ctx))
}
