package app

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// bareCmd serves the baseline of single orders: the same server, and a handler that only reads the body.
type bareCmd struct {
	Key string `env:"ALATAW_KEY" required:"" help:"The only key it knows." secret:"plain"`
}

// Run serves until ctx ends.
func (c bareCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	relaxCollector()
	log := newLogger(cfg.LogLevel, to.err)
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return err
	}
	closing := make(chan struct{})
	defer close(closing)
	door := api.NewBare(api.Deps{ //nolint:contextcheck // a request brings its own
		Keys: oneKey{account.Hash(c.Key)}, Closing: closing, Metrics: newRegistry(), Log: log, Now: time.Now,
	}, cfg.API)
	log.InfoContext(ctx, servingLine, "address", listener.Addr().String())
	return serveUntil(ctx, newServer(door, log), listener, cfg.Grace)
}

// oneKey knows one platform.
type oneKey struct{ hash account.KeyHash }

// Account gives the platform of the key.
func (k oneKey) Account(_ context.Context, hash account.KeyHash) (account.Account, error) {
	if hash != k.hash {
		return account.Account{}, fault.Wrap(errors.New("another key"), fault.Unauthenticated, "unknown_key", "this is not the bench's key")
	}
	return account.Account{ID: 1, Name: "bench", Role: account.Platform}, nil
}
