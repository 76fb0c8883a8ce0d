package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/publisher"
	"github.com/alataw/alataw/internal/rates"
	"github.com/alataw/alataw/internal/refdata"
)

// ratesCmd administers exchange rates.
type ratesCmd struct {
	Import ratesImportCmd `cmd:"" help:"Import exchange rates from a file or an address, and put them in force, in one step."`
	Show   ratesShowCmd   `cmd:"" help:"Show what currencies are worth, and by which import."`
}

type ratesImportCmd struct {
	Source      string `enum:"ecb,custom," default:"" help:"Format: ecb (euro reference rates, CSV or zip) or custom (CSV of date,currency,units,cny); told by the header unless it is given."`
	File        string `arg:"" name:"file|url" help:"The file, plain, gzip or zip, or its http or https address."`
	AcceptJumps bool   `help:"Take rates that more than double or halve too."`
}

// Run imports rates. A file that is empty, cut, malformed or has rates that jump is refused, and the rates in force stay.
func (c ratesImportCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	sheet, err := c.read(ctx, cfg)
	if err != nil {
		return err
	}
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		done, imported, err := store.ImportRates(ctx, sheet, "rates import by "+cmp.Or(os.Getenv("USER"), "somebody"), c.AcceptJumps)
		if err != nil {
			if code, _ := fault.Describe(err); code == "rates_jump" {
				return fmt.Errorf("%w; --accept-jumps takes the file all the same", err)
			}
			return err
		}
		tellSheet(to.out, sheet)
		if !imported {
			fmt.Fprintln(to.out, "in force already: nothing is changed")
			return nil
		}
		fmt.Fprintf(to.out, "%s: %d rates added, %d changed; in force within seconds\n", done.Version, done.Added, done.Changed)
		return nil
	})
}

