package watchlist_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

func TestParseOFAC(t *testing.T) {
	born, of := []string{"1961-01-01"}, []string{"IR"}
	want := []watchlist.Entry{
		{ID: "101", Name: "BORDURIAN AIRLINES", Kind: watchlist.Entity, Program: "BORDURIA", Country: "Borduria", Primary: true},
		{ID: "102", Name: "ORVANE, Tessaly Quim", Kind: watchlist.Individual, Program: "SDGT", Primary: true, Births: born, Countries: of},
		{ID: "103", Name: "BELLA", Kind: watchlist.Vessel, Program: "BORDURIA", Primary: true},
		{ID: "104", Name: "EP-ZZZ", Kind: watchlist.Aircraft, Program: "SDGT", Primary: true},
		{ID: "105", Name: "Z99", Kind: watchlist.Entity, Program: "SDNTK", Primary: true},
		{ID: "106", Name: "MARLINSPIKE [BORDURIA] TRADING CO., LTD.", Kind: watchlist.Entity, Program: "SDGT", Primary: true},
		{ID: "101", Name: "BORDAIR EXPRESS", Kind: watchlist.Entity, Program: "BORDURIA", Country: "Borduria"},
		{ID: "101", Name: "BORD", Kind: watchlist.Entity, Program: "BORDURIA", Country: "Borduria"},
		{ID: "102", Name: "OVANE, Tess", Kind: watchlist.Individual, Program: "SDGT", Births: born, Countries: of},
		{ID: "102", Name: "MARLINSPIKE BORDURIA TRADING CO LTD", Kind: watchlist.Individual, Program: "SDGT", Births: born, Countries: of},
		{ID: "101", Name: "BAL", Kind: watchlist.Entity, Program: "BORDURIA", Country: "Borduria", Weak: true},
		{ID: "102", Name: "AL-'TESS' OF KLOW", Kind: watchlist.Individual, Program: "SDGT", Weak: true, Births: born, Countries: of},
	}
	for i := range want {
		want[i].List = watchlist.OFAC
	}
	orders := map[string][]watchlist.File{
		"as published": {file("sdn.csv", sdnCSV), file("alt.csv", altCSV), file("add.csv", addCSV)},
		"any order":    {file("3", addCSV), file("2", altCSV), file("1", sdnCSV)},
		"gzip":         {zipped(t, "sdn.csv.gz", sdnCSV), file("alt.csv", altCSV), zipped(t, "add.csv.gz", addCSV)},
		"byte by byte": {{Name: "sdn", Reader: iotest.OneByteReader(strings.NewReader(sdnCSV))}, file("alt", altCSV), file("add", addCSV)},
	}
	hashes := map[string]bool{}
	for name, files := range orders {
		t.Run(name, func(t *testing.T) {
			entries, report, err := watchlist.Parse(watchlist.OFAC, files)
			require.NoError(t, err)
			require.Equal(t, want, entries)
			require.Equal(t, 6, report.Parties)
			require.Equal(t, 6, report.Aliases)
			require.Equal(t, 5, report.Unsearchable, "ship, aircraft, Z99, BORD, BAL")
			hashes[report.Hash] = true
		})
	}
	require.Len(t, hashes, 1, "the hash tells contents apart, not orders or wrappings")
}

func TestReport(t *testing.T) {
	_, report, err := watchlist.Parse(watchlist.OFAC, []watchlist.File{file("a.csv", altCSV), file("b.csv", sdnCSV)})
	require.NoError(t, err)
	require.Equal(t, []watchlist.FileReport{{Name: "a.csv", Part: "alt", Records: 4}, {Name: "b.csv", Part: "sdn", Records: 6}}, report.Files)
	date := time.Date(2026, 3, 9, 23, 0, 0, 0, time.FixedZone("", -3*3600))
	require.Equal(t, "2026-03-10-"+report.Digest[:12], report.Version(date))

	_, changed, err := watchlist.Parse(watchlist.OFAC, []watchlist.File{file("a.csv", altCSV), file("b.csv", strings.Replace(sdnCSV, "1961", "1962", 1))})
	require.NoError(t, err)
	require.NotEqual(t, report.Hash, changed.Hash)
	require.NotEqual(t, report.Digest, changed.Digest)
	_, titled, err := watchlist.Parse(watchlist.OFAC, []watchlist.File{file("a.csv", altCSV), file("b.csv", strings.Replace(sdnCSV, "Colonel", "General", 1))})
	require.NoError(t, err)
	require.NotEqual(t, report.Hash, titled.Hash)
	require.Equal(t, report.Digest, titled.Digest, "what is not read makes no new version")
}

