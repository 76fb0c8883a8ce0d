// Package publisher fetches denied-party lists from those who publish them, and keeps the lists in force fresh.
package publisher

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/watchlist"
)

// Config says what is fetched from where, and how often.
type Config struct {
	URLs      string        `name:"urls" env:"LISTS_URLS" secret:"url" help:"Where lists are fetched from: source=https://…,https://…;source=…; empty: nowhere, people import them."`
	Every     time.Duration `env:"LISTS_EVERY" default:"6h" help:"How often publishers are asked for news; each time a tenth sooner or later."`
	Timeout   time.Duration `env:"LISTS_TIMEOUT" default:"5m" help:"How long a publisher may take for one file."`
	MaxShrink int           `env:"LISTS_MAX_SHRINK" default:"20" help:"Of a hundred parties or names of a list, how many may be gone at once; a list that lost more is refused."`
}

// Validate tells everything that is wrong with the configuration.
func (c Config) Validate() error {
	_, err := c.Sources()
	wrong := []error{err}
	if c.Every < time.Second {
		wrong = append(wrong, errors.New("LISTS_EVERY must be at least 1s"))
	}
	if c.Timeout < time.Second {
		wrong = append(wrong, errors.New("LISTS_TIMEOUT must be at least 1s"))
	}
	if c.MaxShrink < 0 || c.MaxShrink > 100 {
		wrong = append(wrong, errors.New("LISTS_MAX_SHRINK must be from 0 to 100"))
	}
	return errors.Join(wrong...)
}

// Source is a list, and where its files are.
type Source struct {
	Name string // e.g. ofac_sdn
	URLs []string
}

// Sources reads URLs. It tells what is wrong without the addresses: they may hold passwords.
func (c Config) Sources() ([]Source, error) {
	var sources []Source
	for part := range strings.SplitSeq(c.URLs, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, addresses, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		switch {
		case !found || !slices.Contains(watchlist.Sources, name):
			return nil, fmt.Errorf("LISTS_URLS: source=URL,… is needed, where source is one of %s", strings.Join(watchlist.Sources, ", "))
		case slices.ContainsFunc(sources, func(s Source) bool { return s.Name == name }):
			return nil, fmt.Errorf("LISTS_URLS: %s is there twice", name)
		}
		source := Source{Name: name}
		for address := range strings.SplitSeq(addresses, ",") {
			if !IsURL(strings.TrimSpace(address)) {
				return nil, fmt.Errorf("LISTS_URLS: %s: an http or https URL is needed", name)
			}
			source.URLs = append(source.URLs, strings.TrimSpace(address))
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// IsURL tells whether a text is an address that can be fetched from, and no file's name.
func IsURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