func (c ratesImportCmd) read(ctx context.Context, cfg *Config) (*rates.Sheet, error) {
	var file io.ReadCloser
	name := c.File
	var err error
	if publisher.IsURL(c.File) {
		file, name, err = publisher.NewClient(cfg.Lists.Timeout).Open(ctx, c.File)
	} else {
		file, err = os.Open(c.File)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return rates.Parse(c.Source, name, file, rates.DayOf(time.Now()))
}

// tellSheet says what was read.
func tellSheet(out io.Writer, s *rates.Sheet) {
	fmt.Fprintf(out, "%s %s: %d rates of %d currencies, %s to %s\n", s.Source, s.Name, len(s.Quotes), len(s.Currencies), s.First, s.Last)
	if len(s.Unknown) > 0 {
		fmt.Fprintf(out, "not read, for nothing is priced in them any more: %s\n", strings.Join(s.Unknown, " "))
	}
	if s.Gaps > 0 {
		fmt.Fprintf(out, "not read, for there is no rate of the yuan to cross through: %d days\n", s.Gaps)
	}
}

type ratesShowCmd struct {
	Date    string   `help:"On this day, like 2026-03-09; default: today in China."`
	Imports bool     `help:"List the imports instead, the newest first."`
	Codes   []string `arg:"" optional:"" name:"code" help:"Only these currencies, ISO 4217."`
}

// Run prints a table. It fails when a currency that was asked for has no rate.
func (c ratesShowCmd) Run(ctx context.Context, cfg *Config, to *console) error {
	day := rates.DayOf(time.Now())
	if c.Date != "" {
		var err error
		if day, err = rates.ParseDay(c.Date); err != nil {
			return fault.New(fault.Invalid, "rates_day", "%q is no day like 2026-03-09", c.Date)
		}
	}
	return withStore(ctx, cfg, to, func(store *postgres.Store) error {
		if c.Imports {
			imports, err := store.RateImports(ctx)
			if err != nil {
				return err
			}
			return tellImports(to.out, imports)
		}
		standings, err := store.RatesOn(ctx, day)
		if err != nil {
			return err
		}
		return c.print(to.out, standings, day)
	})
}

func (c ratesShowCmd) print(out io.Writer, standings []rates.Standing, day rates.Day) error {
	asked := standings
	if len(c.Codes) > 0 {
		var err error
		if asked, err = c.among(standings); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CURRENCY\tCNY\tOF\tAGE\tSOURCE\tVERSION\tNAME")
	var missing []string
	for _, s := range asked {
		if !s.Rate.Known() {
			missing = append(missing, s.Currency.Code)
			fmt.Fprintf(w, "%s\tnone\t-\t-\t-\t-\t%s\n", s.Currency.Code, s.Currency.Name)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d days\t%s\t%s\t%s\n", s.Currency.Code, rates.Text(s.Rate.Nano), dayOf(s.Rate), s.Rate.Age(day), s.Source,
			cmp.Or(s.Version, "-"), s.Currency.Name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(missing) > 0 && len(c.Codes) > 0 {
		return fault.New(fault.NotFound, "rate_missing", "no rate of %s on %s or before; import one: alataw rates import --source custom FILE, with lines of date,currency,units,cny",
			strings.Join(missing, ", "), day)
	}
	return nil
}

// among gives the currencies that were asked for.
func (c ratesShowCmd) among(standings []rates.Standing) (asked []rates.Standing, err error) {
	for _, code := range c.Codes {
		at := refdata.CurrencyPlace(strings.ToUpper(code))
		if at == 0 {
			return nil, fault.New(fault.Invalid, "currency_unknown", "%q is no currency of ISO 4217 that is in use", code)
		}
		asked = append(asked, standings[at-1])
	}
	return asked, nil
}

func dayOf(r rates.Rate) string {
	if r.Day == 0 {
		return "always"
	}
	return r.Day.String()
}

func tellImports(out io.Writer, imports []postgres.RateImport) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tSOURCE\tFROM\tTO\tADDED\tCHANGED\tIMPORTED\tBY\tFILE\tSHA-256")
	for _, in := range imports {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", in.Version, in.Source, in.FirstDay.Format(time.DateOnly), in.LastDay.Format(time.DateOnly),
			in.Added, in.Changed, in.ImportedAt.UTC().Format(time.DateTime), in.ImportedBy, in.File, in.Hash)
	}
	return w.Flush()
}

// usedRate is the rate that a verdict was given by.
type usedRate struct {
	Currency string `json:"currency"`
	Received string `json:"received_on"` // the day in China
	CNY      string `json:"cny,omitempty"`
	Day      string `json:"day,omitempty"` // that it was published for; "always" for the yuan
}

func rateUsed(d *parcel.Declared, table *rates.Table) usedRate {
	day := rates.DayOf(d.ReceivedAt)
	used := usedRate{Currency: d.Declaration.Currency, Received: day.String()}
	if rate := table.On(used.Currency, day); rate.Known() {
		used.CNY, used.Day = rates.Text(rate.Nano), dayOf(rate)
	}
	return used
}

// String says it for people.
func (u usedRate) String() string {
	if u.CNY == "" {
		return fmt.Sprintf("no rate of %s on %s", u.Currency, u.Received)
	}
	return fmt.Sprintf("%s %s CNY of %s, for %s", u.Currency, u.CNY, u.Day, u.Received)
}

// isOld tells whether a rate is older than is well.
func isOld(rate rates.Rate, today rates.Day, most time.Duration) bool {
	return time.Duration(rate.Age(today))*24*time.Hour > most
}

const ratesWarnEvery = 24 * time.Hour

// warnOfOldRates tells the log once a day, and whenever other rates come into force, that they are old.
func (h *house) warnOfOldRates(ctx context.Context) {
	rules, now := h.rules.Load(), h.now()
	if rules == nil || h.ratesWarned.version == rules.Rates.Version() && now.Sub(h.ratesWarned.at) < ratesWarnEvery {
		return
	}
	h.ratesWarned.version, h.ratesWarned.at = rules.Rates.Version(), now
	var old []string
	for _, currency := range rates.Main {
		if rate := rules.Rates.On(currency, rates.DayOf(now)); isOld(rate, rates.DayOf(now), h.cfg.RatesMaxAge) {
			old = append(old, fmt.Sprintf("%s of %s", currency, rate.Day))
		}
	}
	if len(old) > 0 {
		h.log.WarnContext(ctx, "exchange rates are old: import newer ones with alataw rates import", "rates", strings.Join(old, ", "))
	}
}

const unratedSpan = 7 * 24 * time.Hour

// ratesInForce tells how old the rates are, and of what currencies there were parcels that none was for.
func ratesInForce(ctx context.Context, store *postgres.Store, cfg *Config, now time.Time) finding {
	const check = "exchange rates"
	today := rates.DayOf(now)
	standings, err := store.RatesOn(ctx, today)
	if err != nil {
		return unanswered(check, err)
	}
	version, err := store.RatesVersion(ctx)
	if err != nil {
		return unanswered(check, err)
	}
	unrated, err := store.UnratedSince(ctx, now.Add(-unratedSpan))
	if err != nil {
		return unanswered(check, err)
	}
	f := finding{Check: check, Level: fine, Mend: "alataw rates import FILE|URL, daily or when customs set the next month's (docs/screening.md)"}
	told := []string{cmp.Or(version, "none imported")}
	for _, currency := range rates.Main {
		rate := standings[refdata.CurrencyPlace(currency)-1].Rate
		told = append(told, fmt.Sprintf("%s of %s", currency, rate.Day))
		if isOld(rate, today, cfg.RatesMaxAge) {
			f.Level = doubt
		}
	}
	for _, u := range unrated {
		if at := refdata.CurrencyPlace(u.Currency); at == 0 || !standings[at-1].Rate.Known() {
			f.Level = doubt
			told = append(told, fmt.Sprintf("none for %s: %d parcels were held for it in 7 days", u.Currency, u.Parcels))
		}
	}
	f.Detail = strings.Join(told, "; ")
	return f
}