func TestParseCustom(t *testing.T) {
	for name, content := range map[string]string{
		"all columns":    "name,id,kind,country\nTessaly Orvane,7,individual,Borduria\n\"Marlinspike, \"\"North\"\"\",8,,\n",
		"another order":  "Country,Kind,ID,Name\r\nBorduria,INDIVIDUAL,7,Tessaly Orvane\r\n,entity,8,\"Marlinspike, \"\"North\"\"\"\r\n",
		"no end of line": "\ufeffname,id,kind,country\n\nTessaly Orvane,7,individual,Borduria\n\"Marlinspike, \"\"North\"\"\",8,entity,",
	} {
		t.Run(name, func(t *testing.T) {
			entries, report, err := watchlist.Parse(watchlist.Custom, []watchlist.File{file("own.csv", content)})
			require.NoError(t, err)
			require.Equal(t, []watchlist.Entry{
				{List: "custom", ID: "7", Name: "Tessaly Orvane", Kind: "individual", Country: "Borduria", Primary: true},
				{List: "custom", ID: "8", Name: `Marlinspike, "North"`, Kind: "entity", Primary: true},
			}, entries)
			require.Equal(t, []watchlist.FileReport{{Name: "own.csv", Part: "names", Records: 2}}, report.Files)
		})
	}
	entries, _, err := watchlist.Parse(watchlist.Custom, []watchlist.File{file("own.csv", "name\nTessaly Orvane\nJosé Añorga\n")})
	require.NoError(t, err)
	require.Equal(t, "3", entries[1].ID, "without an id, the line")
	for what, content := range map[string]string{"another encoding": "name\nJos\xe9 A\xf1orga\n", "a NUL": "name\nab\x00cd efgh\n"} {
		_, _, err := watchlist.Parse(watchlist.Custom, []watchlist.File{file("own.csv", content)})
		require.Equal(t, fault.Invalid, fault.KindOf(err), what)
		require.ErrorContains(t, err, "own.csv")
	}
}

