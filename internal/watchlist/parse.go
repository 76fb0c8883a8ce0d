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
	OFAC   = "ofac_sdn" // US Treasury, Specially Designated Nationals: SDN.CSV, and optionally ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV
	UN     = "un"       // UN Security Council, consolidated list: XML
	EU     = "eu"       // European Union, consolidated financial sanctions list: FSF XML 1.1
	UK     = "uk_ofsi"  // United Kingdom: OFSI's consolidated list in its 2022 format, or the UK Sanctions List; CSV
	CSL    = "us_csl"   // US Department of Commerce, Consolidated Screening List: CSV or JSON
	DPL    = "bis_dpl"  // US Bureau of Industry and Security, Denied Persons List: text with tabs
	Custom = "custom"   // one's own list: CSV with a header of name, and optionally id, kind, country, born and weak
)

// Sources are all sources that Parse reads.
var Sources = []string{OFAC, UN, EU, UK, CSL, DPL, Custom}

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
	Unsearchable int       // names of both kinds that nobody is compared with; see Entry.Searchable
	Published    time.Time // as the files say; zero when they do not
	Hash         string    // SHA-256 over the decompressed files, in hex; their order does not matter
	Digest       string    // of the entries, as DigestOf gives it
}

// FileReport says what one file was taken for.
type FileReport struct {
	Name    string
	Part    string // of OFAC sdn, alt, add or comments; else names (a name a record) or parties (a party a record)
	Records int
}

// Version names these entries: the publisher's date, or else the given one, and 12 digits of their digest. Lists with the same entries
// judge the same, whatever else changed in their files.
func (r Report) Version(date time.Time) string {
	if !r.Published.IsZero() {
		date = r.Published
	}
	return date.UTC().Format(time.DateOnly) + "-" + r.Digest[:12]
}

// format reads the files of one publisher's list.
type format interface {
	read(c *content) (FileReport, error)
	entries() ([]Entry, error)
	published() time.Time
}

func formatOf(source string) (format, error) {
	switch source {
	case OFAC:
		return newOFAC(), nil
	case UN:
		return &unList{register: newRegister(UN)}, nil
	case EU:
		return &euList{register: newRegister(EU)}, nil
	case UK:
		return &ukList{register: newRegister(UK)}, nil
	case CSL:
		return &cslList{newRegister(CSL)}, nil
	case DPL:
		return &dplList{newRegister(DPL)}, nil
	case Custom:
		return &customList{known: map[string]bool{}}, nil
	}
	return nil, fault.New(fault.Invalid, "list_unknown_source", "%q is none of %s", source, strings.Join(Sources, ", "))
}

// Parse reads all files of one list. It takes a list whole or not at all: a file that is empty, cut off or malformed is a
// fault.Invalid that names file, line and what was wrong, so that a caller can keep the version it has.
// Memory is bounded: no line over 64 KiB, no party over 1 MiB, no file over 128 MiB is read, and no file is kept.
func Parse(source string, files []File) ([]Entry, Report, error) {
	if len(files) == 0 {
		return nil, Report{}, fault.New(fault.Invalid, "list_empty", "a list needs at least one file")
	}
	list, err := formatOf(source)
	if err != nil {
		return nil, Report{}, err
	}
	report := Report{Source: source}
	var hashes []string
	for _, file := range files {
		c, err := openContent(file)
		if err != nil {
			return nil, Report{}, err
		}
		read, err := list.read(c)
		if err != nil {
			return nil, Report{}, err
		}
		read.Name = file.Name
		report.Files = append(report.Files, read)
		hashes = append(hashes, c.sum())
	}
	entries, err := list.entries()
	if err != nil {
		return nil, Report{}, err
	}
	if len(entries) == 0 {
		return nil, Report{}, fault.New(fault.Invalid, "list_empty", "%s names nobody", files[0].Name)
	}
	report.Published, report.Hash, report.Digest = list.published(), combine(hashes), DigestOf(entries)
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

// DigestOf is SHA-256 over all that entries say, in hex. Their order does not matter.
func DigestOf(entries []Entry) string {
	lines := make([]string, len(entries))
	for i := range entries {
		e := &entries[i]
		mark := "alias"
		switch {
		case e.Primary:
			mark = "primary"
		case e.Weak:
			mark = "weak"
		}
		lines[i] = strings.Join([]string{
			e.List, e.ID, mark, e.Name, e.Kind, e.Program, e.Country, strings.Join(e.Births, ","), strings.Join(e.Countries, ","),
		}, "\x00")
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, line := range lines {
		h.Write([]byte(line))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}
