//go:build apache

package kafka_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// broker gives the Apache Kafka that all tests of this run share; each has topics and groups of its own.
func broker(t testing.TB) string {
	address, err := apachetest.Shared()
	require.NoError(t, err, "tests need Apache Kafka")
	return address
}

func closeBroker() error { return apachetest.CloseShared() }
