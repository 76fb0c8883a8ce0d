package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
)

const (
	ruleSetColumns = `
	SELECT id, number, status, hash, document, revision, proposal, created_by, created_at, changed_by, changed_at FROM rule_sets`
	ruleSetHeads = `
	SELECT id, number, status, hash, jsonb_build_object('name', name, 'office', office, 'direction', direction) AS document, revision, proposal,
		created_by, created_at, changed_by, changed_at FROM rule_sets`
)

// ruleSetRow is a row of ruleSetColumns.
type ruleSetRow struct {
	ID        [16]byte
	Number    int
	Status    string
	Hash      string
	Document  []byte
	Revision  int
	Proposal  []byte
	CreatedBy string
	CreatedAt time.Time
	ChangedBy string
	ChangedAt time.Time
}

func (r ruleSetRow) ruleSet() (ruleset.RuleSet, error) {
	s := ruleset.RuleSet{
		ID: r.ID, Number: r.Number, Status: ruleset.Status(r.Status), Hash: r.Hash, Revision: r.Revision,
		Created: ruleset.Stamp{By: r.CreatedBy, At: r.CreatedAt}, Changed: ruleset.Stamp{By: r.ChangedBy, At: r.ChangedAt},
	}
	return s, errors.Join(unmarshal(r.Document, &s.Document), unmarshal(r.Proposal, &s.Proposal))
}

func queryRuleSets(ctx context.Context, q rowsQuerier, sql string, args ...any) ([]ruleset.RuleSet, error) {
	return collect(ctx, q, "rule sets", ruleSetRow.ruleSet, ruleSetColumns+sql, args...)
}

// RuleSet gives one rule set.
func (s *Store) RuleSet(ctx context.Context, id ruleset.ID) (ruleset.RuleSet, error) {
	found, err := ruleSetOf(ctx, s.pool, id)
	if err != nil {
		return found, classify(err)
	}
	return found, nil
}

func ruleSetOf(ctx context.Context, q rowsQuerier, id ruleset.ID) (ruleset.RuleSet, error) {
	sets, err := queryRuleSets(ctx, q, ` WHERE id = $1`, [16]byte(id))
	if err != nil {
		return ruleset.RuleSet{}, err
	}
	if len(sets) == 0 {
		return ruleset.RuleSet{}, fault.New(fault.NotFound, "ruleset_not_found", "there is no rule set %s", id)
	}
	return sets[0], nil
}

// RuleSets lists rule sets, the newest first.
func (s *Store) RuleSets(ctx context.Context, q ruleset.Query) ([]ruleset.RuleSet, error) {
	columns := ruleSetColumns
	if q.Heads {
		columns = ruleSetHeads
	}
	sets, err := collect(ctx, s.pool, "rule sets", ruleSetRow.ruleSet, columns+`
		WHERE ($1 = '' OR status = $1) AND ($2 = '' OR office = $2) AND ($3 = '' OR direction = $3) AND ($4 = 0 OR number < $4)
		ORDER BY number DESC LIMIT $5`, string(q.Status), q.Office, string(q.Direction), q.Before, q.Limit)
	if err != nil {
		return nil, classify(err)
	}
	return sets, nil
}

// RuleSetEvents gives what happened to a rule set, in order.
func (s *Store) RuleSetEvents(ctx context.Context, id ruleset.ID) ([]ruleset.Event, error) {
	type row struct {
		Kind, Hash, By string
		At             time.Time
		Details        []byte
	}
	events, err := collect(ctx, s.pool, "rule set events", func(r row) (ruleset.Event, error) {
		e := ruleset.Event{Kind: ruleset.Kind(r.Kind), Hash: r.Hash, Stamp: ruleset.Stamp{By: r.By, At: r.At}}
		return e, unmarshal(r.Details, &e.Details)
	}, `SELECT kind, hash, by, at, details FROM rule_set_events WHERE rule_set_id = $1 ORDER BY id`, [16]byte(id))
	if err != nil {
		return nil, classify(err)
	}
	return events, nil
}

// lockRules lets people change rule sets and lists one after another, in all processes: they do so seldom.
func lockRules(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('alataw.rules', 0))`); err != nil {
		return fmt.Errorf("lock of rules: %w", err)
	}
	return nil
}

// AddRuleSet stores a draft; see ruleset.Store.
func (s *Store) AddRuleSet(ctx context.Context, set ruleset.RuleSet, made ruleset.Event) (ruleset.RuleSet, error) {
	document, err := json.Marshal(set.Document)
	if err != nil {
		return set, fmt.Errorf("rule set: %w", err)
	}
	err = s.inTx(ctx, "add rule set", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO rule_sets (id, name, office, direction, status, hash, document, revision, created_by, created_at, changed_by, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10) RETURNING number`,
			[16]byte(set.ID), set.Document.Name, set.Document.Office, string(set.Document.Direction), string(set.Status), set.Hash, document,
			set.Revision, set.Created.By, set.Created.At).Scan(&set.Number)
		if err != nil {
			return fmt.Errorf("rule set: %w", err)
		}
		return addRuleSetEvent(ctx, tx, set.ID, made)
	})
	return set, err
}

