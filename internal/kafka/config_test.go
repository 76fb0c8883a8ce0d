package kafka_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/kafka"
)

func TestConfigTellsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	good := kafka.Config{Brokers: []string{"a:9092", "[::1]:9092"}}
	require.NoError(t, good.Validate())
	cases := map[string]struct {
		change func(*kafka.Config)
		says   []string
	}{
		"bad brokers":     {func(c *kafka.Config) { c.Brokers = []string{"a", ":1", "b:2"} }, []string{`broker "a"`, `broker ":1"`}},
		"numbers":         {func(c *kafka.Config) { c.Partitions, c.Replication, c.MaxLag = -1, -2, -3 }, []string{"partitions: -1", "replication: -2", "max lag: -3"}},
		"insync":          {func(c *kafka.Config) { c.Replication, c.MinInsync = 2, 3 }, []string{"min insync: 3 is more than the 2"}},
		"times":           {func(c *kafka.Config) { c.WriteTimeout, c.SessionTimeout = -1, time.Second }, []string{"write timeout", "session timeout: 1s"}},
		"mechanism":       {func(c *kafka.Config) { c.SASLMechanism = "GSSAPI" }, []string{`"GSSAPI"`, "needs a user"}},
		"password alone":  {func(c *kafka.Config) { c.Password = "x" }, []string{"no SASL mechanism"}},
		"half a key pair": {func(c *kafka.Config) { c.TLS, c.CertFile = true, "x" }, []string{"one is there without the other"}},
		"files, no TLS":   {func(c *kafka.Config) { c.CAFile = "x" }, []string{"TLS is off"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := good
			test.change(&bad)
			err := bad.Validate()
			for _, says := range test.says {
				require.ErrorContains(t, err, says)
			}
			_, err = kafka.New(bad, logger(), prometheus.NewRegistry())
			require.Error(t, err)
		})
	}
}

func TestAClientNeedsABroker(t *testing.T) {
	t.Parallel()
	require.NoError(t, kafka.Config{}.Validate(), "the caller may yet start one")
	_, err := kafka.New(kafka.Config{}, logger(), prometheus.NewRegistry())
	require.ErrorContains(t, err, "none is named")
}

func TestDefaultsFollowTheReplication(t *testing.T) {
	t.Parallel()
	for replication, insync := range map[int]int{0: 2, 1: 1, 2: 1, 3: 2, 5: 4} {
		require.Equal(t, insync, kafka.Config{Replication: replication}.WithDefaults().MinInsync)
	}
	full := kafka.Config{}.WithDefaults()
	require.Equal(t, full, full.WithDefaults())
	require.Equal(t, 1800*time.Millisecond, full.WriteTimeout)
	require.Equal(t, 6, full.Partitions)
	require.Equal(t, 3, full.Replication)
}

func TestThePasswordIsNeverShown(t *testing.T) {
	t.Parallel()
	cfg := kafka.Config{User: "alataw", Password: "open sesame"}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %q", cfg, cfg, cfg, cfg.Password, cfg.Password)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("config", "kafka", cfg, "password", cfg.Password)
	require.NoError(t, json.NewEncoder(&out).Encode(cfg))
	require.NotContains(t, out.String(), "sesame")
	require.Contains(t, out.String(), "***")
}
