package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/refdata"
)

// RateImport is one import of exchange rates. What it changed is kept apart, for ever.
type RateImport struct {
	Number     int    // from 1
	Version    string // of the rates with it, as rates.Table.Version has it
	Source     string
	File       string // its name or address
	Hash       string // SHA-256 over it, in hex
	Added      int    // rates for days that had none
	Changed    int    // rates that took the place of another
	FirstDay   time.Time
	LastDay    time.Time
	ImportedBy string
	ImportedAt time.Time
}

// ImportRates stores what a file says that is not in force already, and puts it in force, in one step; everything before it stays stored.
// It is false when there was nothing to store. A file whose rates jump is a fault.Invalid, unless that is accepted; nothing is changed then.
func (s *Store) ImportRates(ctx context.Context, sheet *rates.Sheet, by string, acceptJumps bool) (done RateImport, imported bool, err error) {
	err = s.inTx(ctx, "import rates", func(tx pgx.Tx) error {
		done, imported = RateImport{}, false
		// One import at a time; readers see the rates before until this commits.
		if _, err := tx.Exec(ctx, `LOCK TABLE rate_imports IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		table, err := loadRates(ctx, tx, nil, newestImport)
		if err != nil {
			return err
		}
		plan, err := table.Plan(sheet, acceptJumps)
		if err != nil || len(plan.Quotes) == 0 {
			return err
		}
		imported = true
		next := table.Edit()
		next.Add(table.Number()+1, plan.Quotes)
		done = RateImport{
			Number: table.Number() + 1, Version: next.Table().Version(), Source: sheet.Source, File: sheet.Name, Hash: sheet.Hash,
			Added: plan.Added, Changed: plan.Changed, FirstDay: sheet.First.Date(), LastDay: sheet.Last.Date(), ImportedBy: by, ImportedAt: s.now().UTC(),
		}
		return insertRates(ctx, tx, done, plan.Quotes)
	})
	return done, imported, err
}

func insertRates(ctx context.Context, tx pgx.Tx, in RateImport, quotes []rates.Quote) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO rate_imports (number, version, source, file, hash, added, changed, first_day, last_day, imported_by, imported_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		in.Number, in.Version, in.Source, in.File, in.Hash, in.Added, in.Changed, in.FirstDay, in.LastDay, in.ImportedBy, in.ImportedAt)
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"exchange_rates"}, []string{"import", "currency", "day", "nano_cny"},
		pgx.CopyFromSlice(len(quotes), func(i int) ([]any, error) {
			return []any{in.Number, quotes[i].Currency, quotes[i].Day.Date(), quotes[i].Nano}, nil
		}))
	if err != nil {
		return fmt.Errorf("rates: %w", err)
	}
	return nil
}

// RatesVersion names the rates in force, "" when none were imported. It is cheap enough to be asked every second.
func (s *Store) RatesVersion(ctx context.Context) (version string, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce((SELECT version FROM rate_imports ORDER BY number DESC LIMIT 1), '')`).Scan(&version)
	if err != nil {
		return "", classify(fmt.Errorf("version of rates: %w", err))
	}
	return version, nil
}

// Rates gives the rates in force. Of those that are known, which may be nil, only what came after is read.
func (s *Store) Rates(ctx context.Context, known *rates.Table) (*rates.Table, error) {
	table, err := loadRates(ctx, s.pool, known, newestImport)
	if err != nil {
		return nil, classify(fmt.Errorf("rates: %w", err))
	}
	return table, nil
}

// RatesOf gives the rates that a version names, in force or not: what an old decision was made with. "" names the program's own. A version
// that is not stored is a fault.NotFound.
func (s *Store) RatesOf(ctx context.Context, version string) (*rates.Table, error) {
	if version == "" {
		return &rates.Table{}, nil
	}
	text, _, _ := strings.Cut(version, "-")
	number, err := strconv.Atoi(text)
	if err != nil {
		return nil, noRates(version)
	}
	table, err := loadRates(ctx, s.pool, nil, number)
	if err != nil {
		return nil, classify(fmt.Errorf("rates %s: %w", version, err))
	}
	if table.Version() != version {
		return nil, noRates(version)
	}
	return table, nil
}

func noRates(version string) error {
	return fault.New(fault.NotFound, "rates_not_found", "no exchange rates of version %s are stored", version)
}

const newestImport = 1<<31 - 1

// querier is a pool or a transaction.
type querier interface {
	rowsQuerier
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// loadRates adds to known the imports after it up to a number. What is read must be what was stored: it decides.
func loadRates(ctx context.Context, q querier, known *rates.Table, most int) (*rates.Table, error) {
	var last int
	var version string
	err := q.QueryRow(ctx, `SELECT number, version FROM rate_imports WHERE number <= $1 ORDER BY number DESC LIMIT 1`, most).Scan(&last, &version)
	if errors.Is(err, pgx.ErrNoRows) {
		return &rates.Table{}, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `
		SELECT import, currency, day - DATE '1970-01-01', nano_cny FROM exchange_rates
		WHERE import > $1 AND import <= $2 ORDER BY import, currency COLLATE "C", day`, known.Number(), last)
	if err != nil {
		return nil, err
	}
	builder := known.Edit()
	var one []rates.Quote // import
	var number, under int
	var quote rates.Quote
	_, err = pgx.ForEachRow(rows, []any{&number, &quote.Currency, &quote.Day, &quote.Nano}, func() error {
		if number != under && len(one) > 0 {
			builder.Add(under, one)
			one = one[:0]
		}
		under, one = number, append(one, quote)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(one) > 0 {
		builder.Add(under, one)
	}
	table := builder.Table()
	if table.Version() != version {
		return nil, fmt.Errorf("what is stored is %q and not %q: rows are damaged or missing", table.Version(), version)
	}
	return table, nil
}

// RatesOn gives for each currency the rate that holds on a day, by what is in force now.
func (s *Store) RatesOn(ctx context.Context, day rates.Day) ([]rates.Standing, error) {
	codes := make([]string, 0, 200)
	for _, currency := range refdata.Currencies() {
		codes = append(codes, currency.Code)
	}
	type row struct {
		Currency, Source, Version string
		Day, Import               int32
		NanoCny                   int64
	}
	imported, err := collect(ctx, s.pool, "rates", func(r row) (rates.Standing, error) {
		return rates.Standing{
			Currency: refdata.Currency{Code: r.Currency}, Source: r.Source, Version: r.Version,
			Rate: rates.Rate{Nano: r.NanoCny, Day: rates.Day(r.Day), Import: r.Import},
		}, nil
	}, `
		SELECT c.currency, i.source, i.version, r.day - DATE '1970-01-01' AS day, r.import, r.nano_cny FROM unnest($1::text[]) c(currency)
		CROSS JOIN LATERAL (SELECT day, import, nano_cny FROM exchange_rates e WHERE e.currency = c.currency AND e.day <= $2
			ORDER BY day DESC, import DESC LIMIT 1) r
		JOIN rate_imports i ON i.number = r.import`, codes, day.Date())
	if err != nil {
		return nil, classify(err)
	}
	return rates.StandingsOn(day, imported), nil
}

// RateImports tells all imports of rates, the newest first.
func (s *Store) RateImports(ctx context.Context) ([]RateImport, error) {
	all, err := collect(ctx, s.pool, "imports of rates", asRead[RateImport], `
		SELECT number, version, source, file, hash, added, changed, first_day, last_day, imported_by, imported_at FROM rate_imports ORDER BY number DESC`)
	if err != nil {
		return nil, classify(err)
	}
	return all, nil
}

// Unrated is a currency of which parcels were held because it had no rate when they were judged.
type Unrated struct {
	Currency string
	Parcels  int64
	Last     time.Time // one was received
}

// mostUnrated bounds the cases that are looked at.
const mostUnrated = 5000

// UnratedSince gives the currencies of parcels that were held over their value since a moment because they had no rate, of the newest cases.
func (s *Store) UnratedSince(ctx context.Context, since time.Time) ([]Unrated, error) {
	all, err := collect(ctx, s.pool, "unrated parcels", asRead[Unrated], `
		WITH k AS MATERIALIZED (SELECT parcel_id FROM cases WHERE opened_at >= $1 AND categories ? 'value' ORDER BY opened_at DESC LIMIT $2)
		SELECT r->>'value' AS currency, count(*) AS parcels, max(p.received_at) AS last
		FROM k JOIN parcels p ON p.id = k.parcel_id CROSS JOIN LATERAL jsonb_array_elements(p.reasons) r
		WHERE r->>'rule' = 'value.unrated' GROUP BY 1 ORDER BY 2 DESC, 1`, since, mostUnrated)
	if err != nil {
		return nil, classify(err)
	}
	return all, nil
}
