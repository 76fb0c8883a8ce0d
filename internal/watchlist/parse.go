package watchlist

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/fault"
)

// The sources whose formats are known.
const (
	OFAC   = "ofac_sdn" // US Treasury, Specially Designated Nationals: SDN.CSV, and optionally ALT.CSV and ADD.CSV
	Custom = "custom"   // one's own list: CSV with a header of name, and optionally id, kind and country
)

// Sources are all sources that Parse reads.
var Sources = []string{OFAC, Custom}

// File is one file of a list, plain or gzip, whichever its content says.
type File struct {
	Name   string // for messages only: what a file holds is told by its content
	Reader io.Reader
}

// Report says what was read.
type Report struct {
	Source       string
	Files        []FileReport // in the order of Parse's files
	Parties      int          // primary names
	Aliases      int
	Unsearchable int    // names of both kinds that Find will not find; see Entry.Searchable
	Hash         string // SHA-256 over the decompressed files, in hex; their order does not matter
}

// FileReport says what one file was taken for.
type FileReport struct {
	Name    string
	Part    string // sdn, alt or add; of a custom list: names
	Records int
}

// Version names this content: the date it is of, and 12 digits of its hash.
func (r Report) Version(date time.Time) string {
	return date.UTC().Format(time.DateOnly) + "-" + r.Hash[:12]
}

// Parse reads all files of one list. It takes a list whole or not at all: a file that is empty, cut off or malformed is a
// fault.Invalid that names file, line and what was wrong, so that a caller can keep the version it has.
// Memory is bounded: no line over 64 KiB, no file over 64 MiB is read.
func Parse(source string, files []File) ([]Entry, Report, error) {
	if len(files) == 0 {
		return nil, Report{}, fault.New(fault.Invalid, "list_empty", "a list needs at least one file")
	}
	var parser interface {
		read(t *table) (part string, err error)
		entries() ([]Entry, error)
	}
	switch source {
	case OFAC:
		parser = newOFAC()
	case Custom:
		parser = &customList{}
	default:
		return nil, Report{}, fault.New(fault.Invalid, "list_unknown_source", "%q is none of %s", source, strings.Join(Sources, ", "))
	}
	report := Report{Source: source}
	var hashes []string
	for _, file := range files {
		t, err := openTable(file)
		if err != nil {
			return nil, Report{}, err
		}
		t.strict = source == Custom // one's own list in another encoding would match nobody
		part, err := parser.read(t)
		if err != nil {
			return nil, Report{}, err
		}
		report.Files = append(report.Files, FileReport{Name: file.Name, Part: part, Records: t.records})
		hashes = append(hashes, t.sum())
	}
	entries, err := parser.entries()
	if err != nil {
		return nil, Report{}, err
	}
	report.Hash = combine(hashes)
	report.count(entries)
	return entries, report, nil
}

func (r *Report) count(entries []Entry) {
	for i := range entries {
		if entries[i].Primary {
			r.Parties++
		} else {
			r.Aliases++
		}
		if !entries[i].Searchable() {
			r.Unsearchable++
		}
	}
}

// combine hashes the files' hashes, in an order of their own.
func combine(hashes []string) string {
	slices.Sort(hashes)
	sum := sha256.Sum256([]byte(strings.Join(hashes, "\n")))
	return hex.EncodeToString(sum[:])
}
