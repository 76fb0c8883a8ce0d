package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/watchlist"
)

// From where on the doctor worries.
const (
	oldestServer   = 130000           // PostgreSQL 13: pg_current_xact_id
	skewDoubted    = time.Second      // a verdict may be stamped before its order
	skewRefused    = 30 * time.Second // cut-offs and claims end at the wrong time
	longOpen       = time.Minute      // a writing transaction: the feeds stand still as long
	listOld        = 8 * 24 * time.Hour
	connectionRoom = 10 // in a hundred, that should be left to people and backups
)

// examineDatabase asks the database everything, or says why it cannot.
func examineDatabase(ctx context.Context, cfg *Config, g *ground, now func() time.Time) []finding {
	store, err := postgres.Open(ctx, g.database, now)
	if err != nil {
		return []finding{{"database", broken, oneLine(err), "see DATABASE_URL"}}
	}
	defer store.Close()
	server, err := store.InspectServer(ctx)
	if err != nil {
		return []finding{{"database", broken, oneLine(err), "see that PostgreSQL runs and takes connections from here as DATABASE_URL says (psql \"$DATABASE_URL\")"}}
	}
	findings := []finding{
		reached(server), transactions(server), durable(server), connections(server, cfg), databaseClock(server), locks(server, cfg),
	}
	schema := schemaOf(ctx, store)
	findings = append(findings, schema)
	if schema.Level == broken {
		return findings
	}
	findings = append(findings, rights(ctx, store, cfg.Database.URL == "")...)
	return append(findings, parked(ctx, store), rulesInForce(ctx, store, cfg.Office), lists(ctx, store, now()), ratesInForce(ctx, store, cfg, now()), keysInForce(ctx, store))
}

func reached(s postgres.Server) finding {
	f := finding{"database", fine, fmt.Sprintf("PostgreSQL %s, %s", s.Version, bytesText(s.Size)), ""}
	switch {
	case s.Number < oldestServer:
		f.Level, f.Mend = broken, "upgrade PostgreSQL to 13 or later"
	case s.Standby:
		f.Level, f.Detail = broken, f.Detail+", a standby that only reads"
		f.Mend = "name the primary in DATABASE_URL (several hosts and target_session_attrs=read-write)"
	}
	return f
}

func transactions(s postgres.Server) finding {
	o := s.Oldest
	if o.Age < longOpen {
		return finding{"open transactions", fine, "none that holds up the feeds", ""}
	}
	return finding{
		"open transactions", doubt,
		fmt.Sprintf("a writing transaction is open for %s (%s, %s, process %d): no feed shows anything newer", o.Age.Round(time.Second), o.Who, o.State, o.PID),
		fmt.Sprintf("end it, or: SELECT pg_terminate_backend(%d)", o.PID),
	}
}

func durable(s postgres.Server) finding {
	f := finding{"database durability", fine, "commits survive a crash", ""}
	if len(s.Unsafe) > 0 {
		f.Level, f.Detail = broken, "a crash loses what was committed: "+strings.Join(s.Unsafe, ", ")
		f.Mend = "switch them on in postgresql.conf and reload"
	}
	return f
}

func connections(s postgres.Server, cfg *Config) finding {
	want, free := cfg.Database.MaxConnections, s.Connections-s.Open
	f := finding{"connections", fine, fmt.Sprintf("%d of %d open; this process would take up to %d", s.Open, s.Connections, want), ""}
	switch {
	case want > s.Connections:
		f.Level, f.Mend = broken, "lower DATABASE_MAX_CONNECTIONS or raise max_connections"
	case free*100 < s.Connections*connectionRoom:
		f.Level, f.Mend = doubt, "lower DATABASE_MAX_CONNECTIONS of each process or raise max_connections: processes × DATABASE_MAX_CONNECTIONS must fit"
	}
	return f
}

func databaseClock(s postgres.Server) finding {
	f := finding{"database clock", fine, fmt.Sprintf("%s from ours, within %s", s.Skew.Round(time.Millisecond), s.Doubt.Round(time.Millisecond)), ""}
	switch off := s.Skew.Abs() - s.Doubt; {
	case off > skewRefused:
		f.Level = broken
	case off > skewDoubted:
		f.Level = doubt
	}
	f.Mend = "set both clocks by NTP (chronyc tracking)"
	return f
}

// locks: each parcel of a screening batch takes one lock, and each partition has a batch under way.
func locks(s postgres.Server, cfg *Config) finding {
	partitions := cfg.Kafka.WithDefaults().Partitions
	room := s.Locks / 2 / partitions
	f := finding{"locks", fine, fmt.Sprintf("room for %d locks: batches of %d parcels in each of %d partitions", s.Locks, min(room, screeningBatch), partitions), ""}
	if room < screeningBatch {
		f.Level = doubt
		f.Mend = fmt.Sprintf("raise max_locks_per_transaction %d-fold and restart PostgreSQL: screening runs in smaller batches, slower", screeningBatch/max(1, room)+1)
	}
	return f
}

