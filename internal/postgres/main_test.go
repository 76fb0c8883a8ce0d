package postgres

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/postgres/postgrestest"
	"github.com/alataw/alataw/internal/screening"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const platform account.ID = 1

// open gives a store on a fresh database with one platform, account 1.
func open(t testing.TB) *Store {
	t.Helper()
	url := postgrestest.Open(t, func(ctx context.Context, url string) error {
		_, err := Migrate(ctx, url)
		return err
	})
	s, err := Open(t.Context(), Config{URL: url, MaxConnections: 12, Timeout: 20 * time.Second}, time.Now)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	a, err := s.CreateAccount(t.Context(), account.Account{Name: "shop", Role: account.Platform})
	require.NoError(t, err)
	require.Equal(t, platform, a.ID)
	return s
}

// declaration gives an order's JSON; options are pairs of text to be replaced.
func declaration(orderNo string, options ...string) string {
	doc := `{"order_no":"` + orderNo + `","tracking_no":"T-` + orderNo + `","mode":"9610",
		"seller":{"name":"Huaxin","registration_no":"91650000MA0000001N"},
		"consignee":{"name":"Anna Example","phone":"+49301234567","address":{"country":"DE","city":"Berlin","lines":["Hauptstr. 1"]}},
		"currency":"EUR","goods_value":"10.00","gross_weight_g":500,"dimensions_mm":{"length":100,"width":100,"height":100},
		"items":[{"description":"LED lamp","hs_code":"940542","origin":"CN","quantity":2,"unit":"H87","unit_price":"5.00"}]}`
	return strings.NewReplacer(options...).Replace(doc)
}

var postings struct {
	sync.Mutex
	n int
}

// subject is an order as screening hands it to the store. A consignee of 0 is one of its own.
func subject(t testing.TB, orderNo string, consignee int64, options ...string) screening.Subject {
	t.Helper()
	doc := declaration(orderNo, options...)
	d, err := parcel.Read([]byte(doc))
	require.NoError(t, err)
	postings.Lock()
	defer postings.Unlock()
	postings.n++
	s := screening.Subject{
		Declared: parcel.Declared{
			ID: parcel.DeriveID(platform, orderNo), Account: platform, ReceivedAt: noon, Declaration: d, Document: []byte(doc),
			Posting: strconv.Itoa(postings.n),
		},
		Consignee: consignee, Fen: 7900, Fingerprint: d.Fingerprint(),
	}
	if consignee == 0 {
		s.Consignee = -int64(postings.n)
	}
	s.Address = s.Consignee
	return s
}

// judge clears everything but orders whose number begins with H (held on red for sanctions) or Y (yellow, at random).
func judge(subjects []screening.Subject, _ []screening.Past) []screening.Verdict {
	verdicts := make([]screening.Verdict, len(subjects))
	for i := range subjects {
		v := screening.Verdict{Status: parcel.Cleared, Lane: parcel.Green, Version: "test"}
		switch subjects[i].Declaration.OrderNo[0] {
		case 'H':
			v.Status, v.Lane = parcel.Held, parcel.Red
			v.Reasons = []parcel.Reason{{Rule: "sanctions.name", Category: parcel.Sanctions, Lane: parcel.Red, Explanation: "listed"}}
		case 'Y':
			v.Status, v.Lane = parcel.Held, parcel.Yellow
			v.Reasons = []parcel.Reason{{Rule: "random.sample", Category: parcel.Random, Lane: parcel.Yellow, Explanation: "drawn"}}
		}
		verdicts[i] = v
	}
	return verdicts
}

// record stores orders and gives their IDs.
func record(t *testing.T, s *Store, orderNos ...string) []parcel.ID {
	t.Helper()
	subjects := make([]screening.Subject, len(orderNos))
	ids := make([]parcel.ID, len(orderNos))
	for i, no := range orderNos {
		subjects[i] = subject(t, no, 0)
		ids[i] = subjects[i].ID
	}
	_, err := s.Record(t.Context(), subjects, judge)
	require.NoError(t, err)
	return ids
}

func numbered(prefix string, n int) []string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return numbers
}

func loadsOf(ids []parcel.ID) []consignment.Load {
	loads := make([]consignment.Load, len(ids))
	for i, id := range ids {
		loads[i] = consignment.Load{Parcel: id, Account: platform, Weight: 500, Volume: 1000}
	}
	return loads
}

// bundle loads parcels on the China–Europe route.
func bundle(t testing.TB, s *Store, now time.Time, ids []parcel.ID) consignment.Tally {
	t.Helper()
	tally, err := s.LoadOnRoute(t.Context(), "CN-EU", now, loadsOf(ids), func(l []consignment.Load, y consignment.Yard) consignment.Plan {
		return consignment.Pack(l, y, now)
	})
	require.NoError(t, err)
	return tally
}
