package screening

import (
	"strconv"
	"strings"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// factsOf gathers what formulas can say of the parcel.
func (d *desk) factsOf(s *Subject, past Past) Facts {
	doc := &s.Declaration
	d.worth = d.Rules.worth(s)
	value := yuanOf(d.worth.fen)
	f := Facts{
		Mode: string(doc.Mode), Service: string(doc.Service), Currency: doc.Currency, Rated: d.worth.rate.Known(),
		Destination: doc.Consignee.Address.Country, Region: doc.Consignee.Address.Region, City: doc.Consignee.Address.City,
		Postal: doc.Consignee.Address.PostalCode, Consignee: doc.Consignee.Name, Seller: doc.Seller.RegistrationNo, SellerName: doc.Seller.Name,
		TrackingNo: doc.TrackingNo, GoodsValue: doc.GoodsValue.String(), Value: value, GrossG: int(doc.GrossWeight), ItemCount: len(doc.Items),
		SentParcels: past.Parcels + 1, SentValue: yuanOf(past.Fen + d.worth.fen),
		ThereParcels: past.ThereParcels + 1, ThereValue: yuanOf(past.ThereFen + d.worth.fen), Reused: past.Reused,
		TicketLimit: yuanOf(d.cfg.TicketFen), SplitLimit: d.cfg.SplitParcels, RateDays: -1,
	}
	if f.Rated {
		f.RateDays = d.worth.rate.Age(d.worth.day)
	}
	if d.Set.uses["received_on"] {
		f.ReceivedOn = d.dayText()
	}
	f.ValuePerKg = ratio(f.Value*1000, float64(f.GrossG))
	for i := range doc.Items {
		f.NetG += int(doc.Items[i].NetWeight)
	}
	if size := doc.Dimensions; size != nil {
		f.Length, f.Width, f.Height = int(size.Length), int(size.Width), int(size.Height)
		f.Density = ratio(float64(f.GrossG)*1e6, float64(size.Length)*float64(size.Width)*float64(size.Height))
	}
	return f
}

// dayText writes the day of receipt, once for many parcels of it.
func (d *desk) dayText() string {
	if d.dayWritten == "" || d.dayOf != d.worth.day {
		d.dayOf, d.dayWritten = d.worth.day, d.worth.day.String()
	}
	return d.dayWritten
}

func yuanOf(fen int64) float64 { return float64(fen) / 100 }

// item gathers the facts of an item, asks the rules for items, and then those for each thing it mentions and for its battery.
func (d *desk) item(s *Subject, i int) {
	it, f := &s.Declaration.Items[i], &d.facts
	d.reading = goods.Read(it.Description, &d.room)
	f.HS, f.Heading, f.Chapter, f.Origin = it.HSCode, it.HSCode[:4], it.HSCode[:2], it.Origin
	f.Description, f.Unit, f.Pieces = it.Description, it.Unit, goods.CountsPieces(it.Unit)
	f.Quantity, f.UnitPrice = floatOf(it.Quantity), it.UnitPrice.String()
	f.UnitValue = d.worth.rate.Yuan(floatOf(it.UnitPrice))
	f.ItemValue = f.UnitValue * f.Quantity
	f.ItemNetG = int(it.NetWeight)
	f.PieceG, f.ItemPerKg = 0, 0
	if f.ItemNetG > 0 {
		f.ItemPerKg = ratio(f.ItemValue*1000, float64(f.ItemNetG))
		if f.Pieces {
			f.PieceG = ratio(float64(f.ItemNetG), f.Quantity)
		}
	}
	d.comparePrice(s, it)
	r, _ := goods.Weigh(it.HSCode, 0)
	f.LeastG, f.MostG, f.WeighedAs, f.WeighedAsZH = float64(r.Least)/1000, float64(r.Most)/1000, r.Names, r.NamesZH
	f.Battery, f.WattHours, f.LithiumG = "", -1, -1
	if b := it.Battery; b != nil {
		f.Battery, f.WattHours, f.LithiumG = b.UNNumber, floatOr(b.WattHours, -1), floatOr(b.LithiumG, -1)
	}
	if f.Words = ""; d.Set.uses["words"] {
		f.Words = watchlist.Fold(it.Description)
	}
	f.Letters, f.Called, f.CalledZH, f.CalledFits, f.CalledIn = d.reading.Letters, "", "", true, ""
	if d.reading.Ware != nil {
		_, contradicts := goods.Speaks(&d.reading, it.HSCode)
		f.Called, f.CalledZH, f.CalledFits = d.reading.Ware.Names, d.reading.Ware.NamesZH, !contradicts
		if contradicts {
			f.CalledIn = strings.Join(d.reading.Ware.Headings, ", ")
		}
	}
	at := "/items/" + strconv.Itoa(i)
	d.ask(s, EachItem, &place{prefix: at})
	d.mentioned(s, it, at)
	d.batteries(s, it, at)
}

// floatOf gives a decimal as the nearest number; more than fits 64 bits of millionths is as much as does.
func floatOf(n parcel.Decimal) float64 {
	micros, fits := n.Micros()
	if !fits {
		return 1e13
	}
	return float64(micros) / 1e6
}

func floatOr(n *parcel.Decimal, without float64) float64 {
	if n == nil {
		return without
	}
	return floatOf(*n)
}

// parties asks the rules for parties of each entry that consignee or seller may be. Where a parcel goes says little of what its
// consignee is a citizen of, so the country is no evidence here.
func (d *desk) parties(s *Subject) {
	doc := &s.Declaration
	d.party(s, "consignee", doc.Consignee.Name)
	d.party(s, "seller", doc.Seller.Name)
}

// party asks the rules of each entry that a name may be.
func (d *desk) party(s *Subject, who, name string) {
	d.matches = d.Lists.Match(watchlist.Query{Name: name}, d.matches[:0])
	f := &d.facts
	for i := range d.matches {
		m := &d.matches[i]
		if who == "consignee" && d.Trusted.Trusts(m.Entry.List, m.Entry.ID, name, s.Declaration.Consignee.Address.Country, s.ReceivedAt) {
			continue
		}
		f.Party, f.Name, f.List, f.Entry, f.Edition = who, name, m.Entry.List, m.Entry.ID, d.Lists.VersionOf(m.Entry.List)
		f.ListedName, f.ListedAs, f.Likeness, f.Likely, f.LikelyZH = m.Entry.Name, describe(&m.Entry), m.Score, m.Explain("en"), m.Explain("zh")
		d.ask(s, EachParty, &place{
			field: "/" + who + "/name", value: name, matched: &parcel.Matched{List: m.Entry.List, Entry: m.Entry.ID, Name: m.Entry.Name},
		})
	}
}

// describe says who an entry is, as far as its list does: "individual, program SDGT, Borduria, an alias".
func describe(e *watchlist.Entry) string {
	parts := make([]string, 0, 4)
	for _, part := range []string{e.Kind, programOf(e), e.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if !e.Primary {
		parts = append(parts, "an alias")
	}
	return strings.Join(parts, ", ")
}

func programOf(e *watchlist.Entry) string {
	if e.Program == "" {
		return ""
	}
	return "program " + e.Program
}

// mentioned asks the rules for mentions of each regulated thing that an item speaks of, by its words, by its code, and by what
// the country of destination does not let in.
func (d *desk) mentioned(s *Subject, it *parcel.Item, at string) {
	destination := s.Declaration.Consignee.Address.Country
	for i := range d.reading.Mentions {
		m := &d.reading.Mentions[i]
		d.mention(s, m.Thing, "description", m.Phrase, m.Lane, place{
			field: at + "/description", value: it.Description, lane: m.Lane,
			matched: &parcel.Matched{List: "words", Entry: m.Entry(), Name: m.Names},
		})
		if r, barred := goods.BarredKind(m.Kind, destination); barred && m.Lane != parcel.Green {
			d.restricted(s, &r, "destination", m.Phrase, place{field: at + "/description", value: it.Description})
		}
	}
	if r, ok := goods.Heading(it.HSCode); ok {
		d.restricted(s, &r, "hs_code", it.HSCode, place{field: at + "/hs_code", value: it.HSCode})
	}
	if r, ok := goods.Barred(it.HSCode, destination); ok {
		d.restricted(s, &r, "destination", it.HSCode, place{field: at + "/hs_code", value: it.HSCode})
	}
}

// restricted asks of goods that a heading or a destination limits.
func (d *desk) restricted(s *Subject, r *goods.Restriction, where, phrase string, at place) {
	entry := r.Heading
	if r.Group != "" {
		entry = r.Key
	}
	at.lane, at.matched = r.Lane, &parcel.Matched{List: "headings", Entry: entry, Name: r.Names}
	if where == "destination" {
		at.matched.List = "destinations"
	}
	d.mention(s, r.Thing, where, phrase, r.Lane, at)
}

func (d *desk) mention(s *Subject, t *goods.Thing, where, phrase string, sure parcel.Lane, at place) {
	f := &d.facts
	f.Where, f.Phrase, f.Kind, f.Control, f.Names, f.NamesZH, f.Law, f.Sure = where, phrase, string(t.Kind), t.Control, t.Names, t.NamesZH, t.Source, string(sure)
	d.ask(s, EachMention, &at)
}

// batteries asks the rules for batteries of each thing that is the matter with an item's.
func (d *desk) batteries(s *Subject, it *parcel.Item, at string) {
	d.cells = goods.Batteries(d.cells[:0], it.HSCode, it.Description, &d.reading, it.Battery)
	for i := range d.cells {
		b, f := &d.cells[i], &d.facts
		f.BatteryCase, f.BatteryEvidence, f.BatteryUnit, f.BatteryWhat = string(b.Case), b.Evidence, b.Unit, b.What
		f.BatteryFigure, f.BatteryLimit, f.BatteryCell = b.Figure.String(), b.Limit.String(), b.Cell
		d.ask(s, EachBattery, &place{field: at + "/" + b.Field, value: b.Value})
	}
}
