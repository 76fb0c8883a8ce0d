package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres/postgrestest"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/watchlist"
)

// database gives the URL of a migrated database of the test's own, as open does.
func database(t testing.TB) string {
	t.Helper()
	return postgrestest.Open(t, func(ctx context.Context, url string) error {
		_, err := Migrate(ctx, url)
		return err
	})
}

func openURL(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: url, MaxConnections: 6, Timeout: 20 * time.Second}, time.Now)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// stranger gives a store that comes as a new role without any right; grant runs a statement as the owner.
func stranger(t testing.TB, url string) (s *Store, role string, grant func(statement string)) {
	t.Helper()
	owner := openURL(t, url)
	grant = func(statement string) {
		_, err := owner.pool.Exec(context.WithoutCancel(t.Context()), statement)
		require.NoError(t, err, statement)
	}
	role = "alataw_test_" + strings.ToLower(rand.Text()[:8])
	grant("CREATE ROLE " + role)
	t.Cleanup(func() { grant("DROP OWNED BY " + role); grant("DROP ROLE " + role) })
	return openURL(t, withRole(url, role)), role, grant
}

// withRole makes a connection take a role as it begins.
func withRole(url, role string) string {
	switch {
	case !strings.Contains(url, "://"):
		return url + " role=" + role
	case strings.Contains(url, "?"):
		return url + "&role=" + role
	default:
		return url + "?role=" + role
	}
}

// What InspectRights calls missing is what the whole journey needs: with just that granted, everything works.
func TestTheRightsThatAreAskedForSuffice(t *testing.T) {
	s, role, grant := stranger(t, database(t))
	rights, err := s.InspectRights(t.Context())
	require.NoError(t, err)
	require.Equal(t, role, rights.Role)
	require.False(t, rights.Superuser)
	require.False(t, rights.Owner)
	require.Empty(t, rights.Unknown, "every table stands in needed")
	require.Contains(t, rights.Missing, fmt.Sprintf(`GRANT SELECT, INSERT ON facts TO "%s";`, role))
	require.Contains(t, rights.Missing, fmt.Sprintf(`GRANT USAGE ON SEQUENCE facts_seq TO "%s";`, role))
	var asked []string
	for table, of := range needed {
		asked = append(asked, fmt.Sprintf(`GRANT %s ON %s TO "%s";`, strings.Join(of, ", "), table, role))
	}
	ofTables := slices.DeleteFunc(slices.Clone(rights.Missing), func(statement string) bool { return strings.Contains(statement, " ON SEQUENCE ") })
	require.ElementsMatch(t, asked, ofTables, "every table in needed is there, and nothing more is asked for")

	for _, statement := range rights.Missing {
		grant(statement)
	}
	rights, err = s.InspectRights(t.Context())
	require.NoError(t, err)
	require.Empty(t, rights.Missing)
	useEverything(t, s)
}

// useEverything calls every method that writes, and those that lock.
func useEverything(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	a, err := s.CreateAccount(ctx, account.Account{Name: "shop", Role: account.Platform})
	require.NoError(t, err)
	require.Equal(t, platform, a.ID)
	key := account.NewKey()
	require.NoError(t, s.AddKey(ctx, a.ID, account.Hash(key), account.Hint(key)))
	n, err := s.RevokeKeys(ctx, account.Hint(key), noon)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	for _, name := range []string{"Bad Company", "Worse Company"} {
		imported, err := s.ImportList(ctx, watchlist.List{Source: watchlist.Custom, Version: "1-" + name, Entries: []watchlist.Entry{{ID: "1", Name: name}}})
		require.NoError(t, err)
		require.True(t, imported)
	}
	require.NoError(t, s.ConfirmList(ctx, watchlist.Custom))
	require.NoError(t, s.Park(ctx, []Parked{{Topic: "t", Headers: []event.Header{}, Code: "c"}}))
	require.NoError(t, s.MarkReplayed(ctx, 1, noon))

	ids := record(t, s, "A", "B", "C", "H1", "H2")
	require.NoError(t, s.TrustPair(ctx, pairFor("trp_1", ids[3].String())))
	_, err = s.EndPair(ctx, "trp_1", "customs-1", noon)
	require.NoError(t, err)
	record(t, s, "A")
	bundle(t, s, noon, ids[:2])
	_, err = s.MarkUnrouted(ctx, loadsOf(ids[2:3]), noon)
	require.NoError(t, err)
	require.NoError(t, s.Cancel(ctx, ids[1], platform, "changed her mind", noon))
	require.NoError(t, s.Cancel(ctx, ids[4], platform, "changed her mind", noon))
	_, err = s.NextCase(ctx, review.Officer{ID: 7}, noon, func(c review.Case) (review.Case, parcel.Kind, error) { return c, "", nil })
	require.NoError(t, err)
	_, err = s.Lead(ctx, "reader", func(ctx context.Context) error { return s.SavePosition(ctx, "reader", event.Position{Tx: 1, Seq: 1}) })
	require.NoError(t, err)

	seal(t, s, unitsOf(t, s)[0].ID)
	_, err = consignment.NewDispatcher(s, s, func() time.Time { return noon }).Tick(ctx)
	require.NoError(t, err)
	unit := unitsOf(t, s)[0]
	require.Equal(t, consignment.Released, unit.Status)
	_, err = s.MarkReleased(ctx, unit.Departure.ID, "officer", noon)
	require.NoError(t, err)
	require.NotEmpty(t, feed(t, s))
}

