package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
)

// counter takes everything, and counts.
type counter struct{ orders int }

// Publish counts the orders in records.
func (c *counter) Publish(_ context.Context, facts []event.Envelope) error {
	for _, fact := range facts {
		declared, err := parcel.OpenDeclared(fact)
		if err != nil {
			return err
		}
		c.orders += len(declared)
	}
	return nil
}

// anybody is a platform, whatever the key.
type anybody struct{}

// Account gives the platform.
func (anybody) Account(context.Context, account.KeyHash) (account.Account, error) {
	return account.Account{ID: 1, Name: "fuzz", Role: account.Platform}, nil
}

// Whatever bytes are streamed, every line that is not blank is answered in its place, what is received is queued, and nothing else.
func FuzzStream(f *testing.F) {
	queue := &counter{}
	door := api.New(api.Deps{
		Intake: parcel.NewIntake(queue, time.Now), Keys: anybody{}, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}, api.Config{})
	key := "Bearer " + account.NewKey()
	for _, seed := range []string{
		order, order + "\n" + order, "\n\n", "{}\nnull\n[]", order[:300] + "\n" + order, "\xff\xfe\n{\"order_no\":\"\\ud800\"}\r\n", with(`"mode"`, `"mode":"1","mode"`),
	} {
		f.Add([]byte(seed), "")
	}
	f.Add([]byte(packed(f, "gzip", order+"\n"+order)), "gzip")
	f.Add([]byte(packed(f, "zstd", order)), "zstd")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		queue.orders = 0
		r := httptest.NewRequest(http.MethodPost, "/v1/parcels/batch", bytes.NewReader(body))
		r.Header.Set("Authorization", key)
		r.Header.Set("Content-Type", "application/x-ndjson")
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		require.NotEqual(t, 500, w.Code, w.Body)
		if w.Code != http.StatusAccepted {
			require.True(t, json.Valid(w.Body.Bytes()), w.Body)
			require.Zero(t, queue.orders)
			return
		}
		received := 0
		for i, result := range results(t, w.Body.Bytes()) {
			require.Equal(t, i, result.Index)
			if result.Status == "received" {
				received++
			} else {
				require.NotEmpty(t, result.Errors)
			}
		}
		require.Equal(t, received, queue.orders)
		if encoding == "" {
			blankFree := 0
			for piece := range bytes.SplitSeq(body, []byte("\n")) {
				if len(bytes.TrimSpace(piece)) > 0 {
					blankFree++
				}
			}
			require.Len(t, results(t, w.Body.Bytes()), blankFree)
		}
	})
}