// TestParseRefuses: each broken list is refused whole, and told where it is broken.
func TestParseRefuses(t *testing.T) {
	line1, _, _ := strings.Cut(sdnCSV, "\r\n")
	packed := string(gzipped(t, sdnCSV))
	rows := map[string]struct {
		source string
		files  []watchlist.File
		code   string
		says   string
	}{
		"unknown source":            {"moon", []watchlist.File{file("x", sdnCSV)}, "list_unknown_source", `"moon" is none of`},
		"no files":                  {"ofac_sdn", nil, "list_empty", "at least one file"},
		"empty file":                {"ofac_sdn", []watchlist.File{file("sdn.csv", "")}, "list_empty", "sdn.csv is empty"},
		"only an end-of-file mark":  {"ofac_sdn", []watchlist.File{file("sdn.csv", "\x1a")}, "list_empty", "sdn.csv is empty"},
		"another file":              {"ofac_sdn", []watchlist.File{file("page.html", "<html>\n<p>Not found</p>\n")}, "list_malformed", "page.html is a web page, not a list"},
		"some text":                 {"ofac_sdn", []watchlist.File{file("page.txt", "Not found\n")}, "list_malformed", "page.txt, line 1: 1 values are none of SDN.CSV"},
		"without SDN":               {"ofac_sdn", []watchlist.File{file("alt.csv", altCSV)}, "list_incomplete", "SDN.CSV is not among the files"},
		"SDN twice":                 {"ofac_sdn", []watchlist.File{file("a", sdnCSV), file("b", sdnCSV)}, "list_malformed", "b, line 1: this is sdn.csv again, after a"},
		"a value missing":           {"ofac_sdn", []watchlist.File{file("s", line1+"\r\n102,\"X\",-0- \r\n")}, "list_malformed", "s, line 2: 3 values, where sdn.csv has 12"},
		"a number that is none":     {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, "102,", "1O2,", 1))}, "list_malformed", `s, line 2: "1O2" is no party's number`},
		"an unknown type":           {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, `"vessel"`, `"planet"`, 1))}, "list_malformed", `s, line 3: "planet" is no type of party`},
		"a party without name":      {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, `"BELLA"`, `-0- `, 1))}, "list_malformed", "s, line 3: the party has no name"},
		"a party twice":             {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, "102,", "101,", 1))}, "list_malformed", "s: party 101 is there twice"},
		"an unknown alias type":     {"ofac_sdn", []watchlist.File{file("s", sdnCSV), file("a", strings.Replace(altCSV, `"fka"`, `"xka"`, 1))}, "list_malformed", `a, line 2: "xka" is no type of alias`},
		"an alias without name":     {"ofac_sdn", []watchlist.File{file("s", sdnCSV), file("a", strings.Replace(altCSV, `"BORD"`, `"..."`, 1))}, "list_malformed", "a, line 2: the alias has no name"},
		"SDN cut between lines":     {"ofac_sdn", []watchlist.File{file("s", line1+"\r\n"), file("a", altCSV)}, "list_incomplete", "a, line 3: party 102 is not in s"},
		"a stray address":           {"ofac_sdn", []watchlist.File{file("s", sdnCSV), file("d", addCSV[:len(addCSV)-1]+"999,1,-0- ,-0- ,-0- ,-0- \r\n")}, "list_incomplete", "d, line 4: party 999 is not in s"},
		"cut in a line":             {"ofac_sdn", []watchlist.File{file("s", sdnCSV[:len(sdnCSV)-9])}, "list_malformed", "s, line 6: "},
		"cut before a line's end":   {"ofac_sdn", []watchlist.File{file("s", sdnCSV[:len(sdnCSV)-3])}, "list_truncated", "s, line 6: the file ends in the middle of a line"},
		"cut within quotes":         {"ofac_sdn", []watchlist.File{file("s", line1+"\r\n102,\"ORVANE, Tes")}, "list_malformed", "s, line 2: a quote is not closed"},
		"text after a quote":        {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, `"BELLA"`, `"BELLA"x`, 1))}, "list_malformed", "s, line 3: text follows a closing quote"},
		"a quote in a bare value":   {"ofac_sdn", []watchlist.File{file("s", strings.Replace(sdnCSV, `-0- ,"XX123"`, `-0"- ,"XX123"`, 1))}, "list_malformed", "s, line 3: a quote stands within"},
		"text after the end":        {"ofac_sdn", []watchlist.File{file("s", sdnCSV+"107,")}, "list_malformed", "s, line 7: text follows the end-of-file mark"},
		"a line without end":        {"ofac_sdn", []watchlist.File{file("s", line1+"\r\n"+strings.Repeat("x", 70_000))}, "list_malformed", "s, line 2: the line is longer than 65536 bytes"},
		"gzip cut off":              {"ofac_sdn", []watchlist.File{file("s.gz", packed[:len(packed)-20])}, "list_truncated", "s.gz, after line "},
		"gzip damaged":              {"ofac_sdn", []watchlist.File{file("s.gz", packed[:40]+"\xff\xff\xff\xff"+packed[44:])}, "list_truncated", "damaged"},
		"gzip of nothing":           {"ofac_sdn", []watchlist.File{file("s.gz", "\x1f\x8b\x08")}, "list_truncated", "s.gz, after line 0"},
		"custom: no header":         {"custom", []watchlist.File{file("c", "Tessaly Orvane\n")}, "list_malformed", `c, line 1: the header has "Tessaly Orvane"`},
		"custom: no name column":    {"custom", []watchlist.File{file("c", "id,kind\n1,entity\n")}, "list_malformed", "c, line 1: the header has no column called name"},
		"custom: a column twice":    {"custom", []watchlist.File{file("c", "name,name\nA,B\n")}, "list_malformed", `c, line 1: the header has "name"`},
		"custom: header only":       {"custom", []watchlist.File{file("c", "name\n")}, "list_empty", "c names nobody"},
		"custom: empty":             {"custom", []watchlist.File{file("c", "")}, "list_empty", "c is empty"},
		"custom: too many values":   {"custom", []watchlist.File{file("c", "name\nOrvane, Tessaly\n")}, "list_malformed", "c, line 2: 2 values, where the header has 1"},
		"custom: an unknown kind":   {"custom", []watchlist.File{file("c", "name,kind\nTessaly,ghost\n")}, "list_malformed", `c, line 2: "ghost" is no kind of party: entity, individual, vessel, aircraft are`},
		"custom: party without one": {"custom", []watchlist.File{file("c", "name,id\n,3\n")}, "list_malformed", "c, line 2: the party has no name"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			entries, _, err := watchlist.Parse(row.source, row.files)
			require.Empty(t, entries)
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, fault.Invalid, f.Kind)
			require.Equal(t, row.code, f.Code)
			require.Contains(t, f.Detail, row.says)
		})
	}
}

