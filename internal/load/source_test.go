package load_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/load"
)

const twoLines = `{"order_no":"a"}` + "\n" + `{"order_no":"b","items":[{"n":1},{"n":"}"}]}` + "\n"

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstded(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(text), nil))
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// drain reads a source to its end, io.EOF or another.
func drain(source load.Source) (all []string, err error) {
	for {
		order, err := source.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, load.ErrTorn) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, string(order))
	}
}

func TestFilesOfEveryForm(t *testing.T) {
	long := `{"order_no":"` + strings.Repeat("x", 1<<20) + `"}`
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain":             {twoLines, strings.Split(strings.TrimSpace(twoLines), "\n")},
		"gzip":              {gzipped(t, twoLines), strings.Split(strings.TrimSpace(twoLines), "\n")},
		"gzip of two parts": {gzipped(t, twoLines) + gzipped(t, `{"c":1}`), append(strings.Split(strings.TrimSpace(twoLines), "\n"), `{"c":1}`)},
		"zstd":              {zstded(t, twoLines), strings.Split(strings.TrimSpace(twoLines), "\n")},
		"no last line feed": {`{"a":1}` + "\n" + `{"b":2}`, []string{`{"a":1}`, `{"b":2}`}},
		"from Windows":      {"\xef\xbb\xbf{\"a\":1}\r\n\r\n  \n{\"b\":2}\r\n", []string{`{"a":1}`, `{"b":2}`}},
		"a long line":       {long + "\n{}", []string{long, "{}"}},
		"empty":             {"", nil},
		"empty gzip":        {gzipped(t, ""), nil},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := load.Files(nil, file(t, "orders", c.content))
			require.NoError(t, err)
			got, err := drain(source)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			done, total := source.Far()
			require.EqualValues(t, len(c.content), total)
			require.Equal(t, total, done)
			require.NoError(t, source.Close())
		})
	}
}

func TestFilesOneAfterTheOtherAndStdin(t *testing.T) {
	source, err := load.Files(strings.NewReader(gzipped(t, `{"in":1}`)), file(t, "a", `{"a":1}`), load.Stdin, file(t, "b", `{"b":1}`))
	require.NoError(t, err)
	got, err := drain(source)
	require.NoError(t, err)
	require.Equal(t, []string{`{"a":1}`, `{"in":1}`, `{"b":1}`}, got)
	_, total := source.Far()
	require.Zero(t, total, "how much comes by stdin is unknown")
}

func TestFilesThatBreakOffSayWhere(t *testing.T) {
	many := strings.Repeat(twoLines, 50_000)
	for name, c := range map[string]struct {
		content, want string
		is            error
		orders        int
	}{
		"last line":     {twoLines + `{"order_no":"c","items":[{"n":`, "orders:3: ", load.ErrNotAnOrder, 2},
		"not an object": {twoLines + `[{"a":1}]`, "orders:3: ", load.ErrNotAnOrder, 2},
		"two objects":   {`{"a":1} {"b":1}`, "orders:1: ", load.ErrNotAnOrder, 0},
		"smuggled":      {`{"a":1}],"parcels":[{"b":1}`, "orders:1: ", load.ErrNotAnOrder, 0},
		"pretty":        {"{\n  \"a\": 1\n}\n", "orders:1: ", load.ErrNotAnOrder, 0},
		"too deep":      {`{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}", "orders:1: ", load.ErrNotAnOrder, 0},
		"torn gzip":     {gzipped(t, twoLines)[:40], "orders:", load.ErrTorn, -1},
		"torn header":   {gzipped(t, twoLines)[:5], "orders:", load.ErrTorn, 0},
		"gzip's sum":    {gzipped(t, many)[:len(gzipped(t, many))-8], "orders:100001: ", load.ErrTorn, 100_000},
		"torn zstd":     {zstded(t, many)[:len(zstded(t, many))/2], "orders:", load.ErrTorn, -1},
		"endless line":  {`{"a":"` + strings.Repeat("x", 5<<20) + `"}`, "orders:1: a line is longer", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := load.Files(nil, file(t, "orders", c.content))
			require.NoError(t, err)
			got, err := drain(source)
			require.ErrorContains(t, err, c.want)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			if c.orders >= 0 {
				require.Len(t, got, c.orders)
			}
			require.NoError(t, source.Close())
		})
	}
}

func TestFilesThatAreNotThereAreToldAtOnce(t *testing.T) {
	_, err := load.Files(nil, file(t, "a", "{}"), filepath.Join(t.TempDir(), "nowhere.ndjson"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = load.Files(nil, t.TempDir())
	require.ErrorContains(t, err, "is a folder")
}
