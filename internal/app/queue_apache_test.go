//go:build apache

package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// queueFlags lead to the Apache Kafka which the tests of this run share.
func queueFlags(t *testing.T) []string {
	t.Helper()
	address, err := apachetest.Shared()
	require.NoError(t, err, "tests need Apache Kafka")
	return []string{"--kafka-brokers", address, "--kafka-replication", "1", "--kafka-session-timeout", shortSession.String()}
}

func closeQueue() error { return apachetest.CloseShared() }
