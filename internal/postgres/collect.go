package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// rowsQuerier is a pool or a transaction.
type rowsQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// collect reads rows and turns each into what the house calls it. what names them in errors.
func collect[Row, T any](ctx context.Context, q rowsQuerier, what string, turn func(Row) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	all := make([]T, len(found))
	for i, row := range found {
		if all[i], err = turn(row); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	return all, nil
}

// asRead turns a row into itself, for readers that need more than one row says.
func asRead[Row any](row Row) (Row, error) { return row, nil }
