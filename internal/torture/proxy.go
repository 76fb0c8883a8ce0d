package torture

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// proxy stands between the program and its database.
type proxy struct{ toxic *toxiproxy.Proxy }

func newProxy(upstream string) (*proxy, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &proxy{toxiproxy.NewProxy(server, "database", "127.0.0.1:0", upstream)}
	if err := p.toxic.Start(); err != nil {
		return nil, fmt.Errorf("proxy before the database: %w", err)
	}
	return p, nil
}

func (p *proxy) address() string { return p.toxic.Listen }

func (p *proxy) close() { p.toxic.Stop() }

// slow delays every answer of the database.
func (p *proxy) slow(by, jitter time.Duration) error {
	return p.add(`{"type":"latency","attributes":{"latency":%d,"jitter":%d}}`, by.Milliseconds(), jitter.Milliseconds())
}

// cut resets every connection as soon as something is sent on it.
func (p *proxy) cut() error {
	return errors.Join(p.add(`{"type":"reset_peer","attributes":{"timeout":0}}`),
		p.add(`{"type":"reset_peer","stream":"upstream","attributes":{"timeout":0}}`))
}

// swallow lets connections stand and nothing through.
func (p *proxy) swallow() error {
	return errors.Join(p.add(`{"type":"timeout","attributes":{"timeout":0}}`),
		p.add(`{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}`))
}

func (p *proxy) add(toxic string, values ...any) error {
	if _, err := p.toxic.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(toxic, values...))); err != nil {
		return fmt.Errorf("proxy before the database: %w", err)
	}
	return nil
}

// heal lets everything through again.
func (p *proxy) heal(ctx context.Context) { p.toxic.Toxics.ResetToxics(ctx) }
