package screening_test

import (
	"context"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// ledger is a screening.Store in memory: it keeps what the real one keeps, and counts the past as it does.
type ledger struct {
	subjects []screening.Subject
	verdicts map[parcel.ID]screening.Verdict
	prints   map[parcel.ID]parcel.Fingerprint
	fault    error
}

func newLedger() *ledger {
	return &ledger{verdicts: map[parcel.ID]screening.Verdict{}, prints: map[parcel.ID]parcel.Fingerprint{}}
}

func (l *ledger) Record(_ context.Context, subjects []screening.Subject, judge screening.Judge) (screening.Tally, error) {
	var tally screening.Tally
	if l.fault != nil {
		return tally, l.fault
	}
	var fresh []screening.Subject
	for _, s := range subjects {
		switch content, known := l.prints[s.ID]; {
		case !known:
			l.prints[s.ID] = s.Fingerprint
			fresh = append(fresh, s)
		case content == s.Fingerprint:
			tally.Repeated++
		default:
			tally.Conflicts++
		}
	}
	pasts := make([]screening.Past, len(fresh))
	for i := range fresh {
		pasts[i] = l.past(&fresh[i])
	}
	for i, v := range judge(fresh, pasts) {
		l.verdicts[fresh[i].ID] = v
		tally.Judged++
		if v.Status == parcel.Held {
			tally.Held++
		}
	}
	l.subjects = append(l.subjects, fresh...)
	return tally, nil
}

func (l *ledger) past(s *screening.Subject) (past screening.Past) {
	for i := range l.subjects {
		earlier := &l.subjects[i]
		if earlier.Address == s.Address && earlier.ReceivedAt.After(s.ReceivedAt.Add(-screening.Window)) {
			past.ThereParcels++
			past.ThereFen += earlier.Fen
			if earlier.Consignee == s.Consignee {
				past.Parcels++
				past.Fen += earlier.Fen
			}
		}
		past.Reused = past.Reused || earlier.Declaration.TrackingNo == s.Declaration.TrackingNo
	}
	return past
}

// quiet are the default settings without the random sample.
func quiet() screening.Config {
	cfg := screening.DefaultConfig()
	cfg.RandomBasisPoints = 0
	return cfg
}

// rulesOf makes rules of settings and a list of invented parties.
func rulesOf(cfg screening.Config) *screening.Rules {
	return screening.NewRules(cfg, basisOf(watchlist.NewIndex([]watchlist.List{{Source: "ofac_sdn", Version: "2026-01-01-0123456789ab", Entries: []watchlist.Entry{
		{List: "ofac_sdn", ID: "102", Name: "ORVANE, Tessaly Quim", Kind: watchlist.Individual, Program: "SDGT", Country: "Borduria", Primary: true},
		{List: "ofac_sdn", ID: "106", Name: "MARLINSPIKE TRADING CO., LTD.", Kind: watchlist.Entity},
		{List: "ofac_sdn", ID: "107", Name: "ЁЛКИН, Фёдор", Kind: watchlist.Individual, Primary: true},
		{List: "ofac_sdn", ID: "108", Name: "幻想国际贸易有限公司", Kind: watchlist.Entity, Primary: true},
	}}})))
}

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// order is a declaration that no rule minds.
func order(change ...func(*parcel.Declaration)) parcel.Declaration {
	d := parcel.Declaration{
		OrderNo: "1", TrackingNo: "T1", Mode: parcel.ModeRetail, Service: parcel.Standard,
		Seller: parcel.Seller{Name: "Yiwu Fantasy Trading Co., Ltd.", RegistrationNo: "91650000MA0000001N", Country: "CN"},
		Consignee: parcel.Consignee{Name: "Bianca Castafiore", Phone: "+39 02 1234 5678", Address: parcel.Address{
			Country: "IT", City: "Milano", PostalCode: "20121", Lines: []string{"Via della Scala 1"},
		}},
		Currency: "EUR", GoodsValue: parcel.MustDecimal("12.50"), GrossWeight: 500,
		Dimensions: &parcel.Dimensions{Length: 200, Width: 150, Height: 100},
		Items: []parcel.Item{{
			Description: "Cotton scarf, blue", HSCode: "6214300000", Origin: "CN", Quantity: parcel.MustDecimal("2"), Unit: "H87",
			UnitPrice: parcel.MustDecimal("6.25"), NetWeight: 400,
		}},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

// declared makes the n-th order of account 1, received n seconds after noon.
func declared(n int, change ...func(*parcel.Declaration)) parcel.Declared {
	d := order(append([]func(*parcel.Declaration){func(d *parcel.Declaration) { d.OrderNo, d.TrackingNo = fmt.Sprint(n), fmt.Sprint("T", n) }}, change...)...)
	return parcel.Declared{ID: parcel.DeriveID(1, d.OrderNo), Account: 1, ReceivedAt: noon.Add(time.Duration(n) * time.Second), Declaration: d}
}

// tester is a test, a benchmark or a property's run.
type tester interface {
	require.TestingT
	Helper()
	Context() context.Context
}

// screenInto takes one batch through the rules into a store.
func screenInto(t tester, rules *screening.Rules, store screening.Store, batch []parcel.Declared) {
	t.Helper()
	_, err := screening.NewScreener(func() *screening.Rules { return rules }, store).Screen(t.Context(), batch)
	require.NoError(t, err)
}

// screened takes orders through the rules in one batch and gives their verdicts in order.
func screened(t tester, rules *screening.Rules, batch ...parcel.Declared) []screening.Verdict {
	t.Helper()
	store := newLedger()
	screenInto(t, rules, store, batch)
	verdicts := make([]screening.Verdict, len(batch))
	for i := range batch {
		verdicts[i] = store.verdicts[batch[i].ID]
	}
	return verdicts
}

// subjectsOf gives what the store is given of orders.
func subjectsOf(t tester, batch ...parcel.Declared) []screening.Subject {
	t.Helper()
	store := newLedger()
	screenInto(t, rulesOf(quiet()), store, batch)
	return store.subjects
}

// judged gives the verdict on one order.
func judged(t tester, change ...func(*parcel.Declaration)) screening.Verdict {
	t.Helper()
	return screened(t, rulesOf(quiet()), declared(1, change...))[0]
}

// hitsOf gives the names of the rules that hit.
func hitsOf(v screening.Verdict) []string {
	names := []string{}
	for _, r := range v.Reasons {
		names = append(names, r.Rule)
	}
	return names
}

// basisOf is the built-in rules with these lists.
func basisOf(lists *watchlist.Index) screening.Basis {
	return screening.Basis{Set: screening.Builtin(), Lists: lists}
}
