//go:build apache

package apachetest_test

import (
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka/apachetest"
)

func answers(address string) bool {
	connection, err := net.Dial("tcp", address)
	if err == nil {
		connection.Close()
	}
	return err == nil
}

// One broker does: three of them, of which one is away, are the failover's test.
func TestBrokersComeAndGo(t *testing.T) {
	var cluster *apachetest.Cluster
	t.Run("while the test runs", func(t *testing.T) {
		cluster = apachetest.Start(t, apachetest.Options{Brokers: 1, Users: map[string]string{"alataw": "open sesame"}})
		require.Equal(t, []int{1}, cluster.Alive())
		for _, address := range append(cluster.Brokers(), cluster.Secure()...) {
			require.True(t, answers(address), address)
		}
		require.FileExists(t, cluster.CAFile())
		cluster.Kill(t, 1)
		require.Empty(t, cluster.Alive())
		require.False(t, answers(cluster.Brokers()[0]))
		cluster.Restart(t, 1)
		cluster.Stop(t, 1)
		require.Empty(t, cluster.Alive())
		require.False(t, answers(cluster.Brokers()[0]))
		cluster.Restart(t, 1)
		require.Equal(t, []int{1}, cluster.Alive())
	})
	require.Empty(t, cluster.Alive())
	require.NoFileExists(t, cluster.CAFile())
	_, err := os.Stat(cluster.CAFile())
	require.ErrorIs(t, err, os.ErrNotExist)
}
