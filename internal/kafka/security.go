package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// The mechanisms of SASL we speak.
const (
	mechanismNone     = ""
	mechanismPlain    = "PLAIN"
	mechanismScram256 = "SCRAM-SHA-256"
	mechanismScram512 = "SCRAM-SHA-512"
)

func knownMechanism(name string) bool {
	switch name {
	case mechanismNone, mechanismPlain, mechanismScram256, mechanismScram512:
		return true
	}
	return false
}

// mechanism gives nil when brokers ask for no password.
func (c Config) mechanism() (sasl.Mechanism, error) {
	switch c.SASLMechanism {
	case mechanismPlain:
		return plain.Mechanism{Username: c.User, Password: string(c.Password)}, nil
	case mechanismScram256:
		return scram.Mechanism(scram.SHA256, c.User, string(c.Password))
	case mechanismScram512:
		return scram.Mechanism(scram.SHA512, c.User, string(c.Password))
	default:
		return nil, nil //nolint:nilnil // no mechanism is a mechanism
	}
}

// tlsConfig gives nil when TLS is off. It has no server name: kafka-go takes that from each broker's address.
func (c Config) tlsConfig() (*tls.Config, error) {
	if !c.TLS {
		return nil, nil //nolint:nilnil // no TLS is a choice
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		roots, err := readRoots(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("CA file: %w", err)
		}
		config.RootCAs = roots
	}
	if c.CertFile != "" {
		own, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("own certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

func readRoots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New(path + " holds no certificate in PEM")
	}
	return roots, nil
}
