package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
)

// accountRow is a row of accounts.
type accountRow struct {
	ID        int32     `gorm:"primaryKey"`
	Name      string    `gorm:"column:name"`
	Role      string    `gorm:"column:role"`
	Routes    []string  `gorm:"column:routes;serializer:json"`
	CreatedAt time.Time `gorm:"column:created_at"`
}

// TableName names the table.
func (accountRow) TableName() string { return "accounts" }

func (r accountRow) account() account.Account {
	return account.Account{ID: account.ID(r.ID), Name: r.Name, Role: account.Role(r.Role), Routes: r.Routes}
}

// keyRow is a row of keys.
type keyRow struct {
	Hash      []byte     `gorm:"column:hash;primaryKey"`
	Hint      string     `gorm:"column:hint"`
	AccountID int32      `gorm:"column:account_id"`
	CreatedAt time.Time  `gorm:"column:created_at"`
	RevokedAt *time.Time `gorm:"column:revoked_at"`
}

// TableName names the table.
func (keyRow) TableName() string { return "keys" }

// CreateAccount adds an account, or gives the one of that name; a name that another role has is a conflict.
func (s *Store) CreateAccount(ctx context.Context, a account.Account) (account.Account, error) {
	if a.Routes == nil {
		a.Routes = []string{}
	}
	if _, err := s.AccountNamed(ctx, a.Name); fault.KindOf(err) == fault.NotFound {
		if err := s.insertAccount(ctx, a); err != nil {
			return account.Account{}, err
		}
	}
	stored, err := s.AccountNamed(ctx, a.Name)
	if err != nil {
		return account.Account{}, err
	}
	if stored.Role != a.Role {
		return account.Account{}, fault.New(fault.Conflict, "account_exists", "the account %q exists, as %s", a.Name, stored.Role)
	}
	return stored, nil
}

// insertAccount adds an account, unless somebody has in the meantime. The ID that gorm gives back is not read: where the row
// was there, it is not to be trusted.
func (s *Store) insertAccount(ctx context.Context, a account.Account) error {
	row := accountRow{Name: a.Name, Role: string(a.Role), Routes: a.Routes, CreatedAt: s.now().UTC()}
	accounts := gorm.G[accountRow](s.gorm, clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoNothing: true})
	if err := accounts.Create(ctx, &row); err != nil {
		return classify(fmt.Errorf("account %s: %w", a.Name, err))
	}
	return nil
}

// AddKey stores a key's hash for an account. A key that is stored stays as it is, revoked or not.
func (s *Store) AddKey(ctx context.Context, owner account.ID, hash account.KeyHash, hint string) error {
	row := keyRow{Hash: hash[:], Hint: hint, AccountID: int32(owner), CreatedAt: s.now().UTC()}
	if err := gorm.G[keyRow](s.gorm, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
		return classify(fmt.Errorf("add key: %w", err))
	}
	return nil
}

// RevokeKeys ends the keys with a hint, as Keys lists it (with or without its dots), and tells how many. Revoked keys stay listed.
func (s *Store) RevokeKeys(ctx context.Context, hint string, now time.Time) (int, error) {
	n, err := gorm.G[keyRow](s.gorm).Where("rtrim(hint, '…') = ? AND revoked_at IS NULL", strings.TrimRight(hint, "…")).Update(ctx, "revoked_at", now)
	if err != nil {
		return 0, classify(fmt.Errorf("revoke key: %w", err))
	}
	return n, nil
}

// Keys lists every key with its account, the oldest first.
func (s *Store) Keys(ctx context.Context) ([]account.Key, error) {
	rows, err := gorm.G[keyRow](s.gorm).Order("created_at").Find(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("keys: %w", err))
	}
	accounts, err := gorm.G[accountRow](s.gorm).Find(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("accounts: %w", err))
	}
	byID := make(map[int32]account.Account, len(accounts))
	for _, a := range accounts {
		byID[a.ID] = a.account()
	}
	keys := make([]account.Key, len(rows))
	for i, r := range rows {
		keys[i] = account.Key{
			Hash: account.KeyHash(r.Hash), Hint: r.Hint, Account: byID[r.AccountID], Created: r.CreatedAt, Revoked: r.RevokedAt,
		}
	}
	return keys, nil
}

// AccountNamed gives an account by its name.
func (s *Store) AccountNamed(ctx context.Context, name string) (account.Account, error) {
	row, err := gorm.G[accountRow](s.gorm).Where("name = ?", name).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return account.Account{}, fault.New(fault.NotFound, "account_not_found", "there is no account %q", name)
	}
	if err != nil {
		return account.Account{}, classify(fmt.Errorf("account %s: %w", name, err))
	}
	return row.account(), nil
}