func TestAMissingRightIsNamedWithItsRemedy(t *testing.T) {
	s, role, grant := stranger(t, database(t))
	grant("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role)
	grant("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + role)
	grant("REVOKE INSERT ON parcels FROM " + role)
	rights, err := s.InspectRights(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{fmt.Sprintf(`GRANT INSERT ON parcels TO "%s";`, role)}, rights.Missing)
}

func TestAnOwnerAndASuperuserAreTold(t *testing.T) {
	rights, err := open(t).InspectRights(t.Context())
	require.NoError(t, err)
	require.True(t, rights.Superuser)
	require.True(t, rights.Owner)
	require.Empty(t, rights.Missing)
}

func TestSchemaVersions(t *testing.T) {
	have, want, err := open(t).SchemaVersions(t.Context())
	require.NoError(t, err)
	require.Positive(t, want)
	require.Equal(t, want, have)

	s := openURL(t, database(t))
	_, err = s.pool.Exec(t.Context(), `DROP TABLE goose_db_version`)
	require.NoError(t, err)
	have, _, err = s.SchemaVersions(t.Context())
	require.NoError(t, err)
	require.Zero(t, have)
	require.Error(t, s.pool.QueryRow(t.Context(), `SELECT FROM goose_db_version`).Scan(), "it was not made by asking")
}

func TestInspectServer(t *testing.T) {
	s := open(t)
	v, err := s.InspectServer(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, v.Version)
	require.Greater(t, v.Number, 130000)
	require.False(t, v.Standby)
	require.Positive(t, v.Locks)
	require.Positive(t, v.Connections)
	require.Positive(t, v.Open)
	require.Positive(t, v.Size)
	require.Less(t, v.Skew.Abs(), 5*time.Second, "it is the same machine")
	require.Zero(t, v.Oldest.Age)
}

func TestTheClockOfTheServerIsComparedWithOurs(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return time.Now().Add(-time.Hour) }
	v, err := s.InspectServer(t.Context())
	require.NoError(t, err)
	require.InDelta(t, time.Hour.Seconds(), v.Skew.Seconds(), 5)
}

func TestAnOpenWritingTransactionIsNamed(t *testing.T) {
	s := open(t)
	tx, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	_, err = tx.Exec(t.Context(), `UPDATE routes SET name = name`)
	require.NoError(t, err)
	v, err := s.InspectServer(t.Context())
	require.NoError(t, err)
	require.Positive(t, v.Oldest.Age)
	require.Equal(t, int(tx.Conn().PgConn().PID()), v.Oldest.PID)
	require.Equal(t, "idle in transaction", v.Oldest.State)
	require.Contains(t, v.Oldest.Who, "alataw as ")
}

func TestListsInForce(t *testing.T) {
	s := open(t)
	_, err := s.ImportList(t.Context(), watchlist.List{Source: watchlist.Custom, Version: "2026-11-22-a", Entries: []watchlist.Entry{{ID: "1", Name: "Bad"}}})
	require.NoError(t, err)
	lists, err := s.ListsInForce(t.Context())
	require.NoError(t, err)
	require.Len(t, lists, 1)
	require.Equal(t, "2026-11-22-a", lists[0].Version)
	require.Equal(t, 1, lists[0].Entries)
	require.WithinDuration(t, time.Now(), lists[0].ImportedAt, time.Minute)
}
