package watchlist

import (
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// Import is a list that is to take the place of the version in force.
type Import struct {
	Source    string
	Entries   []Entry
	Published time.Time // as the publisher says; zero when it does not
	Hash      string    // SHA-256 over the files, in hex; "" when there were none
	By        string    // who or what imports it
	Origins   []Origin  // where it was fetched from; nil when it was not
	MaxShrink int       // of a hundred parties or names, how many may be gone; 100 and more: all
}

// NewImport makes an import of what Parse gave.
func NewImport(entries []Entry, report Report, by string, maxShrink int) Import {
	return Import{
		Source: report.Source, Entries: entries, Published: report.Published, Hash: report.Hash, By: by, MaxShrink: maxShrink,
	}
}

// Version names what is imported, as Report.Version does; date is for a publisher that gives none.
func (i Import) Version(date time.Time) string {
	return Report{Published: i.Published, Digest: DigestOf(i.Entries)}.Version(date)
}

// Counts are how many parties and other names of theirs a list has.
type Counts struct{ Parties, Aliases int }

// CountsOf counts.
func CountsOf(entries []Entry) (c Counts) {
	for i := range entries {
		if entries[i].Primary {
			c.Parties++
		} else {
			c.Aliases++
		}
	}
	return c
}

// Shrunk is a fault.Invalid when more of a list's parties, or of its names, are gone than maxShrink of a hundred: publishers add and
// take off a few at a time, and a list that has lost a fifth is more likely cut than mended.
func Shrunk(source string, was, is Counts, maxShrink int) error {
	for _, of := range []struct {
		what    string
		was, is int
	}{{"parties", was.Parties, is.Parties}, {"names", was.Parties + was.Aliases, is.Parties + is.Aliases}} {
		if gone := of.was - of.is; gone > 0 && gone*100 > of.was*maxShrink {
			return fault.New(fault.Invalid, "list_shrunk", "%s would shrink from %d %s to %d, by %d %%; at most %d %% is taken without a word of yours",
				source, of.was, of.what, of.is, gone*100/of.was, maxShrink)
		}
	}
	return nil
}

// Origin is where a file of a list was fetched from, and what its server said of its version (RFC 9110, section 8.8).
type Origin struct {
	URL          string `json:"url"` // without user and password
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// Edition is one stored version of a publisher's list, without its entries. Editions stay stored when others take their place: they explain
// old decisions.
type Edition struct {
	Source, Version  string
	Hash             string // SHA-256 over the files it was read from, in hex; "" for what was imported before hashes were kept
	Entries          int    // all names
	Parties, Aliases int
	PublishedAt      *time.Time // as the publisher says
	ImportedAt       time.Time
	ImportedBy       string
	CheckedAt        time.Time  // when it was last known to be what the publisher has
	RetiredAt        *time.Time // when another took its place; nil while in force
	Origins          []Origin
}

// InForce tells whether screening compares with it.
func (e *Edition) InForce() bool { return e.RetiredAt == nil }
