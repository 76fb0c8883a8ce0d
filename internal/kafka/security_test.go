package kafka_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/kafka"
)

// Producer, admin, group and reader each open connections in their own way: all must carry the credentials.
func TestEveryKindOfConnectionIsSecured(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		for _, encrypted := range []bool{false, true} {
			t.Run(mechanism, func(t *testing.T) {
				t.Parallel()
				options := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser(mechanism, "alataw", "open sesame")}
				caFile, certificate := newAuthority(t)
				if encrypted {
					options = append(options, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}}))
				}
				e := newFake(t, options...)
				cfg := e.config()
				cfg.SASLMechanism, cfg.User, cfg.Password = mechanism, "alataw", "open sesame"
				if cfg.TLS = encrypted; encrypted {
					cfg.CAFile = caFile
				}
				client, _ := open(t, cfg)
				require.NoError(t, client.Ping(t.Context()))
				name := topic(t, client, 2)
				require.NoError(t, client.Topic(name).Publish(t.Context(), facts(20, 5)))
				got := newLedger()
				run(t, client, kafka.Stage{Topic: name, Group: name, Handle: got.handle}, got.park)
				eventually(t, "all handled", func() bool { return got.handled() == 20 })

				cfg.Password = "close sesame"
				wrong, _ := open(t, cfg)
				require.Equal(t, fault.Unavailable, fault.KindOf(wrong.Ping(t.Context())))
			})
		}
	}
}

func TestAnUnknownAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	_, certificate := newAuthority(t)
	other, _ := newAuthority(t)
	e := newFake(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}}))
	cfg := e.config()
	cfg.TLS, cfg.CAFile = true, other
	client, _ := open(t, cfg)
	require.Equal(t, fault.Unavailable, fault.KindOf(client.Ping(t.Context())))
}

func TestFilesThatAreNoCertificates(t *testing.T) {
	t.Parallel()
	junk := filepath.Join(t.TempDir(), "junk.pem")
	require.NoError(t, os.WriteFile(junk, []byte("junk"), 0o600))
	for name, cfg := range map[string]kafka.Config{
		"no CA file":      {TLS: true, CAFile: junk + ".missing"},
		"junk CA file":    {TLS: true, CAFile: junk},
		"junk certifcate": {TLS: true, CertFile: junk, KeyFile: junk},
	} {
		cfg.Brokers = []string{"127.0.0.1:9092"}
		_, err := kafka.New(cfg, logger(), prometheus.NewRegistry())
		require.ErrorContains(t, err, "TLS", name)
	}
}

// newAuthority gives the file of an authority's certificate, and a certificate for 127.0.0.1 by it.
func newAuthority(t *testing.T) (string, tls.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return file, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
