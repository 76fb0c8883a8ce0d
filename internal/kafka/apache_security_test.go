//go:build apache

package kafka_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/kafka/apachetest"
)

// quickly is how soon whoever starts the service with a wrong password or certificate must be told so.
const quickly = 10 * time.Second

// One struct opens every kind of connection to Apache Kafka, and what is wrong in it is told in words.
func TestApacheKafkaByTLSAndSASL(t *testing.T) {
	t.Parallel()
	const user, password = "alataw", "open sesame"
	cluster := apachetest.Start(t, apachetest.Options{Users: map[string]string{user: password}})
	other, _ := newAuthority(t)
	right := kafka.Config{
		Brokers: cluster.Secure(), Replication: 1, SessionTimeout: 6 * time.Second,
		TLS: true, CAFile: cluster.CAFile(), User: user, Password: password,
	}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			cfg := right
			cfg.SASLMechanism = mechanism
			requireService(t, cfg)

			cfg.Password = "close sesame"
			requireRefused(t, cfg, "SASL Authentication Failed")
			cfg.Password, cfg.User = password, "stranger"
			requireRefused(t, cfg, "SASL Authentication Failed")
			cfg.User, cfg.CAFile = user, other
			requireRefused(t, cfg, "certificate signed by unknown authority")
			cfg.CAFile = ""
			requireRefused(t, cfg, "certificate signed by unknown authority")
		})
	}
	t.Run("no SASL", func(t *testing.T) {
		cfg := right
		cfg.User, cfg.Password = "", ""
		client, _ := open(t, cfg)
		require.ErrorContains(t, client.Ping(t.Context()), "it may want a user and password")
		cfg.TLS, cfg.CAFile = false, ""
		client, _ = open(t, cfg)
		require.ErrorContains(t, client.Ping(t.Context()), "it may want TLS")
	})
}

// requireService asks admin, producer, group and reader for their work.
func requireService(t *testing.T, cfg kafka.Config) {
	t.Helper()
	client, _ := open(t, cfg)
	eventually(t, "ping", func() bool { return client.Ping(t.Context()) == nil })
	name := topic(t, client, 2)
	require.NoError(t, client.CreateTopics(t.Context(), kafka.Topic{Name: name, Partitions: 3}), "raised, and its settings altered")
	require.NoError(t, client.Topic(name).Publish(t.Context(), facts(100, 10)))
	lag, err := client.Lag(t.Context(), name, name)
	require.NoError(t, err)
	require.EqualValues(t, 100, lag.Records)
	got := newLedger()
	stop := run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
	eventually(t, "all handled", func() bool { return got.handled() == 100 })
	caughtUp(t, client, name, name)
	stop()
}

// requireRefused asks the same of a configuration that is wrong.
func requireRefused(t *testing.T, cfg kafka.Config, why string) {
	t.Helper()
	client, _ := open(t, cfg)
	lag := func(ctx context.Context) error {
		_, err := client.Lag(ctx, "any", "any")
		return err
	}
	topics := func(ctx context.Context) error { return client.CreateTopics(ctx, kafka.Topic{Name: "any"}) }
	publish := func(ctx context.Context) error { return client.Topic("any").Publish(ctx, facts(1, 1)) }
	// Publishing comes last: after it a ping says only that records were refused.
	for number, ask := range []func(context.Context) error{client.Ping, lag, topics, publish} {
		var told error
		require.Eventually(t, func() bool { // a busy machine may take its time to shake hands
			told = ask(t.Context())
			return told != nil && strings.Contains(told.Error(), why)
		}, quickly, 50*time.Millisecond, "question %d is answered %q", number, told)
	}
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Ping(t.Context())))
}
