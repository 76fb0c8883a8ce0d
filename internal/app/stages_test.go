package app

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

// letters opens a record as the letters it holds, and fails behind a question mark.
func letters(e event.Envelope) ([]string, error) {
	var opened []string
	for _, b := range e.Data {
		if b == '?' {
			return opened, fault.New(fault.Malformed, "torn", "the record is torn")
		}
		opened = append(opened, string(b))
	}
	return opened, nil
}

func recordOf(data string) kafka.Record {
	return kafka.Record{Envelope: event.Envelope{Data: []byte(data)}}
}

// One order that a handler cannot take does not hold those that share its record: they go on, and the record is parked.
func TestOneOrderAtFaultHoldsNobody(t *testing.T) {
	t.Parallel()
	away := errors.New("the database is away")
	for name, c := range map[string]struct {
		fails  func()
		parked int
		err    error
		want   []string
	}{
		"it panics":           {func() { panic("b") }, 1, nil, []string{"a", "c"}},
		"our own trouble":     {nil, 0, away, nil},
		"nothing is at fault": {func() {}, 0, nil, []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			var handled []string
			handle := stage(letters, func(_ context.Context, facts []string) error {
				switch {
				case c.fails == nil:
					return away
				case slices.Contains(facts, "b"):
					c.fails()
				}
				handled = append(handled, facts...)
				return nil
			})
			parked, err := handle(t.Context(), []kafka.Record{recordOf("abc")})
			require.ErrorIs(t, err, c.err)
			require.Len(t, parked, c.parked)
			require.Equal(t, c.want, handled)
		})
	}
}

// Of a torn record what could be read goes on, and the records beside it do.
func TestATornRecordHoldsNobody(t *testing.T) {
	t.Parallel()
	var handled []string
	handle := stage(letters, func(_ context.Context, facts []string) error { handled = append(handled, facts...); return nil })
	parked, err := handle(t.Context(), []kafka.Record{recordOf("ab?c"), recordOf("d")})
	require.NoError(t, err)
	require.Len(t, parked, 1)
	require.Equal(t, "ab?c", string(parked[0].Record.Data))
	require.Equal(t, []string{"a", "b", "d"}, handled)
}
