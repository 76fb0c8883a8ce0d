package consignment

import (
	"context"
	"log/slog"
	"time"
)

// repeat acts at once and then every so often until ctx ends, which is no error. An act that fails is tried again at the next turn;
// the log hears of it when trouble begins or changes, and when it is over, not at every turn.
func repeat(ctx context.Context, every time.Duration, log *slog.Logger, what string, act func(context.Context) error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	trouble := ""
	for {
		err := act(ctx)
		if ctx.Err() != nil {
			return nil
		}
		switch {
		case err != nil && err.Error() != trouble:
			trouble = err.Error()
			log.ErrorContext(ctx, "will try again", "task", what, "error", err)
		case err == nil && trouble != "":
			trouble = ""
			log.InfoContext(ctx, "works again", "task", what)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
