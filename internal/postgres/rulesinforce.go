package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// rulesState names the sets that judge and how many versions of lists there are: a text that changes whenever either does.
const rulesState = `
	SELECT coalesce((SELECT string_agg(id || ' ' || status, ' ' ORDER BY id) FROM rule_sets WHERE status IN ('active', 'shadow')), '')
		|| ' ' || (SELECT count(*) FROM named_lists)`

// RulesState gives a text that changes whenever a rule set is put in force, into the shadow or out of either, or a named list gets
// a version. It is cheap enough to be asked every second.
func (s *Store) RulesState(ctx context.Context) (string, error) {
	var state string
	if err := s.pool.QueryRow(ctx, rulesState).Scan(&state); err != nil {
		return "", classify(fmt.Errorf("state of rules: %w", err))
	}
	return state, nil
}

// Rules gives the rule sets that judge and all named lists as they stood at one moment, with the RulesState of that moment.
func (s *Store) Rules(ctx context.Context) (loaded ruleset.Loaded, err error) {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, rulesState).Scan(&loaded.State); err != nil {
			return err
		}
		if loaded.Active, err = queryRuleSets(ctx, tx, ` WHERE status = 'active' ORDER BY changed_at DESC, number DESC`); err != nil {
			return err
		}
		if loaded.Shadow, err = queryRuleSets(ctx, tx, ` WHERE status = 'shadow' ORDER BY number`); err != nil {
			return err
		}
		loaded.Named, err = listsInForce(ctx, tx)
		return err
	})
	if err != nil {
		return ruleset.Loaded{}, classify(fmt.Errorf("rules in force: %w", err))
	}
	return loaded, nil
}

// SaveBasis keeps what a version of the rules was made of. What is kept already stays.
func (s *Store) SaveBasis(ctx context.Context, rules string, basis json.RawMessage) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO bases (rules, basis) VALUES ($1, $2) ON CONFLICT (rules) DO NOTHING`, rules, basis)
	if err != nil {
		return classify(fmt.Errorf("basis of %s: %w", rules, err))
	}
	return nil
}

// Basis gives what a version of the rules was made of.
func (s *Store) Basis(ctx context.Context, rules string) (json.RawMessage, error) {
	var basis json.RawMessage
	err := s.pool.QueryRow(ctx, `SELECT basis FROM bases WHERE rules = $1`, rules).Scan(&basis)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "basis_not_found", "nothing is kept of the rules %s", rules)
	}
	if err != nil {
		return nil, classify(fmt.Errorf("basis of %s: %w", rules, err))
	}
	return basis, nil
}

// listsInForce gives the highest version of each list.
func listsInForce(ctx context.Context, q rowsQuerier) ([]screening.NamedList, error) {
	return collect(ctx, q, "named lists", asRead[screening.NamedList],
		`SELECT DISTINCT ON (name) name, kind, items FROM named_lists ORDER BY name, version DESC`)
}