func schemaOf(ctx context.Context, store *postgres.Store) finding {
	have, want, err := store.SchemaVersions(ctx)
	f := finding{"schema", fine, fmt.Sprintf("version %d, as this program needs", have), ""}
	switch {
	case err != nil:
		return unanswered("schema", err)
	case have < want:
		f.Level, f.Detail, f.Mend = broken, fmt.Sprintf("version %d, this program needs %d", have, want), "run alataw migrate as the owner of the tables"
	case have > want:
		f.Level, f.Detail, f.Mend = broken, fmt.Sprintf("version %d, this program knows %d", have, want), "run the newer program"
	}
	return f
}

func rights(ctx context.Context, store *postgres.Store, own bool) []finding {
	r, err := store.InspectRights(ctx)
	if err != nil {
		return []finding{unanswered("rights", err)}
	}
	may := finding{"rights", fine, fmt.Sprintf("role %s may do all that is needed", r.Role), ""}
	if len(r.Missing) > 0 {
		may.Level, may.Detail = broken, fmt.Sprintf("role %s lacks %d rights", r.Role, len(r.Missing))
		may.Mend = "as the owner: " + strings.Join(r.Missing, " ")
	}
	who := finding{"role", fine, fmt.Sprintf("%s may not do more than it must", r.Role), ""}
	switch {
	case own:
		who.Detail = fmt.Sprintf("%s owns the embedded database", r.Role)
	case r.Superuser:
		who.Level, who.Detail = doubt, fmt.Sprintf("%s is a superuser: a mistake or a stolen password may do anything", r.Role)
	case r.Owner:
		who.Level, who.Detail = doubt, fmt.Sprintf("%s owns tables, and may drop them", r.Role)
	}
	who.Mend = "serve as a role of its own with the rights of docs/operating.md; keep the owner for alataw migrate"
	return []finding{may, who}
}

func parked(ctx context.Context, store *postgres.Store) finding {
	state, err := store.State(ctx, relayName)
	if err != nil {
		return unanswered("parked records", err)
	}
	n := state.Parked
	if n == 0 {
		return finding{"parked records", fine, "none", ""}
	}
	return finding{
		"parked records", doubt, fmt.Sprintf("%d wait that could not be handled: their orders are not screened or not loaded", n),
		"alataw parked list says why; mend the cause, then alataw parked replay --all",
	}
}

func lists(ctx context.Context, store *postgres.Store, now time.Time) finding {
	all, err := store.ListsInForce(ctx)
	if err != nil {
		return unanswered("watch lists", err)
	}
	if len(all) == 0 {
		return finding{"watch lists", doubt, "none: nobody is compared with any list", "alataw lists import --source ofac_sdn FILE…"}
	}
	f := finding{Check: "watch lists", Level: fine, Mend: "fetch the publisher's files anew: alataw lists import"}
	var told []string
	for _, l := range all {
		age := now.Sub(l.CheckedAt)
		told = append(told, fmt.Sprintf("%s %s: %d names, checked %d days ago", l.Source, l.Version, l.Entries, int(age.Hours()/24)))
		if l.Source != watchlist.Custom && age > listOld { // a list of one's own may be old and right
			f.Level = doubt
		}
	}
	f.Detail = strings.Join(told, "; ")
	return f
}

func keysInForce(ctx context.Context, store *postgres.Store) finding {
	all, err := store.Keys(ctx)
	if err != nil {
		return unanswered("keys", err)
	}
	inForce := map[account.Role]int{}
	for _, key := range all {
		if key.Revoked == nil {
			inForce[key.Account.Role]++
		}
	}
	f := finding{Check: "keys", Level: fine, Mend: "alataw keys create platform NAME"}
	var told []string
	for _, role := range account.Roles {
		told = append(told, fmt.Sprintf("%d %s", inForce[role], role))
	}
	f.Detail = strings.Join(told, ", ") + " in force"
	if len(inForce) == 0 {
		f.Level, f.Detail = doubt, "none in force: nobody can call"
	}
	return f
}

// unanswered is a check that could not be made.
func unanswered(check string, err error) finding {
	return finding{check, broken, oneLine(err), "mend what is named above first, then ask again"}
}

func bytesText(n int64) string {
	const k = 1000
	switch {
	case n >= k*k*k:
		return fmt.Sprintf("%.1f GB", float64(n)/k/k/k)
	case n >= k*k:
		return fmt.Sprintf("%.1f MB", float64(n)/k/k)
	default:
		return fmt.Sprintf("%.1f kB", float64(n)/k)
	}
}
