package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/jackc/pgx/v5/pgconn"
)

const retryDatabase = 2 * time.Second

// classify turns a database error into a fault, once, where it enters the house:
// what the data itself causes is Invalid, what time may heal is Unavailable, what was classified before stays.
func classify(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyCode(pg.Code, err)
	}
	if unreachable(err) || errors.Is(err, errOvertaken) {
		return unavailable(err)
	}
	return err
}

// classifyCode goes by the class of a SQLSTATE (PostgreSQL manual, appendix A).
func classifyCode(code string, err error) error {
	switch class := code[:2]; {
	case class == "22": // data exception: this value cannot be stored, now or later
		return fault.Wrap(err, fault.Invalid, "data_exception", "the database cannot hold this value")
	case class == "08", class == "40", class == "53", class == "57", class == "58", code == "25006":
		return unavailable(err) // connection, rollback for another's sake, resources, shutdown, system error, read-only standby
	}
	return err
}

// givenUp tells whether the database rolled back for the sake of another transaction.
func givenUp(err error) bool {
	if errors.Is(err, errOvertaken) {
		return true
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code[:2] == "40"
}

func unavailable(err error) error {
	f := fault.Wrap(err, fault.Unavailable, "database_unavailable", "the database does not answer; try again")
	f.RetryAfter = retryDatabase
	return f
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "closed pool") || strings.Contains(err.Error(), "unexpected EOF")
}
