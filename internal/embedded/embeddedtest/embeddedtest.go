// Package embeddedtest gives a test its own Kafka-protocol broker.
package embeddedtest

import (
	"testing"

	"github.com/alataw/alataw/internal/embedded"
	"github.com/stretchr/testify/require"
)

// StartBrokerT starts an empty broker that is closed and forgotten when the test ends, and returns
// its host:port. It is quick rather than careful: records are not synced to disk.
func StartBrokerT(t testing.TB) string {
	t.Helper()
	broker, err := embedded.StartBroker(embedded.BrokerConfig{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, broker.Close()) })
	return broker.Addr()
}
