package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// rowBuffer writes rows as PostgreSQL's binary COPY takes them ("COPY", section "Binary Format"). pgx's own CopyFrom asks the
// server for the columns' types before each copy and boxes every value: a sixth of the service's CPU.
//
// After newRowBuffer, each row is begun with row, and its values follow in the order of the columns.
type rowBuffer struct {
	with    string // statements without results that go with the copy, in its round trip; each ends with a semicolon
	sql     string
	columns int
	rows    int
	buf     []byte
}

const (
	copySignature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" // no flags, no extension
	uuidOID       = 2950
)

// newRowBuffer makes room for about n rows of size bytes.
func newRowBuffer(n, size int, table string, columns ...string) *rowBuffer {
	b := &rowBuffer{
		sql:     "COPY " + table + " (" + strings.Join(columns, ", ") + ") FROM STDIN (FORMAT binary)",
		columns: len(columns), buf: make([]byte, 0, len(copySignature)+n*size),
	}
	b.buf = append(b.buf, copySignature...)
	return b
}

func (b *rowBuffer) row() {
	b.rows++
	b.buf = binary.BigEndian.AppendUint16(b.buf, uint16(b.columns))
}

func (b *rowBuffer) length(n int) { b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(n)) }

func (b *rowBuffer) null() { b.length(-1) }

func (b *rowBuffer) uuid(v [16]byte) {
	b.length(len(v))
	b.buf = append(b.buf, v[:]...)
}

func (b *rowBuffer) text(v string) {
	b.length(len(v))
	b.buf = append(b.buf, v...)
}

// optionalText writes NULL for an empty text.
func (b *rowBuffer) optionalText(v string) {
	if v == "" {
		b.null()
		return
	}
	b.text(v)
}

func (b *rowBuffer) bytes(v []byte) {
	b.length(len(v))
	b.buf = append(b.buf, v...)
}

// jsonb writes NULL for nil.
func (b *rowBuffer) jsonb(v []byte) {
	if v == nil {
		b.null()
		return
	}
	b.length(len(v) + 1)
	b.buf = append(append(b.buf, 1), v...) // version 1 of jsonb's binary form
}

func (b *rowBuffer) integer(v int) {
	b.length(4)
	b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(int32(v)))
}

func (b *rowBuffer) bigint(v int64) {
	b.length(8)
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(v))
}

func (b *rowBuffer) boolean(v bool) {
	b.length(1)
	if v {
		b.buf = append(b.buf, 1)
		return
	}
	b.buf = append(b.buf, 0)
}

// epoch is where PostgreSQL counts microseconds from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func (b *rowBuffer) time(v time.Time) { b.bigint(v.UnixMicro() - epoch) }

// uuids writes an array of one dimension.
func (b *rowBuffer) uuids(n int, at func(i int) [16]byte) {
	b.length(20 + n*20)
	for _, head := range [...]int{1, 0, uuidOID, n, 1} { // dimensions, no NULLs, type, length, first index
		b.length(head)
	}
	for i := range n {
		b.uuid(at(i))
	}
}

// copyInto stores the rows. There may be none.
func (b *rowBuffer) copyInto(ctx context.Context, tx pgx.Tx) error {
	if b.rows == 0 {
		return nil
	}
	b.buf = binary.BigEndian.AppendUint16(b.buf, 0xffff)
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(b.buf), b.with+b.sql); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}
