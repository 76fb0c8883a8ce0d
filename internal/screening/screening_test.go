package screening_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

func TestScreenRecordsOnce(t *testing.T) {
	rules := rulesOf(quiet())
	store := newLedger()
	screener := screening.NewScreener(func() *screening.Rules { return rules }, store)
	batch := []parcel.Declared{declared(1), declared(2, describe("handgun")), declared(3)}

	tally, err := screener.Screen(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Judged: 3, Held: 1}, tally)

	again := []parcel.Declared{batch[1], batch[2], declared(1, describe("another scarf")), declared(4)}
	tally, err = screener.Screen(t.Context(), again)
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Judged: 1, Repeated: 2, Conflicts: 1}, tally)
	require.Equal(t, screening.Verdict{Status: parcel.Cleared, Lane: parcel.Green, Version: rules.Version()}, store.verdicts[batch[0].ID])
}

func TestScreenTellsWhatFailed(t *testing.T) {
	store := newLedger()
	store.fault = errors.New("disk on fire")
	_, err := screening.NewScreener(func() *screening.Rules { return rulesOf(quiet()) }, store).Screen(t.Context(), []parcel.Declared{declared(1)})
	require.ErrorIs(t, err, store.fault)
	require.EqualError(t, err, "record verdicts: disk on fire")
}

// TestConsignee: what makes two consignees one, and what does not.
func TestConsignee(t *testing.T) {
	rows := map[string]struct {
		change func(*parcel.Consignee)
		same   bool
	}{
		"name in another order":       {func(c *parcel.Consignee) { c.Name = "CASTAFIORE, Bianca" }, true},
		"phone without country":       {func(c *parcel.Consignee) { c.Phone = "(0)2-12345678" }, true},
		"street in another order":     {func(c *parcel.Consignee) { c.Address.Lines = []string{"1, via della Scala"} }, true},
		"a second line":               {func(c *parcel.Consignee) { c.Address.Lines = append(c.Address.Lines, "2nd floor") }, true},
		"postal code with a blank":    {func(c *parcel.Consignee) { c.Address.PostalCode = "20 121" }, true},
		"city spelled otherwise":      {func(c *parcel.Consignee) { c.Address.City = "Milan" }, true},
		"an e-mail beside the phone":  {func(c *parcel.Consignee) { c.Email = "b@example.org" }, true},
		"another name":                {func(c *parcel.Consignee) { c.Name = "Irma Castafiore" }, false},
		"another phone":               {func(c *parcel.Consignee) { c.Phone = "+39 02 1234 5679" }, false},
		"another house":               {func(c *parcel.Consignee) { c.Address.Lines = []string{"Via della Scala 11"} }, false},
		"another postal code":         {func(c *parcel.Consignee) { c.Address.PostalCode = "20122" }, false},
		"another country":             {func(c *parcel.Consignee) { c.Address.Country = "CH" }, false},
		"an e-mail instead of phone":  {func(c *parcel.Consignee) { c.Phone, c.Email = "", "b@example.org" }, false},
		"a phone that has no digits":  {func(c *parcel.Consignee) { c.Phone = "none" }, false},
		"parts that run into another": {func(c *parcel.Consignee) { c.Name, c.Phone = "Bianca Castafiore 021", "2345678" }, false},
	}
	want := subjectsOf(t, declared(1))[0].Consignee
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			got := subjectsOf(t, declared(1, func(d *parcel.Declaration) { row.change(&d.Consignee) }))[0].Consignee
			require.Equal(t, row.same, got == want)
		})
	}
	mail := func(address string) func(*parcel.Declaration) {
		return func(d *parcel.Declaration) { d.Consignee.Phone, d.Consignee.Email = "", address }
	}
	byMail := subjectsOf(t, declared(1, mail("B@Example.org")), declared(2, mail(" b@example.org")), declared(3, mail("c@example.org")))
	require.Equal(t, byMail[0].Consignee, byMail[1].Consignee)
	require.NotEqual(t, byMail[0].Consignee, byMail[2].Consignee)
}

// The key is stored for every parcel: the same consignee has the same key in every release.
func TestConsigneeKeyStays(t *testing.T) {
	require.Equal(t, int64(3130124080190875112), subjectsOf(t, declared(1))[0].Consignee)
}

func TestFen(t *testing.T) {
	worth := func(amount, currency string) int64 {
		return subjectsOf(t, declared(1, func(d *parcel.Declaration) {
			d.GoodsValue, d.Currency = parcel.MustDecimal(amount), currency
		}))[0].Fen
	}
	require.Equal(t, int64(500_000), worth("5000", "CNY"))
	require.Equal(t, int64(1), worth("0.01", "CNY"))
	require.Equal(t, int64(1), worth("0.005", "CNY"), "half a fen counts as one")
	require.Equal(t, int64(0), worth("0.00499", "CNY"))
	require.Equal(t, 10*worth("100", "GBP"), worth("1000", "GBP"))
	require.Greater(t, worth("100", "GBP"), worth("100", "CNY"))
	require.Zero(t, worth("1000000", "KPW"), "no rate")
	require.Equal(t, int64(1_000_000_000_000), worth("99999999999999.99999", "KWD"), "a sum of many never overflows")
	require.Equal(t, int64(1_000_000_000_000), worth("9000000000000", "CNY"))
}

// A database keeps microseconds: a subject has no more.
func TestReceivedAtIsWhatTheStoreKeeps(t *testing.T) {
	d := declared(1)
	d.ReceivedAt = noon.Add(1_234_567 * time.Nanosecond)
	require.Equal(t, noon.Add(1_234*time.Microsecond), subjectsOf(t, d)[0].ReceivedAt)
}
