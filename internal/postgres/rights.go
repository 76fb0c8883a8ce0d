package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// needed are the rights that the program needs on each table, all roles and commands but migrate together. FOR UPDATE asks for UPDATE.
var needed = map[string][]string{
	"accounts":           {"SELECT", "INSERT"},
	"keys":               {"SELECT", "INSERT", "UPDATE"},
	"parcels":            {"SELECT", "INSERT", "UPDATE"},
	"dockets":            {"SELECT", "INSERT"},
	"facts":              {"SELECT", "INSERT"},
	"positions":          {"SELECT", "INSERT", "UPDATE"},
	"cases":              {"SELECT", "INSERT", "UPDATE"},
	"referrals":          {"SELECT", "INSERT", "UPDATE"},
	"rescreenings":       {"SELECT", "INSERT", "UPDATE"},
	"parked":             {"SELECT", "INSERT", "UPDATE"},
	"watchlists":         {"SELECT", "INSERT", "UPDATE"},
	"watchlist_entries":  {"SELECT", "INSERT"},
	"trusted_pairs":      {"SELECT", "INSERT", "UPDATE"},
	"routes":             {"SELECT", "UPDATE"},
	"departures":         {"SELECT", "INSERT", "UPDATE"},
	"consignments":       {"SELECT", "INSERT", "UPDATE"},
	"consignment_events": {"SELECT", "INSERT"},
	"loads":              {"SELECT", "INSERT", "DELETE"},
	"unloaded":           {"SELECT", "INSERT"},
	"unrouted":           {"SELECT", "INSERT"},
	"bases":              {"SELECT", "INSERT"},
	"rule_sets":          {"SELECT", "INSERT", "UPDATE"},
	"rule_set_events":    {"SELECT", "INSERT"},
	"named_lists":        {"SELECT", "INSERT"},
	"backtests":          {"SELECT", "INSERT", "UPDATE"},
	"shadow_counts":      {"SELECT", "INSERT", "UPDATE"},
	"profiles":           {"SELECT", "INSERT", "UPDATE"},
	"lane_counts":        {"SELECT", "INSERT", "DELETE"},
	"lane_totals":        {"SELECT", "INSERT", "UPDATE", "DELETE"},
	"lane_topups":        {"SELECT", "INSERT"},
	"rate_imports":       {"SELECT", "INSERT", "UPDATE"}, // UPDATE to lock it
	"exchange_rates":     {"SELECT", "INSERT"},
	"goose_db_version":   {"SELECT"},
}

// Rights is what the role we come as may do.
type Rights struct {
	Role      string
	Superuser bool     // it may do everything, whatever is granted
	Owner     bool     // of tables: it may drop them
	Missing   []string // statements that grant what is missing, ready to be run by the owner
	Unknown   []string // tables that this program knows nothing of
}

// InspectRights compares the role's rights with those needed. Tables that are not there are the schema's trouble, not its.
func (s *Store) InspectRights(ctx context.Context) (Rights, error) {
	var r Rights
	err := s.pool.QueryRow(ctx, `SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&r.Role, &r.Superuser)
	if err == nil {
		err = s.compareTables(ctx, &r)
	}
	if err == nil {
		err = s.compareSequences(ctx, &r)
	}
	if err != nil {
		return r, classify(fmt.Errorf("inspect rights: %w", err))
	}
	return r, nil
}

// A partition is reached through its table, so its own rights do not count.
func (s *Store) compareTables(ctx context.Context, r *Rights) error {
	rows, err := s.pool.Query(ctx, `
		SELECT c.relname, pg_get_userbyid(c.relowner) = current_user,
			array(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE has_table_privilege(c.oid, p))
		FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname`)
	if err != nil {
		return err
	}
	var table string
	var owner bool
	var granted []string
	_, err = pgx.ForEachRow(rows, []any{&table, &owner, &granted}, func() error {
		r.Owner = r.Owner || owner
		rights, known := needed[table]
		if !known {
			r.Unknown = append(r.Unknown, table)
		}
		r.lack(table, slices.DeleteFunc(slices.Clone(rights), func(right string) bool { return slices.Contains(granted, right) }))
		return nil
	})
	return err
}

// Identity columns draw from sequences of their own, which need no right.
func (s *Store) compareSequences(ctx context.Context, r *Rights) error {
	rows, err := s.pool.Query(ctx, `
		SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace
			AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') ELSE false END -- AND promises no order
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i') ORDER BY c.relname`)
	if err != nil {
		return err
	}
	var sequence string
	_, err = pgx.ForEachRow(rows, []any{&sequence}, func() error {
		r.lack("SEQUENCE "+sequence, []string{"USAGE"})
		return nil
	})
	return err
}

func (r *Rights) lack(what string, rights []string) {
	if len(rights) > 0 {
		r.Missing = append(r.Missing, fmt.Sprintf("GRANT %s ON %s TO %s;", strings.Join(rights, ", "), what, pgx.Identifier{r.Role}.Sanitize()))
	}
}
