package postgres

import (
	"errors"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
)

// trust lets a batch be stored as if nothing of it were stored already, which is nearly always so: it spares a look-up in an
// index that may be larger than any cache: 9 to 14 µs a parcel by the clock, under load. The unique index refuses the batch when that was wrong; then it is
// stored again with a look, and so are the batches that follow, for repeats come in company: a delivery again, an export twice.
type trust struct {
	doubts atomic.Int32 // batches that are yet to be stored with a look
}

// carefully is for how many batches a repeat is looked out for.
const carefully = 32

const uniqueViolation = "23505"

// run stores a batch; work tells how many of it were stored already, which it knows only when it looks. index is the unique
// index that refuses repeats.
func (t *trust) run(index string, work func(look bool) (repeats int, err error)) error {
	look := t.doubts.Load() > 0
	repeats, err := work(look)
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && !look && refused.Code == uniqueViolation && refused.ConstraintName == index {
		t.doubts.Store(carefully)
		look = true
		repeats, err = work(look)
	}
	switch {
	case repeats > 0:
		t.doubts.Store(carefully)
	case look:
		t.doubts.Add(-1)
	}
	return err
}
