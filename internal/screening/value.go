package screening

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/refdata"
)

// ticketValue is the rule value.limit: a ticket over the limit goes by full declaration (H2018), not by list. For 9710 and 9810
// that is GACC announcement 2020 No. 75; for 9610 it is what list and statistics are used for (GACC announcement 2014 No. 12
// and practice). From a bonded zone (1210) goods leave by account book, without it. A currency without a rate cannot be compared.
func (r *Rules) ticketValue(s *Subject, h *hits) {
	d := &s.Declaration
	if d.Mode == parcel.ModeBonded {
		return
	}
	rate, ok := refdata.MicroCNY(d.Currency)
	if ok && s.Fen <= r.cfg.TicketFen {
		return
	}
	reason := parcel.Reason{
		Rule: "value.limit", Category: parcel.Value, Lane: parcel.Yellow, Score: 1,
		Field: "/goods_value", Value: d.GoodsValue.String() + " " + d.Currency,
	}
	if !ok {
		reason.Field, reason.Value, reason.Score = "/currency", d.Currency, 0.5
		reason.Explanation = fmt.Sprintf("There is no rate from %s to yuan, so the value of %s cannot be compared with the %s limit of %s a ticket.",
			d.Currency, d.GoodsValue, d.Mode, yuan(r.cfg.TicketFen))
	} else {
		reason.Explanation = fmt.Sprintf("The goods are worth %s %s, about %s at the reference rate of %s. A %s ticket over %s needs a full declaration (H2018).",
			d.GoodsValue, d.Currency, yuan(s.Fen), rateText(rate), d.Mode, yuan(r.cfg.TicketFen))
	}
	h.add(reason)
}

// yuan prints hundredths of a yuan: "6,256.00 CNY".
func yuan(fen int64) string {
	whole := fmt.Sprint(fen / 100)
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return fmt.Sprintf("%s.%02d CNY", b.String(), fen%100)
}

// rateText prints millionths of a yuan: "9.120000 CNY" as "9.12".
func rateText(micro int64) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000), "0")
	return strings.TrimSuffix(text, ".")
}
