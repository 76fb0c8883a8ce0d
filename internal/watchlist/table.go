package watchlist

import (
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxRecord is how much of a file one record may take, in bytes, where records go on over lines.
const maxRecord = 256 << 10

// table reads a file of records with a comma or another separator between their values. Values may stand in quotes, a quote within
// doubled. A record is a line; only where the publisher lets quoted values go on over lines (folds) may it be more, so that elsewhere what a
// broken quote can do stays within its line.
type table struct {
	*content
	line    int
	records int
	cut     bool // the last line had no end
	strict  bool // nothing but UTF-8 is taken
	folds   bool // a value in quotes may go on over the line's end
	comma   byte
	fields  []string
}

func newTable(c *content) *table { return &table{content: c, comma: ','} }

// next gives the next record's values, nil at the end. They are valid until the next call.
func (t *table) next() ([]string, error) {
	for {
		line, err := t.nextLine()
		if err != nil || line == endOfFile {
			return nil, err
		}
		if after, ended := strings.CutPrefix(line, "\x1a"); ended { // CP/M's end of file, which OFAC still writes
			return nil, t.end(after)
		}
		if line == "" {
			continue
		}
		if t.records++; t.records > maxNames {
			return nil, t.fault("the file has more than %d records", maxNames)
		}
		if t.fields, err = t.split(line); err != nil {
			return nil, err
		}
		return t.fields, nil
	}
}

// endOfFile is what nextLine gives at a file's end; no line has it.
const endOfFile = "\n"

func (t *table) nextLine() (string, error) {
	raw, err := t.in.ReadSlice('\n')
	if len(raw) == 0 && errors.Is(err, io.EOF) {
		return endOfFile, nil
	}
	t.line++
	if err != nil && !errors.Is(err, io.EOF) {
		return "", t.readFault(err, t.line)
	}
	t.cut = err != nil
	if t.strict && !utf8.Valid(raw) {
		return "", t.fault("this is not UTF-8")
	}
	line := strings.TrimRight(t.decode(raw), "\r\n")
	if strings.ContainsFunc(strings.Trim(line, "\x1a"), unprintable) {
		return "", t.fault("this is no text: it has control characters")
	}
	return line, nil
}

// split takes a record apart, and reads on where a value in quotes goes on over the line's end: while the quotes read are odd.
func (t *table) split(record string) ([]string, error) {
	if quotes := strings.Count(record, `"`); t.folds && quotes%2 == 1 {
		var err error
		if record, err = t.unfold(record, quotes); err != nil {
			return nil, err
		}
	}
	fields, err := splitRecord(t.fields[:0], record, t.comma)
	if err != nil {
		return nil, t.fault("%v", err)
	}
	return fields, nil
}

// unfold joins the lines of a record with blanks.
func (t *table) unfold(first string, quotes int) (string, error) {
	var record strings.Builder
	record.WriteString(first)
	for quotes%2 == 1 {
		line, err := t.nextLine()
		switch {
		case err != nil:
			return "", err
		case line == endOfFile:
			return "", t.truncated(t.line)
		case record.Len()+len(line) > maxRecord:
			return "", t.fault("the record is longer than %d bytes", maxRecord)
		}
		record.WriteByte(' ')
		record.WriteString(line)
		quotes += strings.Count(line, `"`)
	}
	return record.String(), nil
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

// fault says what is wrong with the line last read.
func (t *table) fault(format string, args ...any) error {
	return t.content.fault(t.line, format, args...)
}

// columns says where each column of a header stands, by its name in lower case with single blanks.
type columns map[string]int

// columnsOf reads a header. A name that stands twice means its first column. Every one of needed must be there.
func (t *table) columnsOf(header []string, needed ...string) (columns, error) {
	c := columns{}
	for i, cell := range header {
		name := strings.ToLower(strings.Join(strings.Fields(cell), " "))
		if _, twice := c[name]; !twice {
			c[name] = i
		}
	}
	for _, name := range needed {
		if _, ok := c[name]; !ok {
			return nil, t.fault("the header has no column called %q", name)
		}
	}
	return c, nil
}

// get gives a record's value in a column, "" where there is no such column.
func (c columns) get(record []string, name string) string {
	i, ok := c[name]
	if !ok || i >= len(record) {
		return ""
	}
	return record[i]
}

// eachRecord hands over the records behind a header; each must have as many values as the header, empty ones at a line's end aside.
func (t *table) eachRecord(width int, take func(record []string) error) error {
	for {
		record, err := t.next()
		if err != nil || record == nil {
			return err
		}
		for len(record) > width && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if len(record) != width {
			return t.fault("%d values, where the header has %d", len(record), width)
		}
		if err := take(record); err != nil {
			return t.explain(err)
		}
	}
}

// explain says where a flaw stands.
func (t *table) explain(err error) error {
	if wrong, ok := errors.AsType[flaw](err); ok {
		return t.fault("%v", wrong)
	}
	return err
}

var (
	errQuote    = errors.New("a quote is not closed")
	errAfter    = errors.New("text follows a closing quote")
	errBareText = errors.New("a quote stands within a value that has none around it")
)

// splitRecord appends a line's values to fields.
func splitRecord(fields []string, line string, comma byte) ([]string, error) {
	for {
		value, rest, more, err := cutValue(line, string(comma))
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
func cutValue(line, comma string) (value, rest string, more bool, err error) {
	if !strings.HasPrefix(line, `"`) {
		value, rest, more = strings.Cut(line, comma)
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
	blank, rest, more := strings.Cut(line[end+1:], comma)
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
