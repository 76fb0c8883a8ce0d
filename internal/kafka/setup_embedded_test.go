//go:build !apache

package kafka_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/embedded"
)

// broker starts an embedded broker for the test alone.
func broker(t testing.TB) string {
	own, err := embedded.StartBroker(embedded.BrokerConfig{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	return own.Addr()
}

func closeBroker() error { return nil }
