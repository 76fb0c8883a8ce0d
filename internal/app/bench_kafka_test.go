//go:build apachebench

package app

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// The bench's journey on Apache Kafka itself, whose broker shares the machine. BENCH_ARGS are the bench's arguments.
func TestTheJourneyOnApacheKafka(t *testing.T) {
	bin, err := program()
	require.NoError(t, err)
	cluster := apachetest.Start(t, apachetest.Options{})
	args := append([]string{"bench", "--only", "journey", "--broker", "apache", "--broker-pid", strconv.Itoa(cluster.PID(1))},
		strings.Fields(os.Getenv("BENCH_ARGS"))...)
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Env = append(os.Environ(), "KAFKA_BROKERS="+strings.Join(cluster.Brokers(), ","), "KAFKA_TOOLS="+cluster.ClassPath())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	require.NoError(t, cmd.Run())
}
