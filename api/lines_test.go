package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
)

// readLines reads a stream to its end: the lines' texts, with ! for one that is refused, and the error behind the last.
func readLines(t testing.TB, in io.Reader, buffer int) (texts []string, end error) {
	t.Helper()
	r := lineReader{in: bufio.NewReaderSize(in, buffer)}
	for end == nil {
		group := new(lines)
		end = r.next(group)
		require.LessOrEqual(t, len(group.all), chunkLines)
		require.LessOrEqual(t, len(group.buf), chunkBytes+parcel.MaxDocument+2)
		if end == nil {
			require.NotEmpty(t, group.all, "without an error there is a line")
		}
		for i, at := range group.all {
			if at.fault != nil {
				texts = append(texts, "!")
				continue
			}
			texts = append(texts, string(group.bytes(i)))
		}
	}
	return texts, end
}

func TestLines(t *testing.T) {
	t.Parallel()
	exact := strings.Repeat("x", parcel.MaxDocument)
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":                 {"", nil},
		"blanks":                  {"\n \r\n\t\n  ", nil},
		"one":                     {"a", []string{"a"}},
		"with a newline":          {"a\n", []string{"a"}},
		"with carriage returns":   {"a\r\nb\r\n", []string{"a", "b"}},
		"blanks around":           {"  a \n\n b", []string{"a", "b"}},
		"exactly the limit":       {exact + "\r\nb", []string{exact, "b"}},
		"one over":                {exact + "xyz\nb", []string{"!", "b"}},
		"blanks over the limit":   {strings.Repeat(" ", 1<<20) + "a\nb", []string{"a", "b"}},
		"too long and unfinished": {"a\n" + strings.Repeat("x", 1<<20), []string{"a", "!"}},
	} {
		for _, buffer := range []int{16, 4096, 64 << 10} {
			texts, end := readLines(t, iotest.HalfReader(strings.NewReader(c.in)), buffer)
			require.Equal(t, c.want, texts, "%s, buffer of %d", name, buffer)
			require.Equal(t, io.EOF, end, name)
		}
	}
}

func TestLinesThatBreakOff(t *testing.T) {
	t.Parallel()
	torn := errors.New("torn")
	for in, want := range map[string][]string{"": nil, "a\nb\nc": {"a", "b"}, "a\n": {"a"}, "a": nil, strings.Repeat("x", 1<<20): nil} {
		texts, end := readLines(t, io.MultiReader(strings.NewReader(in), iotest.ErrReader(torn)), 4096)
		require.Equal(t, want, texts, "what is not whole is no line")
		require.ErrorIs(t, end, torn)
	}
	texts, end := readLines(t, io.MultiReader(strings.NewReader("a\n"), endless{}), 64<<10)
	require.Equal(t, []string{"a", "!"}, texts)
	require.ErrorIs(t, end, errBarren)
}

// endless is one line that never ends.
type endless struct{}

// Read gives more of it.
func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Whatever comes, and however it is cut, the lines are those that splitting at newlines gives.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\nb\r\n c "), uint16(3))
	f.Add([]byte("{\"order_no\":\"1\"}\n{"), uint16(16))
	f.Add(bytes.Repeat([]byte("x\n"), 600), uint16(4000))
	f.Fuzz(func(t *testing.T, in []byte, buffer uint16) {
		var want []string
		for piece := range bytes.SplitSeq(in, []byte("\n")) {
			if text := bytes.TrimSpace(piece); len(text) > 0 {
				want = append(want, string(text))
			}
		}
		texts, end := readLines(t, bytes.NewReader(in), int(buffer))
		require.Equal(t, io.EOF, end)
		require.Equal(t, want, texts)
	})
}
