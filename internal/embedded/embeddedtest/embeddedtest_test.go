package embeddedtest_test

import (
	"net"
	"testing"

	"github.com/alataw/alataw/internal/embedded/embeddedtest"
	"github.com/stretchr/testify/require"
)

func TestBrokerLivesAsLongAsItsTest(t *testing.T) {
	var addr string
	t.Run("while it runs", func(t *testing.T) {
		addr = embeddedtest.StartBrokerT(t)
		connection, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		require.NoError(t, connection.Close())
		require.NotEqual(t, addr, embeddedtest.StartBrokerT(t), "each has its own")
	})
	_, err := net.Dial("tcp", addr)
	require.Error(t, err)
}
