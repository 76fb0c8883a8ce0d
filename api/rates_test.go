package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/rates"
)

func TestExchangeRates(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := func(query string) map[string]api.ExchangeRate {
		t.Helper()
		found := map[string]api.ExchangeRate{}
		for _, rate := range got[api.Page[api.ExchangeRate]](t, 200, h.get(t, account.Officer, "/v1/exchange-rates"+query)).Data {
			found[rate.Currency] = rate
		}
		return found
	}
	text := "date,currency,units,cny\n2026-07-01,USD,100,709.35\n2026-07-01,VND,10000,2.6912\n"
	sheet, err := rates.Parse("", "july.csv", strings.NewReader(text), rates.DateOf(h.clock.now())+3650)
	require.NoError(t, err)
	done, _, err := h.store.ImportRates(t.Context(), sheet, "test", false)
	require.NoError(t, err)

	july := at("?date=2026-07-02")
	require.Equal(t, api.ExchangeRate{
		Currency: "USD", CNY: new("7.0935"), Date: new("2026-07-01"), Source: new("custom"), Version: new(done.Version),
	}, july["USD"])
	require.Equal(t, "0.00026912", *july["VND"].CNY)
	require.Equal(t, api.ExchangeRate{Currency: "CNY", CNY: new("1"), Source: new("program")}, july["CNY"])
	require.Equal(t, api.ExchangeRate{Currency: "KPW"}, july["KPW"])
	require.Equal(t, "program", *at("?date=2026-06-30")["USD"].Source, "as it was the day before")
	require.Greater(t, len(at("")), 150)
	h.get(t, account.Officer, "/v1/exchange-rates?date=yesterday").refused(t, 400, "invalid_query")
	h.get(t, account.Platform, "/v1/exchange-rates").refused(t, 403, "wrong_role")
}
