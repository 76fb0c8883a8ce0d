package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/postgres"
)

// retentionCmd drops what need not be kept any longer, and prepares the months to come. It is for a daily job.
type retentionCmd struct {
	Months int  `default:"36" help:"Whole months to keep what was declared and the log of facts. China's E-Commerce Law, article 31, asks for three years."`
	DryRun bool `help:"Only say what would be dropped."`
}

// Validate refuses to keep nothing.
func (c retentionCmd) Validate() error {
	if c.Months < 1 {
		return fmt.Errorf("--months must be at least 1")
	}
	return nil
}

// Run prepares and retires, and says what it did.
func (c retentionCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	now := time.Now().UTC()
	horizon := time.Date(now.Year(), now.Month()-time.Month(c.Months), 1, 0, 0, 0, 0, time.UTC)
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		if !c.DryRun {
			made, err := store.PrepareMonths(ctx, now)
			if err != nil {
				return err
			}
			fmt.Fprintf(to.out, "prepared  %s\n", monthList(made))
		}
		r, err := store.Retire(ctx, horizon, c.DryRun)
		fmt.Fprintf(to.out, "horizon   %s\n", horizon.Format(time.DateOnly))
		fmt.Fprintf(to.out, "dropped   %s\n", monthList(r.Months))
		fmt.Fprintf(to.out, "waiting   %s\n", monthList(r.Waiting))
		fmt.Fprintf(to.out, "sheets    %d of months that were not prepared\n", r.Dockets)
		fmt.Fprintf(to.out, "facts     %d\n", r.Facts)
		if c.DryRun {
			fmt.Fprintln(to.out, "nothing was changed: --dry-run")
		}
		return err
	})
}

func monthList(months []string) string {
	if len(months) == 0 {
		return "none"
	}
	return strings.Join(months, " ")
}
