package app

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	labelledPairs = `case_group,schema,name1,name2,is_match,quality,category,notes
x,Person,Tessaly Orvanetzky,Tesaly Orvanetzky,true,MEDIUM,typo,
x,Person,Tessaly Orvanetzky,Bronwyn Orvanetzky,false,MEDIUM,other,
x,Company,Borduria Heavy Industries JSC,OAO Borduria Heavy Industries,true,STRONG,form,
x,Company,Borduria Heavy Industries,Syldavia Heavy Industries,false,STRONG,other,
`
	innocentPeople = `full_name,date_of_birth,nationality
Bronwyn Alderfield,1960-01-01,France
Tessaly Quim Orvanetzky,1999-01-01,France
`
	deniedParties = `name,id,kind
"ORVANETZKY, Tessaly Quim",1,individual
Borduria Heavy Industries JSC,2,entity
"VOLKONTOV, Bazil Arkadyevich",3,individual
`
)

// evalNames runs the command over the files.
func evalNames(t *testing.T, pairs string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	all := []string{"eval", "names", "--pairs", write("pairs.csv", pairs)}
	for _, arg := range args {
		arg = strings.ReplaceAll(arg, "LIST", write("list.csv", deniedParties))
		all = append(all, strings.ReplaceAll(arg, "CLEAN", write("clean.csv", innocentPeople)))
	}
	var out bytes.Buffer
	err := Run(t.Context(), all, strings.NewReader(""), &out, &out)
	return out.String(), err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestEvalNamesOfPairs(t *testing.T) {
	t.Parallel()
	out, err := evalNames(t, labelledPairs)
	require.NoError(t, err, out)
	require.Equal(t, "threshold=0.80 precision=1.000 recall=1.000 f1=1.000 false_hits_per_10000=-", lastLine(out))
	require.Contains(t, out, "THRESHOLD")

	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write([]byte(labelledPairs))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	again, err := evalNames(t, packed.String())
	require.NoError(t, err)
	require.Equal(t, out, again)
}

// A person who is called like a listed one is a false hit.
func TestEvalNamesOfTheClean(t *testing.T) {
	t.Parallel()
	out, err := evalNames(t, labelledPairs, "--clean", "CLEAN", "--lists", "custom=LIST")
	require.NoError(t, err, out)
	require.Equal(t, "threshold=0.80 precision=1.000 recall=1.000 f1=1.000 false_hits_per_10000=5000.00", lastLine(out))
	require.Contains(t, out, `false hit: "Tessaly Quim Orvanetzky": The name equals "ORVANETZKY, Tessaly Quim", in every word (score 1.00)`)
}

// Altered names find the parties that they were.
func TestEvalNamesOfTheAltered(t *testing.T) {
	t.Parallel()
	out, err := evalNames(t, labelledPairs, "--altered", "50", "--lists", "custom=LIST")
	require.NoError(t, err, out)
	require.Contains(t, out, "corporate form")
	require.Regexp(t, `word order +50 +100\.0 %`, out)
	require.Regexp(t, `corporate form +50 +100\.0 %`, out)
	again, err := evalNames(t, labelledPairs, "--altered", "50", "--lists", "custom=LIST")
	require.NoError(t, err)
	require.Equal(t, out, again, "the same seed alters the same")
}

func TestEvalNamesRefuses(t *testing.T) {
	t.Parallel()
	for says, row := range map[string]struct {
		pairs string
		args  []string
	}{
		`line 3: is_match is "maybe"`:  {pairs: strings.Replace(labelledPairs, "false,MEDIUM", "maybe,MEDIUM", 1)},
		`line 4: "Ghost" is no schema`: {pairs: strings.Replace(labelledPairs, "x,Company", "x,Ghost", 1)},
		`no column is called name2`:    {pairs: strings.Replace(labelledPairs, "name2", "name3", 1)},
		`line 2: a name is missing`:    {pairs: strings.Replace(labelledPairs, ",Tesaly Orvanetzky", ",", 1)},
		`wrong number of fields`:       {pairs: labelledPairs + "x,Person\n"},
		`--clean and --altered need`:   {pairs: labelledPairs, args: []string{"--clean", "CLEAN"}},
		`"custom" is not SOURCE=FILE`:  {pairs: labelledPairs, args: []string{"--lists", "custom"}},
		`"ghost" is none of`:           {pairs: labelledPairs, args: []string{"--lists", "ghost=LIST"}},
		`no such file`:                 {pairs: labelledPairs, args: []string{"--lists", "custom=nowhere.csv"}},
		`the header cannot be read`:    {pairs: ""},
	} {
		out, err := evalNames(t, row.pairs, row.args...)
		require.ErrorContains(t, err, says, out)
	}
}
