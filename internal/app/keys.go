package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/postgres"
)

// demoKeys are the keys that an embedded first start makes, one for each role.
type demoKeys map[account.Role]string

const keysName = "keys.json"

// ensureKeys makes one account of each role with a key, and keeps the keys in keys.json. Whatever of this a killed process
// has left undone is done at the next start; a key that was revoked stays so.
func ensureKeys(ctx context.Context, store *postgres.Store, dir string) (demoKeys, error) {
	path := filepath.Join(dir, keysName)
	keys, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	for _, role := range account.Roles {
		if !account.WellFormed(keys[role]) {
			keys[role] = account.NewKey()
		}
	}
	if err := writePrivate(path, keys); err != nil { // before the database knows them: a key nobody can read is lost
		return nil, err
	}
	for _, role := range account.Roles {
		if err := ensureKey(ctx, store, role, string(role)+"-1", keys[role]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func readKeys(path string) (demoKeys, error) {
	keys := demoKeys{}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keys, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, fmt.Errorf("%s cannot be read; mend or delete it: %w", path, err)
	}
	return keys, nil
}

func ensureKey(ctx context.Context, store *postgres.Store, role account.Role, name, key string) error {
	a := account.Account{Name: name, Role: role}
	if role == account.Carrier {
		routes, err := store.Routes(ctx)
		if err != nil {
			return err
		}
		for _, r := range routes {
			a.Routes = append(a.Routes, r.Code)
		}
	}
	a, err := store.CreateAccount(ctx, a)
	if err != nil {
		return err
	}
	return store.AddKey(ctx, a.ID, account.Hash(key), account.Hint(key))
}

// keysCmd administers keys.
type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Create an account if it is new, and a key for it. The key is shown once."`
	Revoke keysRevokeCmd `cmd:"" help:"Revoke a key by its hint, as list shows it."`
	List   keysListCmd   `cmd:"" help:"List all keys."`
}

type keysCreateCmd struct {
	Role  string   `arg:"" enum:"platform,carrier,officer,admin" help:"platform, carrier, officer or admin."`
	Name  string   `arg:"" help:"Name of the account."`
	Serve []string `help:"For a carrier: codes of the routes it serves." placeholder:"ROUTE"`
}

// Run prints the new key on standard output, and nothing else there.
func (c keysCreateCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	if err := c.check(); err != nil {
		return err
	}
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		if err := checkRoutes(ctx, store, c.Serve); err != nil {
			return err
		}
		a, err := store.CreateAccount(ctx, account.Account{Name: c.Name, Role: account.Role(c.Role), Routes: c.Serve})
		if err != nil {
			return err
		}
		if c.Serve != nil && !slices.Equal(a.Routes, c.Serve) {
			return fault.New(fault.Conflict, "account_exists", "the account %q exists, and serves %v", a.Name, a.Routes)
		}
		key := account.NewKey()
		if err := store.AddKey(ctx, a.ID, account.Hash(key), account.Hint(key)); err != nil {
			return err
		}
		fmt.Fprintf(to.err, "key for %s %q (account %d); it is shown this once and works within a second:\n", a.Role, a.Name, a.ID)
		fmt.Fprintln(to.out, key)
		return nil
	})
}

const maxAccountName = 100

func (c keysCreateCmd) check() error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.TrimSpace(c.Name) == "" || len(c.Name) > maxAccountName || strings.ContainsFunc(c.Name, unprintable) {
		return fault.New(fault.Invalid, "invalid_name", "an account's name has 1 to %d printable characters", maxAccountName)
	}
	if len(c.Serve) > 0 && account.Role(c.Role) != account.Carrier {
		return fault.New(fault.Invalid, "invalid_name", "only a carrier serves routes")
	}
	return nil
}

func checkRoutes(ctx context.Context, store *postgres.Store, codes []string) error {
	routes, err := store.Routes(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range routes {
		known[r.Code] = true
	}
	for _, code := range codes {
		if !known[code] {
			return fault.New(fault.Invalid, "route_unknown", "there is no route %q", code)
		}
	}
	return nil
}

type keysRevokeCmd struct {
	Hint string `arg:"" help:"The key's hint."`
}

// Run revokes keys and tells how many.
func (c keysRevokeCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		n, err := store.RevokeKeys(ctx, c.Hint, time.Now().UTC())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "key_not_found", "no key in force has the hint %q", c.Hint)
		}
		fmt.Fprintf(to.out, "%d key(s) revoked, within a second everywhere\n", n)
		return nil
	})
}

type keysListCmd struct{}

// Run prints a table of keys, without secrets.
func (keysListCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		keys, err := store.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "HINT\tROLE\tACCOUNT\tNAME\tROUTES\tCREATED\tREVOKED")
		for _, k := range keys {
			revoked := "-"
			if k.Revoked != nil {
				revoked = k.Revoked.UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%v\t%s\t%s\n", k.Hint, k.Account.Role, k.Account.ID, k.Account.Name, k.Account.Routes,
				k.Created.UTC().Format(time.RFC3339), revoked)
		}
		return w.Flush()
	})
}
