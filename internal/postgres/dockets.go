package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/s2"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// A docket is what the parcels of a batch declared, 32 to a sheet, packed with s2: 200 bytes a parcel instead of 1,100 as
// JSONB, and less than half the time to store the parcel (docs/adr/0018). A single one is read back by unpacking its sheet.
const sheetLeaves = 32

const (
	packedPlain = "plain"
	packedS2    = "s2"
)

// leafPlace says where a parcel's declaration lies. Filed is the parcel's screened_at: it finds the month.
type leafPlace struct {
	batch int64
	leaf  int
	filed time.Time
}

func (l leafPlace) sheet() sheetPlace { return sheetPlace{l.batch, l.leaf / sheetLeaves} }

type sheetPlace struct {
	batch int64
	sheet int
}

// copyDockets stores the declarations of a batch; a subject's place in the batch is its leaf.
func copyDockets(ctx context.Context, tx pgx.Tx, batch int64, subjects []screening.Subject, now time.Time) error {
	rows := newRowBuffer(len(subjects), 256, "dockets", "batch", "sheet", "filed_at", "packing", "declarations")
	var plain, packed []byte
	for sheet := 0; sheet*sheetLeaves < len(subjects); sheet++ {
		plain = plain[:0]
		for _, s := range subjects[sheet*sheetLeaves : min(len(subjects), (sheet+1)*sheetLeaves)] {
			plain = binary.BigEndian.AppendUint32(plain, uint32(len(s.Document)))
			plain = append(plain, s.Document...)
		}
		packed = s2.Encode(packed[:cap(packed)], plain)
		rows.row()
		rows.bigint(batch)
		rows.integer(sheet)
		rows.time(now)
		rows.text(packedS2)
		rows.bytes(packed)
	}
	if err := rows.copyInto(ctx, tx); err != nil {
		return fmt.Errorf("dockets: %w", err)
	}
	return nil
}

// readDeclarations gives what parcels declared, in the order of places; nil for one whose month is not kept any longer.
func readDeclarations(ctx context.Context, q rowsQuerier, places []leafPlace) ([][]byte, error) {
	sheets, err := readSheets(ctx, q, places)
	if err != nil {
		return nil, fmt.Errorf("declarations: %w", err)
	}
	declarations := make([][]byte, len(places))
	for i, place := range places {
		leaves, ok := sheets[place.sheet()]
		if !ok {
			continue
		}
		if place.leaf%sheetLeaves >= len(leaves) {
			return nil, fmt.Errorf("declarations: leaf %d of batch %d is missing", place.leaf, place.batch)
		}
		declarations[i] = leaves[place.leaf%sheetLeaves]
	}
	return declarations, nil
}

// readSheets reads and unpacks the sheets that hold places, each once.
func readSheets(ctx context.Context, q rowsQuerier, places []leafPlace) (map[sheetPlace][][]byte, error) {
	sheets := make(map[sheetPlace][][]byte)
	var batches []int64
	var numbers []int32
	var first, last time.Time
	for _, place := range places {
		if _, ok := sheets[place.sheet()]; ok {
			continue
		}
		sheets[place.sheet()] = nil
		batches, numbers = append(batches, place.batch), append(numbers, int32(place.leaf/sheetLeaves))
		if first.IsZero() || place.filed.Before(first) {
			first = place.filed
		}
		if place.filed.After(last) {
			last = place.filed
		}
	}
	clear(sheets)
	// The bounds let the planner pass over the months in which none of them lies.
	rows, err := q.Query(ctx, `
		SELECT d.batch, d.sheet, d.packing, d.declarations FROM unnest($1::bigint[], $2::int[]) s(batch, sheet)
		JOIN dockets d ON d.batch = s.batch AND d.sheet = s.sheet AND d.filed_at BETWEEN $3 AND $4`, batches, numbers, first, last)
	if err != nil {
		return nil, err
	}
	var at sheetPlace
	var packing string
	var packed []byte
	_, err = pgx.ForEachRow(rows, []any{&at.batch, &at.sheet, &packing, &packed}, func() error {
		leaves, err := unpackSheet(packing, packed)
		sheets[at] = leaves
		return err
	})
	return sheets, err
}

func unpackSheet(packing string, packed []byte) ([][]byte, error) {
	plain := append([]byte(nil), packed...) // the row's memory is reused
	if packing == packedS2 {
		var err error
		if plain, err = s2.Decode(nil, packed); err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
	}
	var leaves [][]byte
	for len(plain) > 0 {
		if len(plain) < 4 || uint64(len(plain)-4) < uint64(binary.BigEndian.Uint32(plain)) {
			return nil, errors.New("unpack: the sheet is torn")
		}
		end := 4 + binary.BigEndian.Uint32(plain)
		leaves, plain = append(leaves, plain[4:end:end]), plain[end:]
	}
	return leaves, nil
}

// readStored reads a declaration that was valid when it came; a rule that grew stricter since does not hide it.
func readStored(document parcel.Document) (parcel.Declaration, error) {
	d, err := parcel.Read(document)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return d, fmt.Errorf("stored declaration: %w", err)
	}
	return d, nil
}