// A file too long is refused, not taken as far as it fits; reading stops there.
func TestFileTooLong(t *testing.T) {
	_, _, err := watchlist.Parse(watchlist.Custom, []watchlist.File{{Name: "c", Reader: io.MultiReader(strings.NewReader("name\n"), endless{})}})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	require.ErrorContains(t, err, "the file is longer than")
}

// endless is a list that never ends, a long name a line.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	p[len(p)-1] = '\n'
	return len(p), nil
}

// A disk that fails is not the list's fault.
func TestReadErrorStaysItself(t *testing.T) {
	broken := errors.New("disk on fire")
	_, _, err := watchlist.Parse(watchlist.OFAC, []watchlist.File{{Name: "s", Reader: io.MultiReader(strings.NewReader(sdnCSV[:100]), iotest.ErrReader(broken))}})
	require.ErrorIs(t, err, broken)
	require.Equal(t, fault.Internal, fault.KindOf(err))
}

func FuzzParse(f *testing.F) {
	f.Add(sdnCSV, altCSV)
	f.Add(sdnCSV[:200], addCSV)
	f.Add(string(gzipped(f, sdnCSV)), altCSV)
	f.Add("name,id\n\"a\"\"b\",1\n", "name\nx\n")
	for _, list := range []string{unXML, euXML, conList, ukSanctionsList, cslCSV, cslJSON, dplTXT} {
		f.Add(list, "")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, source := range watchlist.Sources {
			files := []watchlist.File{file("first", first), file("second", second)}
			if len(second) == 0 {
				files = files[:1] // of most publishers a list is one file
			}
			entries, report, err := watchlist.Parse(source, files)
			if err != nil {
				require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
				continue
			}
			require.Equal(t, len(entries), report.Parties+report.Aliases)
			for _, e := range entries {
				require.NotEmpty(t, watchlist.Normalise(e.Name))
				require.Equal(t, source, e.List)
				for _, text := range append([]string{e.ID, e.Name, e.Program, e.Country, e.Kind}, append(e.Births, e.Countries...)...) {
					require.True(t, utf8.ValidString(text) && !strings.ContainsRune(text, 0), "%q cannot be stored", text)
				}
				require.True(t, e.Primary || e.ID != "")
			}
			require.LessOrEqual(t, watchlist.NewIndex([]watchlist.List{{Entries: entries}}).Names(), len(entries)-report.Unsearchable)
		}
	})
}
