package risk_test

import (
	"bufio"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/risk"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAModelComesBackFromItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := drawn(t)
		m := learn(t, risk.Options{Repeat: []string{"goods"}}, samples)
		again, err := risk.DecodeModel(m.Encode())
		require.NoError(t, err)
		require.Equal(t, m.Version(), again.Version())
		require.Equal(t, m.Terms(), again.Terms())
		for _, s := range samples {
			require.Equal(t, m.Score(s.Factors, nil), again.Score(s.Factors, nil))
		}
	})
}

func TestDamagedBytesAreRefused(t *testing.T) {
	raw := learn(t, risk.Options{Repeat: []string{"goods"}}, world(300, 1), times(3, sample(1, true, "seller", "7", "goods", "a"))).Encode()
	for cut := range raw {
		_, err := risk.DecodeModel(raw[:cut])
		require.Equal(t, fault.Malformed, fault.KindOf(err), "cut at %d", cut)
	}
	_, err := risk.DecodeModel(append(raw, 0))
	require.Equal(t, fault.Malformed, fault.KindOf(err))
}

// What a model of an earlier program answers must never change: decisions are explained with it years later.
func TestAnOldModelAnswersAsItDid(t *testing.T) {
	const modelFile, answerFile = "testdata/model.base64", "testdata/answers.txt"
	if *update {
		m := learn(t, risk.Options{Repeat: []string{"goods"}}, world(400, 8), times(3, sample(1, true, "seller", "7", "goods", "a")))
		require.NoError(t, os.WriteFile(modelFile, []byte(base64.StdEncoding.EncodeToString(m.Encode())+"\n"), 0o644))
		require.NoError(t, os.WriteFile(answerFile, []byte(answers(m)), 0o644))
	}
	text, err := os.ReadFile(modelFile)
	require.NoError(t, err)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	m, err := risk.DecodeModel(raw)
	require.NoError(t, err)
	want, err := os.ReadFile(answerFile)
	require.NoError(t, err)
	require.Equal(t, string(want), answers(m))
}

// answers is what a model says of a few declarations, line by line.
func answers(m *risk.Model) string {
	var b strings.Builder
	out := bufio.NewWriter(&b)
	fmt.Fprintln(out, m.Version())
	for _, seller := range []string{"7", "8", "nobody"} {
		for _, goods := range []string{"a", "b"} {
			factors := known("hs2", "95", "hs4", "9503", "seller", seller, "origin", "CN", "goods", goods)
			s := m.Score(factors, nil)
			english, chinese := m.Sum(s, factors, 2)
			fmt.Fprintf(out, "%.6f %.4f %s | %s\n", s.P, s.LogOdds, english, chinese)
		}
	}
	out.Flush()
	return b.String()
}

func FuzzDecodeModel(f *testing.F) {
	for _, m := range []*risk.Model{
		learn(f, risk.Options{}), learn(f, risk.Options{Repeat: []string{"goods"}}, world(40, 1), times(3, sample(1, true, "seller", "7", "goods", "a"))),
	} {
		f.Add(m.Encode())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := risk.DecodeModel(raw)
		if err != nil {
			require.Equal(t, fault.Malformed, fault.KindOf(err))
			return
		}
		require.Equal(t, raw, m.Encode())
		s := m.Score(known("hs2", "95", "hs4", "9503", "seller", "7", "goods", "a"), nil)
		require.True(t, s.P >= 0 && s.P <= 1)
		for path, c := range m.Cells() {
			require.NotEmpty(t, path)
			_, _ = m.Explain(c, path)
		}
	})
}
