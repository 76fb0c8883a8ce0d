package watchlist

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/alataw/alataw/internal/fault"
)

const (
	maxLine = 64 << 10
	maxFile = 64 << 20 // after decompressing; the longest list published is under 30 MB
)

// table reads a file of comma-separated records, one a line. Values may stand in quotes, a quote within doubled; a record
// never goes on over a line's end, so what a broken quote can do stays within its line.
type table struct {
	name    string
	in      *bufio.Reader
	hash    hash.Hash
	line    int
	records int
	cut     bool // the last line had no end
	strict  bool // nothing but UTF-8 is taken
	fields  []string
}

// openTable looks at a file's first bytes and decompresses it when they are gzip's.
func openTable(file File) (*table, error) {
	t := &table{name: file.Name, hash: sha256.New()}
	raw := bufio.NewReader(file.Reader)
	content := io.Reader(raw)
	if magic, _ := raw.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, t.readFault(err)
		}
		content = unzipped
	}
	t.in = bufio.NewReaderSize(&limited{content, maxFile}, maxLine)
	return t, nil
}

// next gives the next record's values, nil at the end. They are valid until the next call.
func (t *table) next() ([]string, error) {
	for {
		raw, err := t.in.ReadSlice('\n')
		if len(raw) == 0 && errors.Is(err, io.EOF) {
			return nil, nil
		}
		t.line++
		t.hash.Write(raw)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, t.readFault(err)
		}
		t.cut = err != nil
		if t.strict && !utf8.Valid(raw) {
			return nil, t.fault("this is not UTF-8")
		}
		line := strings.TrimRight(t.decode(raw), "\r\n")
		if strings.ContainsFunc(strings.Trim(line, "\x1a"), unprintable) {
			return nil, t.fault("this is no text: it has control characters")
		}
		if after, ended := strings.CutPrefix(line, "\x1a"); ended { // CP/M's end of file, which OFAC still writes
			return nil, t.end(after)
		}
		if line == "" {
			continue
		}
		t.records++
		if t.fields, err = splitRecord(t.fields[:0], line); err != nil {
			return nil, t.fault("%v", err)
		}
		return t.fields, nil
	}
}

// unprintable finds what no name holds: control characters, which other encodings and broken files are full of.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// decode reads a line as UTF-8, or, where it is not, as Windows-1252: publishers' tools have written both.
func (t *table) decode(raw []byte) string {
	if t.line == 1 {
		raw = []byte(strings.TrimPrefix(string(raw), "\ufeff"))
	}
	if utf8.Valid(raw) {
		return string(raw)
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(decoded)
}

// end makes sure that nothing follows the end-of-file mark.
func (t *table) end(after string) error {
	t.cut = false
	if _, err := t.in.ReadByte(); after != "" || !errors.Is(err, io.EOF) {
		return t.fault("text follows the end-of-file mark")
	}
	return nil
}

func (t *table) sum() string { return hex.EncodeToString(t.hash.Sum(nil)) }

// fault says what is wrong with the line last read.
func (t *table) fault(format string, args ...any) error {
	return fault.New(fault.Invalid, "list_malformed", "%s, line %d: %s", t.name, t.line, fmt.Sprintf(format, args...))
}

// readFault sorts out why a file could not be read on: only what is not the file's own fault stays unclassified.
func (t *table) readFault(err error) error {
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return t.fault("the line is longer than %d bytes", maxLine)
	case errors.Is(err, errTooLong):
		return t.fault("the file is longer than %d bytes", maxFile)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), isDamage(err):
		return fault.Wrap(err, fault.Invalid, "list_truncated", "%s, after line %d: the compressed file is cut off or damaged", t.name, t.line)
	}
	return fmt.Errorf("list file %s: %w", t.name, err)
}

var (
	errTooLong  = errors.New("file too long")
	errQuote    = errors.New("a quote is not closed")
	errAfter    = errors.New("text follows a closing quote")
	errBareText = errors.New("a quote stands within a value that has none around it")
)

// isDamage tells whether decompressing met bytes that no compressor writes.
func isDamage(err error) bool {
	_, is := errors.AsType[flate.CorruptInputError](err)
	return is
}

// limited reads at most left bytes and then fails, where io.LimitReader would pretend that the file ends.
type limited struct {
	in   io.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.in.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// splitRecord appends a line's values to fields.
func splitRecord(fields []string, line string) ([]string, error) {
	for {
		value, rest, more, err := cutValue(line)
		if err != nil {
			return nil, err
		}
		fields = append(fields, value)
		if !more {
			return fields, nil
		}
		line = rest
	}
}

// cutValue cuts the first value off a line; more tells whether another follows.
func cutValue(line string) (value, rest string, more bool, err error) {
	if !strings.HasPrefix(line, `"`) {
		value, rest, more = strings.Cut(line, ",")
		if strings.Contains(value, `"`) {
			return "", "", false, errBareText
		}
		return strings.TrimSpace(value), rest, more, nil
	}
	end := closingQuote(line)
	if end < 0 {
		return "", "", false, errQuote
	}
	value = strings.ReplaceAll(line[1:end], `""`, `"`)
	blank, rest, more := strings.Cut(line[end+1:], ",")
	if strings.TrimSpace(blank) != "" {
		return "", "", false, errAfter
	}
	return strings.TrimSpace(value), rest, more, nil
}

// closingQuote finds the quote that ends the quoted value a line begins with, -1 when none does.
func closingQuote(line string) int {
	for i := 1; i < len(line); i++ {
		if line[i] != '"' {
			continue
		}
		if i+1 == len(line) || line[i+1] != '"' {
			return i
		}
		i++
	}
	return -1
}
