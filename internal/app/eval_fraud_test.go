package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const declarationHead = "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,Mode of Transport,Declarant ID,Importer ID,Seller ID," +
	"Courier ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,Tax Type,Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud\n"

// declarations is n rows of one month: what a bad seller declares is at fault four times in five, of others once in twenty.
func declarations(n, month int, seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 1))
	var rows strings.Builder
	rows.WriteString(declarationHead)
	for i := range n {
		seller, fault := fmt.Sprintf("S%d", chance.IntN(12)), 0
		if rate := chance.Float64(); rate < 0.05 || (seller == "S3" && rate < 0.8) {
			fault = 1
		}
		fmt.Fprintf(&rows, "%d%07d,2026-%02d-%02d,20,B,11,21,11,10,D1,I%d,%s,,9503%02d,CN,CN,8.0,A,Y,%.1f,%.2f,%d,0\n", month, i, month,
			1+i*28/n, chance.IntN(500), seller, chance.IntN(20), 1+20*chance.Float64(), 100*chance.Float64(), fault)
	}
	return rows.String()
}

// fraudFiles writes the three parts, the first compressed.
func fraudFiles(t *testing.T) []string {
	dir := t.TempDir()
	var packed bytes.Buffer
	pack := gzip.NewWriter(&packed)
	_, err := pack.Write([]byte(declarations(2000, 1, 1)))
	require.NoError(t, err)
	require.NoError(t, pack.Close())
	args := []string{"eval", "fraud"}
	for name, content := range map[string]string{"train": packed.String(), "valid": declarations(600, 2, 2), "test": declarations(800, 3, 3)} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		args = append(args, "--"+name, file)
	}
	return args
}

func TestEvalFraudFindsTheBadSellerAndSaysSo(t *testing.T) {
	t.Parallel()
	args := fraudFiles(t)
	var out, again strings.Builder
	require.NoError(t, Run(t.Context(), args, nil, &out, os.Stderr))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := regexp.MustCompile(`^precision_at_5=(0\.\d{3}) precision_at_10=(0\.\d{3})$`).FindStringSubmatch(lines[len(lines)-1])
	require.NotNil(t, last, lines[len(lines)-1])
	require.Greater(t, last[1], "0.600")
	require.Contains(t, out.String(), "seller S3: ")
	require.Contains(t, out.String(), "卖家 S3：已查验 ")
	require.Equal(t, 3, strings.Count(out.String(), "of a declaration of which nothing is known"))
	require.NoError(t, Run(t.Context(), args, nil, &again, os.Stderr))
	require.Equal(t, timeless(out.String()), timeless(again.String()))
}

// timeless leaves out how long learning took.
func timeless(report string) string {
	return regexp.MustCompile(`in \d+\.\d s`).ReplaceAllString(report, "")
}

func TestEvalFraudSaysWhatIsWrongWithAFile(t *testing.T) {
	t.Parallel()
	good := declarations(200, 1, 1)
	second := strings.SplitAfterN(good, "\n", 3)
	for want, content := range map[string]string{
		"these columns are missing: HS6 Code": strings.Replace(good, "HS6 Code", "HS10 Code", 1),
		"line 2: \"maybe\" is neither 0 nor":  second[0] + strings.Replace(second[1], ",0,0\n", ",maybe,0\n", 1) + second[2],
		"line 2: \"-1\" is no amount":         second[0] + "1,2026-01-01,20,B,11,21,11,10,D1,I1,S1,,950300,CN,CN,8.0,A,Y,-1,2,0,0\n",
		"wrong number of fields":              good + "1,2\n",
		"a hundred declarations are needed":   declarationHead,
		"unexpected EOF":                      "\x1f\x8b\x08\x00",
	} {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		_, err := readDeclarations(t.Context(), file)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, file)
	}
}

// A property, not a fuzz target: this package carries the whole house, and a fuzzer gets nowhere in it.
func TestDamagedDeclarationsAreAnErrorOrDeclarations(t *testing.T) {
	t.Parallel()
	good := declarations(5, 1, 1)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(good)).Draw(t, "from")
		to := rapid.IntRange(from, len(good)).Draw(t, "to")
		damage := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune(",\"\n09.-e\x00"))), rapid.String()).Draw(t, "damage")
		part, err := parseDeclarations(context.Background(), strings.NewReader(good[:from]+damage+good[to:]))
		if err != nil {
			require.Empty(t, part)
			return
		}
		for _, d := range part {
			require.NotEmpty(t, d.goods)
			require.Len(t, d.Factors, 21)
		}
	})
}
