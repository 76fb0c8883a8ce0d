// Package app builds the house by hand, top to bottom, and runs the roles. Nobody but main imports it.
package app

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// cli is the command line: every setting is a flag and an environment variable, every command below takes them all.
type cli struct {
	Config `embed:""`

	Serve     serveCmd     `cmd:"" help:"Run the service: all roles, or those named. Without DATABASE_URL and KAFKA_BROKERS it starts its own."`
	Load      loadCmd      `cmd:"" help:"Post orders from NDJSON files (plain, gzip or zstd) and wait until all are decided."`
	Demo      demoCmd      `cmd:"" help:"Show the journey from order to released consignment with a sample day."`
	Bench     benchCmd     `cmd:"" help:"Measure the service beside bare COPY, bare produce and a bare door, in one run."`
	Bare      bareCmd      `cmd:"" name:"bench-bare" hidden:"" help:"Serve the bench's bare door."`
	Migrate   migrateCmd   `cmd:"" help:"Bring the database to this program's schema."`
	Retention retentionCmd `cmd:"" help:"Drop what was declared longer ago than it must be kept, and prepare the months to come. For a daily job."`
	Show      configCmd    `cmd:"" name:"config" help:"Print the configuration in force, secrets masked, and what is wrong with it."`
	Keys      keysCmd      `cmd:"" help:"Create, revoke and list the keys of accounts."`
	Lists     listsCmd     `cmd:"" help:"Import, show and refresh denied-party lists."`
	Rules     rulesCmd     `cmd:"" help:"Check, show and list rule sets."`
	Rates     ratesCmd     `cmd:"" help:"Import and show exchange rates."`
	Profiles  profilesCmd  `cmd:"" help:"Learn prices and risk from what has passed, and show what was learned."`
	Parked    parkedCmd    `cmd:"" help:"List and replay queue records that could not be handled."`
	Explain   explainCmd   `cmd:"" help:"Say why a parcel got its verdict, and judge it again by what was kept then."`
	Eval      evalCmd      `cmd:"" help:"Measure on labelled data how good screening is."`
	Doctor    doctorCmd    `cmd:"" help:"Check everything the service stands on, and say how to mend it."`

	faultCmds `embed:""`
}

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// Run parses the arguments and runs the command they name until it is done or ctx ends.
func Run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	var c cli
	exited := false
	parser, err := kong.New(&c, kong.Name("alataw"), kong.Writers(out, errOut), kong.UsageOnError(),
		kong.Description("Clearance for cross-border e-commerce parcels: from a platform's order to a released train."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(int) { exited = true }))
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if exited { // --help has been printed
		return nil
	}
	if err != nil {
		return cmp.Or(c.complaints(parser.Model.Flags), err)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(&c.Config, &console{in, out, errOut}, parser.Model)
}
