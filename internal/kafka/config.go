package kafka

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"time"
)

// Config says which cluster to speak to, and how. The zero value of every field but Brokers has a
// meaning; see WithDefaults.
type Config struct {
	Brokers []string `env:"KAFKA_BROKERS" help:"host:port of some brokers; empty starts the embedded one."` // host:port of some of the cluster's brokers; the rest is discovered

	Prefix      string        `env:"KAFKA_PREFIX" help:"Put before the names of topics and groups, so that several installations can share a cluster."`                                      // before the names of topics and groups; several installations can share a cluster so
	Partitions  int           `env:"KAFKA_PARTITIONS" help:"Partitions of a new topic; 0 is 6."`                                                                                             // of a topic that does not say; 0 is 6
	Replication int           `env:"KAFKA_REPLICATION" help:"Copies of each record; 0 is 3."`                                                                                                // copies of each record; 0 is 3, the embedded broker needs 1
	MinInsync   int           `env:"KAFKA_MIN_INSYNC" help:"Copies that must exist before an order is answered for; 0 is one less than all, at least 1."`                                    // copies that must exist before a record counts; 0 is Replication-1, at least 1
	Retention   time.Duration `env:"KAFKA_RETENTION" help:"How long a record is kept; 0 is a week, negative is for ever."`                                                                   // how long a record is kept, read or not; 0 is a week, negative is for ever
	MaxLag      int64         `env:"KAFKA_MAX_LAG" default:"2000000" help:"Unscreened records, each the orders of a post that share a slot, above which intake answers 503; 0 is no limit."` // unread records above which intake should refuse; 0 is no limit. This package only carries it

	TLS      bool   `env:"KAFKA_TLS" help:"Speak TLS."`
	CAFile   string `env:"KAFKA_CA_FILE" help:"PEM of the brokers' authority; empty takes the system's."` // PEM; empty takes the system's roots
	CertFile string `env:"KAFKA_CERT_FILE" help:"PEM of our own certificate."`                            // PEM, our own certificate when brokers ask for one
	KeyFile  string `env:"KAFKA_KEY_FILE" help:"PEM of its key."`

	SASLMechanism string `env:"KAFKA_SASL_MECHANISM" help:"PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty for none."` // "", PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
	User          string `env:"KAFKA_USER" help:"SASL user."`
	Password      Secret `env:"KAFKA_PASSWORD" help:"SASL password."`

	WriteTimeout   time.Duration `env:"KAFKA_WRITE_TIMEOUT" help:"A publish answers within it; 0 is 1.8s."`                                                                      // a publish answers within it; 0 is 1.8 s
	SessionTimeout time.Duration `env:"KAFKA_SESSION_TIMEOUT" help:"After it a silent consumer's partitions go to others; 0 is 10s."`                                            // after it a silent consumer's partitions go to others; 0 is 10 s, Kafka allows no less than 6 s
	StallTimeout   time.Duration `env:"KAFKA_STALL_TIMEOUT" help:"A partition that stands still so long has its consumer rebuilt, and twice so long ends the process; 0 is 1m."` // for how long a partition with lag may stand still before its consumer is rebuilt, and then before Run gives up; 0 is 1 min

	Dial Dial `kong:"-" json:"-"` // how connections are opened; nil is TCP
}

// The values of a field left zero.
const (
	defaultPartitions     = 6
	defaultReplication    = 3
	defaultRetention      = 7 * 24 * time.Hour
	defaultWriteTimeout   = 1800 * time.Millisecond // whoever posts an order has an answer within two seconds
	defaultSessionTimeout = 10 * time.Second
	defaultStallTimeout   = time.Minute
	minSessionTimeout     = 6 * time.Second // Kafka's group.min.session.timeout.ms
)

// WithDefaults gives c with its zero fields filled in: what New works with.
func (c Config) WithDefaults() Config {
	c.Partitions = orElse(c.Partitions, defaultPartitions)
	c.Replication = orElse(c.Replication, defaultReplication)
	c.MinInsync = orElse(c.MinInsync, max(1, c.Replication-1))
	c.Retention = orElse(c.Retention, defaultRetention)
	c.WriteTimeout = orElse(c.WriteTimeout, defaultWriteTimeout)
	c.SessionTimeout = orElse(c.SessionTimeout, defaultSessionTimeout)
	c.StallTimeout = orElse(c.StallTimeout, defaultStallTimeout)
	return c
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Validate tells everything that is wrong with c, or nil. It opens no file and dials nobody. That no broker is named is
// for New to complain about: a configuration without one leaves it to the caller to start one.
func (c Config) Validate() error {
	c = c.WithDefaults()
	complaints := c.brokerComplaints()
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			complaints = append(complaints, fmt.Errorf("kafka: "+format, args...))
		}
	}
	complain(!nameable.MatchString(c.Prefix), "prefix %q: at most 100 letters, digits, dots, dashes and underscores", c.Prefix)
	complain(c.Partitions < 1, "partitions: %d is less than 1", c.Partitions)
	complain(c.Replication < 1, "replication: %d is less than 1", c.Replication)
	complain(c.MinInsync < 1, "min insync: %d is less than 1", c.MinInsync)
	complain(c.MinInsync > c.Replication, "min insync: %d is more than the %d replicas", c.MinInsync, c.Replication)
	complain(c.MaxLag < 0, "max lag: %d is negative", c.MaxLag)
	complain(c.WriteTimeout < 0, "write timeout: %s is negative", c.WriteTimeout)
	complain(c.SessionTimeout < minSessionTimeout, "session timeout: %s is less than the %s brokers allow", c.SessionTimeout, minSessionTimeout)
	complain(c.StallTimeout < time.Second, "stall timeout: %s is less than 1s", c.StallTimeout)
	complain((c.CertFile == "") != (c.KeyFile == ""), "certificate and key file: one is there without the other")
	complain(!c.TLS && c.CAFile+c.CertFile+c.KeyFile != "", "certificate files are named but TLS is off")
	complain(!knownMechanism(c.SASLMechanism), "SASL mechanism %q: known are PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512", c.SASLMechanism)
	complain(c.SASLMechanism != "" && (c.User == "" || c.Password == ""), "SASL %s needs a user and a password", c.SASLMechanism)
	complain(c.SASLMechanism == "" && (c.User != "" || c.Password != ""), "a user or password is given but no SASL mechanism")
	return errors.Join(complaints...)
}

// nameable is what Kafka takes in the name of a topic, with room for the rest of the name.
var nameable = regexp.MustCompile(`^[a-zA-Z0-9._-]{0,100}$`)

func (c Config) brokerComplaints() []error {
	var complaints []error
	for _, broker := range c.Brokers {
		if host, port, err := net.SplitHostPort(broker); err != nil || host == "" || port == "" {
			complaints = append(complaints, fmt.Errorf("kafka: broker %q: host:port is needed", broker))
		}
	}
	return complaints
}

// Secret is a password. Printing, logging or encoding one shows only whether it is set.
type Secret string

// String masks the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString masks the secret for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText masks the secret in JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue masks the secret in slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
