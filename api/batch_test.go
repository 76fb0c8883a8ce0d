package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// discard takes everything: for tests whose subject is the door alone.
type discard struct{}

// Publish takes.
func (discard) Publish(context.Context, []event.Envelope) error { return nil }

func TestBatchKeepsOrderAndSparesNeighbours(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := got[api.BatchAnswer](t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(
		numbered(0),
		with(`"940542"`, `"94"`, "536365-1", "order-1"),
		`17`,
		with("Jane Doe", "Jane \xff", "536365-1", "order-3"),
		with(`"mode":"9610"`, `"mode":"9610","mode":"9710"`, "536365-1", "order-4"),
		with("148 Station Road", strings.Repeat("x", parcel.MaxDocument), "536365-1", "order-5"),
		`{}`,
		numbered(7),
		strings.Repeat(`[`, 50_000)+strings.Repeat(`]`, 50_000),
		with(`{"order_no"`, `{"x":`+strings.Repeat(`{"\"":[`, 12_000)+`"]\\"`+strings.Repeat(`]}`, 12_000)+`,"order_no"`),
		numbered(10),
	)))
	require.Equal(t, 3, a.Accepted)
	require.Equal(t, 8, a.Refused)
	var said []string
	for i, r := range a.Results {
		require.Equal(t, i, r.Index)
		line := r.Status + " " + r.OrderNo
		if len(r.Errors) > 0 {
			line += " " + r.Errors[0].Pointer + " " + r.Errors[0].Code
		}
		said = append(said, line)
		require.Equal(t, r.Status == "received", r.ID != "")
	}
	require.Equal(t, []string{
		"received order-0",
		"refused order-1 /items/0/hs_code hs_code.length",
		"refused   declaration.type",
		"refused order-3  malformed_json",
		"refused order-4 /mode duplicate_field",
		"refused   declaration_too_large",
		"refused  /order_no order_no.required",
		"received order-7",
		"refused   malformed_json",
		"refused   malformed_json",
		"received order-10",
	}, said)
	require.Len(t, h.queue.taken(), 3)
}

func TestBatchOfRefusedIsStillAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.NoError(t, h.broker.Close()) // nothing to queue, so the queue is not asked
	a := got[api.BatchAnswer](t, 202, h.post(t, account.Platform, "/v1/parcels/batch", batchOf(`{}`, `{}`)))
	require.Equal(t, 0, a.Accepted)
	require.Equal(t, 2, a.Refused)
}

func TestBatchOfAThousand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	orders := make([]string, 1000)
	for i := range orders {
		orders[i] = numbered(i)
	}
	a := got[api.BatchAnswer](t, 202, h.post(t, account.Platform, "/v1/parcels/batch", packed(t, "zstd", batchOf(orders...)), "Content-Encoding: zstd"))
	require.Equal(t, 1000, a.Accepted)
	for i, r := range a.Results {
		require.Equal(t, fmt.Sprintf("order-%d", i), r.OrderNo)
		require.Equal(t, parcel.DeriveID(h.accounts[account.Platform].ID, r.OrderNo).String(), r.ID)
	}
	require.Len(t, h.queue.declared(t), 1000)
}
