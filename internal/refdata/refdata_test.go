package refdata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadTableSkipsCommentsAndHeader(t *testing.T) {
	require.Equal(t, [][]string{{"A", "x, y"}, {"B", "z"}},
		readTable("# source\ncode,name\nA,\"x, y\"\nB,z\n", "code", "name"))
}

func TestReadTableRefusesBrokenTables(t *testing.T) {
	broken := map[string]string{
		"no header":       "",
		"only comments":   "# source\n",
		"another header":  "code,title\nA,x\n",
		"a column more":   "code,name,more\nA,x,y\n",
		"a cell more":     "code,name\nA,x,y\n",
		"a cell missing":  "code,name\nA\n",
		"twice":           "code,name\nA,x\nA,y\n",
		"not sorted":      "code,name\nB,x\nA,y\n",
		"quotes not even": "code,name\nA,\"x\n",
	}
	for name, text := range broken {
		t.Run(name, func(t *testing.T) {
			require.Panics(t, func() { readTable(text, "code", "name") })
		})
	}
}

func TestLoadersRefuseWrongCells(t *testing.T) {
	const currency = "code,numeric,minor_digits,name\nCNY,156,2,Yuan\n"
	const rates = "code,micro_cny,as_of\n"
	require.NotPanics(t, func() { loadCurrencies(currency, rates+"CNY,1000000,fixed\n") })
	require.Panics(t, func() { loadCurrencies("code,numeric,minor_digits,name\nCNY,156,two,Yuan\n", rates) })
	require.Panics(t, func() { loadCurrencies("code,numeric,minor_digits,name\ncny,156,2,Yuan\n", rates) })
	require.Panics(t, func() { loadCurrencies(currency, rates+"XXX,1,fixed\n") }, "a rate for no currency")
	require.Panics(t, func() { loadCountries("alpha2,name,name_zh\ncn,China,中国\n") })
	require.Panics(t, func() { loadNames("chapter,name\n1,Live animals\n", "chapter", "name") })
}
