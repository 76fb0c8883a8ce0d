//go:build apache

package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// useQueue has all that the test starts speak to the Apache Kafka which the tests of this run share.
func useQueue(t *testing.T) {
	t.Helper()
	address, err := apachetest.Shared()
	require.NoError(t, err, "tests need Apache Kafka")
	t.Setenv("KAFKA_BROKERS", address)
	t.Setenv("KAFKA_REPLICATION", "1")
	t.Setenv("KAFKA_SESSION_TIMEOUT", shortSession.String())
}

func closeQueue() error { return apachetest.CloseShared() }
