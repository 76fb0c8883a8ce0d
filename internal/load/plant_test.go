package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/load"
	"github.com/alataw/alataw/internal/parcel"
)

var listedNames = []string{"ORVANE, Tessaly Quim", "Marlinspike Trading Company Limited"}

// drained reads a source to its end.
func drained(t *testing.T, source load.Source) (all [][]byte) {
	t.Helper()
	for {
		order, err := source.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, bytes.Clone(order))
	}
}

func orderNo(t *testing.T, order []byte) string {
	t.Helper()
	var o struct {
		OrderNo string `json:"order_no"`
	}
	require.NoError(t, json.Unmarshal(order, &o))
	return o.OrderNo
}

// What is planted passes the door: it is for screening to find, not for the table of the contract.
func TestPlantedOrdersAreRight(t *testing.T) {
	planted := load.NewPlanted(load.PlainSample(3, 2000), load.Plant{Cases: 300, Seed: 7, Names: listedNames})
	orders := drained(t, planted)
	require.Greater(t, len(orders), 2300)
	answers, err := parcel.NewIntake(&published{}, time.Now).Take(t.Context(), 1, "request", orders)
	require.NoError(t, err)
	for i, answer := range answers {
		require.NoError(t, answer.Err, "%s", orders[i])
	}
	require.Equal(t, 300, planted.Report().Planted)
}

// The same seed plants the same orders at the same places, and the source's orders all come, in their order.
func TestPlantingIsRepeatable(t *testing.T) {
	plant := func(seed uint64) [][]byte {
		return drained(t, load.NewPlanted(load.PlainSample(3, 500), load.Plant{Cases: 60, Seed: seed, Names: listedNames}))
	}
	first, again := plant(1), plant(1)
	require.Equal(t, first, again)
	require.NotEqual(t, first, plant(2))
	var own [][]byte
	for _, order := range first {
		if !strings.HasPrefix(orderNo(t, order), "PL1-") {
			own = append(own, order)
		}
	}
	require.Equal(t, drained(t, load.PlainSample(3, 500)), own)
}

// Where the source does not tell how far it has come, and where it is short, all cases are planted all the same.
func TestPlantingIntoAShortSource(t *testing.T) {
	source := orders{}
	for _, order := range drained(t, load.PlainSample(3, 30)) {
		source = append(source, string(order))
	}
	planted := load.NewPlanted(&source, load.Plant{Cases: 40, Seed: 1})
	require.Greater(t, len(drained(t, planted)), 70)
	report := planted.Report()
	require.Equal(t, 40, report.Planted)
	for _, c := range report.Categories {
		require.NotEqual(t, "sanctions", c.Category, "without names there is nobody to plant")
	}
}

func TestPlantReport(t *testing.T) {
	planted := load.NewPlanted(load.PlainSample(3, 1000), load.Plant{Cases: 100, Seed: 1, Names: listedNames})
	clean := 0
	for _, order := range drained(t, planted) {
		no := orderNo(t, order)
		switch {
		case !strings.HasPrefix(no, "PL1-"):
			clean++
			switch clean % 100 {
			case 0:
				planted.Told(no, "held", []string{"split", "random"})
			case 1:
				planted.Told(no, "held", []string{"random"})
			default:
				planted.Told(no, "cleared", nil)
			}
			planted.Told(no, "released", nil)
		case strings.Contains(string(order), "Planters Row"):
			planted.Told(no, "held", []string{"prohibited"})
		}
	}
	planted.Told("a stranger's", "held", []string{"split"})
	report := planted.Report()
	require.Equal(t, 100, report.Planted)
	require.EqualValues(t, 1000, report.Clean.Decided)
	require.EqualValues(t, 10, report.Clean.Held)
	require.InDelta(t, 100, report.Clean.HeldPer10000, 0.001)
	require.Equal(t, map[string]int64{"split": 10}, report.Clean.HeldByCategory)
	found := 0
	for _, c := range report.Categories {
		require.Contains(t, load.PlantCategories(), c.Category)
		if c.Category == "prohibited" {
			require.Equal(t, c.Planted, c.Found)
		} else {
			require.Zero(t, c.Found)
		}
		found += c.Found
	}
	require.Equal(t, found, report.Found)
	require.Len(t, report.Missed, report.Planted-report.Found)
	for _, m := range report.Missed {
		require.NotEmpty(t, m.Orders)
		require.NotContains(t, m.Kind, "prohibited")
	}
	var text, machine bytes.Buffer
	require.NoError(t, report.Print(&text))
	require.Contains(t, text.String(), "100.0 per 10,000")
	require.Contains(t, text.String(), "missed: ")
	require.NoError(t, report.WriteJSON(&machine))
	var again load.PlantReport
	require.NoError(t, json.Unmarshal(machine.Bytes(), &again))
	require.Equal(t, report, again)
}

// A run tells of the receipts with the categories of their reasons.
func TestRunTellsReceipts(t *testing.T) {
	in(t, func(t *testing.T, p *peer, cfg load.Config) {
		p.decide = func(string) []string { return []string{"held"} }
		told := map[string][]string{}
		cfg.Follow, cfg.Told = true, func(order, kind string, categories []string) {
			require.Equal(t, "held", kind)
			told[order] = categories
		}
		_, err := load.Run(t.Context(), cfg, numbered(50))
		require.NoError(t, err)
		require.Len(t, told, 50)
		require.Equal(t, []string{"value"}, told["o-7"])
	})
}

// published is a queue that takes everything.
type published struct{}

func (*published) Publish(context.Context, []event.Envelope) error { return nil }
