package screening

import (
	"fmt"
	"strconv"
	"time"

	"github.com/alataw/alataw/internal/parcel"
)

// splitParcels is the rule split.parcels: nobody for oneself orders so much within Window; an order cut into many parcels
// looks like it. To an overseas warehouse or a business buyer (9810, 9710) many parcels go by right.
func (r *Rules) splitParcels(s *Subject, past Past, h *hits) {
	if mode := s.Declaration.Mode; mode != parcel.ModeRetail && mode != parcel.ModeBonded {
		return
	}
	if past.Parcels < r.cfg.SplitParcels {
		return
	}
	h.add(parcel.Reason{
		Rule: "split.parcels", Category: parcel.Split, Lane: parcel.Yellow, Score: 0.7,
		Field: "/consignee", Value: strconv.Itoa(past.Parcels + 1),
		Explanation: fmt.Sprintf("This is parcel %d within %d hours for a consignee of the same name, phone number and address; up to %d pass.",
			past.Parcels+1, windowHours, r.cfg.SplitParcels),
	})
}

// splitValue is the rule split.value: parcels to one consignee within Window that stay under the ticket limit one by one, and
// pass it together, may be one order cut up to avoid the full declaration. The customs have published no algorithm; this
// is the plainest. What passes the limit alone is value.limit's.
func (r *Rules) splitValue(s *Subject, past Past, h *hits) {
	if mode := s.Declaration.Mode; mode != parcel.ModeRetail && mode != parcel.ModeB2B {
		return
	}
	sum := past.Fen + s.Fen
	if s.Fen > r.cfg.TicketFen || sum <= r.cfg.TicketFen {
		return
	}
	h.add(parcel.Reason{
		Rule: "split.value", Category: parcel.Split, Lane: parcel.Yellow, Score: 0.8,
		Field: "/goods_value", Value: s.Declaration.GoodsValue.String() + " " + s.Declaration.Currency,
		Explanation: fmt.Sprintf("With this parcel, worth about %s, a consignee of the same name, phone number and address is sent %d within %d hours, worth %s together: over the limit of %s for one ticket.",
			yuan(s.Fen), past.Parcels+1, windowHours, yuan(sum), yuan(r.cfg.TicketFen)),
	})
}

const windowHours = int(Window / time.Hour)
