package api

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/parcel"
)

// manifestColumns are the columns of a manifest in CSV. New ones are added at the end only.
var manifestColumns = []string{
	"consignment", "unit", "seal", "place", "parcel_id", "order_no", "tracking_no", "mode", "service",
	"seller", "seller_registration_no", "consignee", "consignee_country", "consignee_region", "consignee_city", "consignee_postal_code", "consignee_address", "consignee_phone",
	"items", "descriptions", "hs_codes", "origins", "currency", "goods_value", "freight", "insurance", "gross_weight_g", "volume_cm3", "loaded_at",
}

// writeCSVManifest writes RFC 4180: a header, then one line for each parcel. Texts of its items are joined with "; ".
func writeCSVManifest(out *slowWriter, unit consignment.Consignment, lines manifestLines) error {
	h := out.w.Header()
	h.Set("Content-Type", typeCSV+"; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="manifest-`+fileName(unit.Number)+`.csv"`)
	w := csv.NewWriter(out)
	w.UseCRLF = true
	if err := w.Write(manifestColumns); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	err := lines(func(l consignment.ManifestLine) error {
		d, err := document(l.Parcel, l.Document)
		if err != nil {
			return err
		}
		if d == nil { // not kept any longer: the register still names it
			d = &parcel.Declaration{OrderNo: l.OrderNo, TrackingNo: l.TrackingNo}
		}
		return w.Write(safe(manifestCells(unit, l, *d)))
	})
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	w.Flush()
	return w.Error()
}

func manifestCells(unit consignment.Consignment, l consignment.ManifestLine, d parcel.Declaration) []string {
	to := d.Consignee
	return []string{
		unit.Number, unit.UnitNumber, unit.Seal, strconv.Itoa(l.Place), l.Parcel.String(), d.OrderNo, d.TrackingNo, string(d.Mode), string(d.Service),
		d.Seller.Name, d.Seller.RegistrationNo, to.Name, to.Address.Country, to.Address.Region, to.Address.City, to.Address.PostalCode,
		strings.Join(to.Address.Lines, ", "), to.Phone,
		strconv.Itoa(len(d.Items)), joined(d.Items, func(it parcel.Item) string { return it.Description }),
		joined(d.Items, func(it parcel.Item) string { return it.HSCode }), joined(d.Items, func(it parcel.Item) string { return it.Origin }),
		d.Currency, d.GoodsValue.String(), d.Freight.String(), d.Insurance.String(),
		strconv.FormatInt(int64(d.GrossWeight), 10), strconv.FormatInt(d.VolumeCM3(), 10), instant(l.LoadedAt),
	}
}

func joined(items []parcel.Item, text func(parcel.Item) string) string {
	texts := make([]string, len(items))
	for i, it := range items {
		texts[i] = text(it)
	}
	return strings.Join(texts, "; ")
}

// safe keeps spreadsheets from taking a cell for a formula (CWE-1236): what begins like one gets an apostrophe in front.
func safe(cells []string) []string {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return cells
}

// fileName keeps of a number what every file system takes.
func fileName(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, number)
}
