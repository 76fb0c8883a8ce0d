package load

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScannerReadsTexts(t *testing.T) {
	for text, want := range map[string]string{
		`"plain"`: "plain", `""`: "", `"a\"b"`: `a"b`, `"\\"`: `\`, `"a\\\"b"`: `a\"b`, `"é中"`: "é中", `null`: "", ` "x" `: "x",
	} {
		s := scanner{data: []byte(text)}
		got, err := s.text()
		require.NoError(t, err, text)
		require.Equal(t, want, string(got), text)
	}
	for _, text := range []string{`"open`, `"open\"`, `1`, ``, `"\x"`} {
		s := scanner{data: []byte(text)}
		_, err := s.text()
		require.ErrorIs(t, err, errNotJSON, text)
	}
}

// Whatever encoding/json takes as an object, the scanner takes; and what the scanner takes cannot end the array it is put into.
func FuzzWholeObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":[1,2,{"b":"\"}"}],"c":null}`, `{"a":1}]`, `{"a":1},{"b":2}`, `{"a":"\\"}`, `{"a":"\"}`, `{`, `{"a"}`, `[]`, "{}\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		whole := wholeObject(text)
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) == nil && members != nil && depth(text) < maxDepth {
			require.True(t, whole || text[len(text)-1] <= ' ', "%q", text)
		}
		if whole {
			s := scanner{data: append(append([]byte(`[`), text...), `,2]`...)}
			n := 0
			require.NoError(t, s.array(func() error { n++; return s.skip() }), "%q", text)
			require.Equal(t, 2, n)
			require.Equal(t, len(s.data), s.at)
		}
	})
}

func depth(text []byte) (n int) {
	for _, c := range text {
		if c == '{' || c == '[' {
			n++
		}
	}
	return n
}
