package postgres

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// Keyring knows every key in force from memory, so that nobody at the door waits for the database.
// A new or revoked key takes effect within keyringRefresh; while the database is down, the keys known last stay in force.
type Keyring struct {
	store *Store
	log   *slog.Logger
	keys  atomic.Pointer[map[account.KeyHash]account.Account]
}

const keyringRefresh = time.Second

// NewKeyring makes a keyring; Run must run for it to know any key.
func NewKeyring(store *Store, log *slog.Logger) *Keyring { return &Keyring{store: store, log: log} }

// Account gives the account of a key in force.
func (k *Keyring) Account(_ context.Context, hash account.KeyHash) (account.Account, error) {
	keys := k.keys.Load()
	if keys == nil {
		f := fault.New(fault.Unavailable, "keys_unavailable", "the keys could not be loaded yet; try again")
		f.RetryAfter = keyringRefresh
		return account.Account{}, f
	}
	a, ok := (*keys)[hash]
	if !ok {
		return a, fault.New(fault.Unauthenticated, "unknown_key", "this key is not known, or was revoked")
	}
	return a, nil
}

// Load reads all keys once.
func (k *Keyring) Load(ctx context.Context) error {
	all, err := k.store.Keys(ctx)
	if err != nil {
		return err
	}
	keys := make(map[account.KeyHash]account.Account, len(all))
	for _, key := range all {
		if key.Revoked == nil {
			keys[key.Hash] = key.Account
		}
	}
	k.keys.Store(&keys)
	return nil
}

// Run refreshes the keys until ctx ends.
func (k *Keyring) Run(ctx context.Context) error {
	ticker := time.NewTicker(keyringRefresh)
	defer ticker.Stop()
	for healthy := true; ; {
		if err := k.Load(ctx); err != nil && ctx.Err() == nil && healthy {
			k.log.WarnContext(ctx, "keys not refreshed", "error", err.Error())
			healthy = false
		} else if err == nil {
			healthy = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
