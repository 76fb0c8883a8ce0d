package refdata_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/refdata"
)

// rowsOf reads a table from disk, apart from the package's own reader.
func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join("tables", name))
	require.NoError(t, err)
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

// TestTablesAreWhole is the register of tables: their sizes change only on purpose.
func TestTablesAreWhole(t *testing.T) {
	register := map[string]struct {
		rows int
		code string
	}{
		"countries.csv":     {249, `^[A-Z]{2}$`},
		"currencies.csv":    {155, `^[A-Z]{3}$`},
		"hs_chapters.csv":   {96, `^[0-9]{2}$`},
		"loading_units.csv": {5, `^[0-9A-Z.]+$`},
		"places.csv":        {20, `^[A-Z]{2}[A-Z2-9]{3}$`},
		"rates.csv":         {150, `^[A-Z]{3}$`},
		"units.csv":         {1827, `^[0-9A-Z]{2,3}$`},
	}
	files, err := os.ReadDir("tables")
	require.NoError(t, err)
	require.Len(t, files, len(register), "a table without an entry here")
	for name, want := range register {
		t.Run(name, func(t *testing.T) {
			rows := rowsOf(t, name)
			require.Len(t, rows, want.rows)
			code := regexp.MustCompile(want.code)
			for i, row := range rows {
				require.Regexp(t, code, row[0])
				if i > 0 {
					require.Less(t, rows[i-1][0], row[0], "codes are sorted and unique")
				}
				for _, cell := range row {
					require.NotEmpty(t, cell, "row %s", row[0])
					require.Equal(t, strings.TrimSpace(cell), cell, "row %s", row[0])
				}
			}
		})
	}
}

func TestTablesNameTheirSourceAndDate(t *testing.T) {
	year := regexp.MustCompile(`\b20[0-9]{2}\b`)
	files, err := filepath.Glob("tables/*.csv")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			said := map[string]string{}
			lines := strings.Split(string(text), "\n")
			require.True(t, strings.HasPrefix(lines[0], "# "), "the first line says what the table is")
			for _, line := range lines {
				comment, ok := strings.CutPrefix(line, "# ")
				if !ok {
					break
				}
				key, value, _ := strings.Cut(comment, ": ")
				said[key] = value
			}
			require.NotEmpty(t, said["source"])
			require.NotEmpty(t, said["licence"])
			require.Regexp(t, year, said["date"])
		})
	}
}

func TestRatesSayWhatTheyAreNotFor(t *testing.T) {
	text, err := os.ReadFile("tables/rates.csv")
	require.NoError(t, err)
	require.Contains(t, string(text), "\n# indicative, for threshold checks only, not for duty\n")
}

// TestEveryRowIsAnswered holds the loaded tables against the files, cell by cell.
func TestEveryRowIsAnswered(t *testing.T) {
	number := func(cell string) int64 {
		n, err := strconv.ParseInt(cell, 10, 64)
		require.NoError(t, err)
		return n
	}
	for _, row := range rowsOf(t, "countries.csv") {
		require.True(t, refdata.IsCountry(row[0]))
		require.Equal(t, []string{refdata.CountryName(row[0]), refdata.CountryNameZH(row[0])}, row[1:])
	}
	for _, row := range rowsOf(t, "currencies.csv") {
		currency, ok := refdata.CurrencyOf(row[0])
		require.True(t, ok)
		require.Equal(t, refdata.Currency{
			Code: row[0], Numeric: row[1], MinorDigits: int(number(row[2])), Name: row[3],
		}, currency)
	}
	for _, row := range rowsOf(t, "rates.csv") {
		micro, ok := refdata.MicroCNY(row[0])
		require.True(t, ok)
		require.Equal(t, number(row[1]), micro)
	}
	for _, row := range rowsOf(t, "units.csv") {
		require.True(t, refdata.IsUnit(row[0]))
		require.Equal(t, row[1], refdata.UnitName(row[0]))
	}
	for _, row := range rowsOf(t, "hs_chapters.csv") {
		require.True(t, refdata.IsHSChapter(row[0]))
		require.Equal(t, row[1], refdata.HSChapterName(row[0]))
	}
	for _, row := range rowsOf(t, "places.csv") {
		place, ok := refdata.PlaceOf(row[0])
		require.True(t, ok)
		require.Equal(t, refdata.Place{
			Code: row[0], Name: row[1], NameZH: row[2], Country: row[3], Gauge: int(number(row[4])),
		}, place)
	}
	for _, row := range rowsOf(t, "loading_units.csv") {
		unit, ok := refdata.LoadingUnitOf(row[0])
		require.True(t, ok)
		require.Equal(t, refdata.LoadingUnit{
			Type: row[0], PayloadG: number(row[1]), VolumeCM3: number(row[2]),
			UsableVolumeCM3: number(row[3]), Mode: row[4],
		}, unit)
	}
}
