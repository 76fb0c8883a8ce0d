package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/rates"
)

// RateStore keeps exchange rates.
type RateStore interface {
	RatesOn(ctx context.Context, day rates.Day) ([]rates.Standing, error)
}

// ExchangeRate is what a unit of a currency is worth on a day, by the newest rate that was published for that day or one before.
type ExchangeRate struct {
	Currency string  `json:"currency" example:"USD"`
	CNY      *string `json:"cny" extensions:"x-nullable" example:"7.090909091"`                       // decimal; null: there is no rate, and parcels priced in the currency are held
	Date     *string `json:"date" format:"date" extensions:"x-nullable" example:"2026-11-20"`         // that it was published for; null for the yuan, whose never changes, and without a rate
	Source   *string `json:"source" extensions:"x-nullable" enums:"ecb,custom,program" example:"ecb"` // program: it came with the program and is indicative
	Version  *string `json:"version" extensions:"x-nullable" example:"3-0c2f6a17b9de"`                // of the rates from its import on; null for the program's own
} //	@name	ExchangeRate

func exchangeRateOf(s rates.Standing) ExchangeRate {
	e := ExchangeRate{Currency: s.Currency.Code}
	if !s.Rate.Known() {
		return e
	}
	e.CNY, e.Source, e.Version = new(rates.Text(s.Rate.Nano)), new(s.Source), textOrNull(s.Version)
	if s.Rate.Day != 0 {
		e.Date = new(s.Rate.Day.String())
	}
	return e
}

// listExchangeRates lists what currencies are worth.
//
//	@Summary		List exchange rates
//	@Description	Of every currency of ISO 4217 that goods are priced in, the rate that a parcel received on a day in China is judged by, as far as rates are imported now.
//	@Tags			lists
//	@Security		bearer
//	@Param			date	query		string	false	"the day, like 2026-11-22; today in China unless it is given"	format(date)
//	@Success		200		{object}	Page[ExchangeRate]
//	@Failure		400		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/exchange-rates [get]
func (d *door) listExchangeRates(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL, "date")
	day := rates.DayOf(d.deps.Now())
	if text := q.get("date"); text != "" {
		var err error
		if day, err = rates.ParseDay(text); err != nil {
			q.refuse("date", "format", "this is a day like 2026-11-22")
		}
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	standings, err := d.deps.Rates.RatesOn(c.Request.Context(), day)
	if err != nil {
		return nil, err
	}
	return Page[ExchangeRate]{Data: convert(standings, exchangeRateOf)}, nil
}