func addRuleSetEvent(ctx context.Context, tx pgx.Tx, id ruleset.ID, e ruleset.Event) error {
	var details []byte
	if len(e.Details) > 0 {
		var err error
		if details, err = json.Marshal(e.Details); err != nil {
			return fmt.Errorf("rule set event: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO rule_set_events (rule_set_id, kind, hash, by, at, details) VALUES ($1, $2, $3, $4, $5, $6)`,
		[16]byte(id), string(e.Kind), e.Hash, e.By, e.At, details)
	if err != nil {
		return fmt.Errorf("rule set event: %w", err)
	}
	return nil
}

// StepRuleSet takes a step in a rule set's life; see ruleset.Store.
func (s *Store) StepRuleSet(ctx context.Context, id ruleset.ID, step ruleset.Step) (after ruleset.RuleSet, err error) {
	err = s.inTx(ctx, "step of a rule set", func(tx pgx.Tx) error {
		after, err = stepRuleSet(ctx, tx, id, step)
		return err
	})
	return after, err
}

func stepRuleSet(ctx context.Context, tx pgx.Tx, id ruleset.ID, step ruleset.Step) (ruleset.RuleSet, error) {
	if err := lockRules(ctx, tx); err != nil {
		return ruleset.RuleSet{}, err
	}
	before, err := ruleSetOf(ctx, tx, id)
	if err != nil {
		return before, err
	}
	after, e, err := before.Take(step)
	if err != nil {
		return before, err
	}
	if before.Status != after.Status {
		if err := makeRoom(ctx, tx, after, step); err != nil {
			return before, err
		}
	}
	return after, saveRuleSet(ctx, tx, after, e)
}

// makeRoom does what a set's new status asks of others: one is active, a few run in the shadow, and what is retired is not tried.
func makeRoom(ctx context.Context, tx pgx.Tx, after ruleset.RuleSet, step ruleset.Step) error {
	switch after.Status {
	case ruleset.Active:
		return retireActive(ctx, tx, after, step)
	case ruleset.Shadow:
		beside, err := queryRuleSets(ctx, tx, ` WHERE office = $1 AND direction = $2 AND status = 'shadow'`,
			after.Document.Office, string(after.Document.Direction))
		if err != nil {
			return err
		}
		if len(beside) >= ruleset.MostShadows {
			return fault.New(fault.Conflict, "too_many_shadows", "%d rule sets of this office run in the shadow already; retire one", len(beside))
		}
	case ruleset.Retired:
		return cancelBacktests(ctx, tx, after.ID, step.At)
	case ruleset.Draft:
	}
	return nil
}

// retireActive retires the set that another takes the place of.
func retireActive(ctx context.Context, tx pgx.Tx, next ruleset.RuleSet, step ruleset.Step) error {
	sets, err := queryRuleSets(ctx, tx, ` WHERE office = $1 AND direction = $2 AND status = 'active'`,
		next.Document.Office, string(next.Document.Direction))
	if err != nil {
		return err
	}
	for _, old := range sets {
		gone, e, err := old.Take(ruleset.Step{
			Action: ruleset.Retire, By: step.By, At: step.At, Details: map[string]string{"replaced_by": next.ID.String()},
		})
		if err != nil {
			return err
		}
		if err := cancelBacktests(ctx, tx, old.ID, step.At); err != nil {
			return err
		}
		if err := saveRuleSet(ctx, tx, gone, e); err != nil {
			return err
		}
	}
	return nil
}

func saveRuleSet(ctx context.Context, tx pgx.Tx, s ruleset.RuleSet, e ruleset.Event) error {
	document, err := json.Marshal(s.Document)
	if err != nil {
		return fmt.Errorf("rule set: %w", err)
	}
	proposal, err := optionalJSON(s.Proposal)
	if err != nil {
		return fmt.Errorf("rule set: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE rule_sets SET name = $2, office = $3, direction = $4, status = $5, hash = $6, document = $7, revision = $8, proposal = $9,
			changed_by = $10, changed_at = $11 WHERE id = $1`,
		[16]byte(s.ID), s.Document.Name, s.Document.Office, string(s.Document.Direction), string(s.Status), s.Hash, document, s.Revision, proposal,
		s.Changed.By, s.Changed.At)
	if err != nil {
		return fmt.Errorf("rule set: %w", err)
	}
	return addRuleSetEvent(ctx, tx, s.ID, e)
}
