package app

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/bench"
)

// Every part of the bench measures something beside its baseline, says so in a table and for programs, and leaves nothing behind.
func TestTheBenchMeasuresEveryPartBesideItsBaseline(t *testing.T) {
	bin, err := program()
	require.NoError(t, err)
	home := t.TempDir()
	require.NoError(t, os.Chmod(home, 0o755)) // passable for the database's user
	scratch, err := os.MkdirTemp("", "alataw-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(scratch, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(scratch)) })
	result := filepath.Join(home, "bench.json")
	var table, says bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bin, "bench", "--quick", "--duration", "1s", "--preload", "2000", "--offered", "300", "--json", result)
	cmd.Env = append(os.Environ(), "TMPDIR="+scratch, "KAFKA_WRITE_TIMEOUT=20s")
	cmd.Stdout, cmd.Stderr = &table, &says
	require.NoError(t, cmd.Run(), says.String())

	raw, err := os.ReadFile(result)
	require.NoError(t, err)
	var report bench.Report
	require.NoError(t, json.Unmarshal(raw, &report))
	besides := map[string]int{}
	for _, f := range report.Figures {
		if f.Name != "backlog, growth of" { // may fall
			require.Positive(t, f.Value, "%s: %s\n%s", f.Part, f.Name, says.String())
		}
		require.Contains(t, table.String(), f.Name)
		if f.Beside != nil {
			require.Positive(t, f.Beside.Value, f.Name)
			besides[f.Part]++
		}
	}
	require.Equal(t, map[string]int{partJudging: 1, partJourney: 1, partReceipts: 2, partSingle: 4, partIntake: 1, partGrowth: 1}, besides)
	require.NotEmpty(t, report.Moments)
	left, err := os.ReadDir(scratch)
	require.NoError(t, err)
	require.Empty(t, left, "the bench takes its data along")
}

func TestTheBenchSaysWhatItCannotMeasure(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // a bench that fails keeps its directory, for the logs in it
	for name, args := range map[string][]string{
		"KAFKA_BROKERS":        {"--broker", "apache"},
		"--preload":            {"--only", "growth"},
		"must be one of":       {"--only", "everything"},
		"duration of a second": {"--backlog", "10"},
		"SOURCE=FILE":          {"--lists", "somewhere.csv"},
		"no such file":         {"nowhere.ndjson"},
	} {
		err := Run(t.Context(), append([]string{"bench"}, args...), nil, &logged{}, &logged{})
		require.ErrorContains(t, err, name)
	}
}
