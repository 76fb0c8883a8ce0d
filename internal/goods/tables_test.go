package goods_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/refdata"
)

// rows reads a table from disk, apart from the package's own reader.
func rows(t require.TestingT, table string) [][]string {
	file, err := os.Open(filepath.Join("tables", table))
	require.NoError(t, err)
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	all, err := reader.ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(all), 1)
	return all[1:]
}

func plain(phrase string) string { return strings.ReplaceAll(phrase, "*", "") }

// Every phrase is found in itself, with its lane, whatever stands around it, and not as a part of another word.
func TestEveryPhraseFires(t *testing.T) {
	kinds, missed := map[goods.Kind]int{}, []string{}
	for _, row := range rows(t, "phrases.csv") {
		phrase, lane := row[0], parcel.Lane(row[2])
		for _, text := range []string{plain(phrase), "qqq " + strings.ToUpper(plain(phrase)) + ", 3 qqq", "zz9-" + plain(phrase) + "."} {
			r := read(text)
			m := mentionOf(&r, phrase)
			if m == nil {
				missed = append(missed, text)
				continue
			}
			require.Equal(t, lane, m.Lane, phrase)
			require.Equal(t, row[1], m.Language, phrase)
			require.Equal(t, m.Phrase, text[m.From:m.To], phrase)
			kinds[m.Kind]++
		}
		if row[1] != "zh" {
			r := read("qq" + plain(phrase) + "qqqq")
			require.Nil(t, mentionOf(&r, phrase), phrase)
		}
	}
	require.Empty(t, missed)
	for _, kind := range goods.Kinds {
		require.Positive(t, kinds[kind], "no phrase is of kind %s", kind)
	}
}

func mentionOf(r *goods.Reading, row string) *goods.Mention {
	for i := range r.Mentions {
		if r.Mentions[i].Row == row {
			return &r.Mentions[i]
		}
	}
	return nil
}

func TestEveryHarmlessPhraseIs(t *testing.T) {
	var harmful []string
	for _, row := range rows(t, "harmless.csv") {
		r := read(plain(row[0]))
		if m := r.Of(goods.Battery); heaviest(&r) != nil || m != nil && m.Holds() {
			harmful = append(harmful, row[0])
		}
	}
	require.Empty(t, harmful)
}

func TestEveryLikenessIs(t *testing.T) {
	for _, row := range rows(t, "likenesses.csv") {
		r := read("revolver " + row[0] + " 30cm")
		require.Nil(t, heaviest(&r), row[0])
		r = read("handgun " + row[0])
		require.NotNil(t, heaviest(&r), "what is sure is sure: %s", row[0])
	}
}

func TestEveryVaguePhraseSaysNothing(t *testing.T) {
	for _, row := range rows(t, "vague.csv") {
		r := read(plain(row[0]) + " 12 x")
		require.Less(t, r.Letters, 3, row[0]) // as description.empty of the built-in rules has it
	}
}

func TestEveryHeading(t *testing.T) {
	for _, row := range rows(t, "headings.csv") {
		for _, code := range []string{row[0], (row[0] + "00000000")[:10]} {
			r, ok := goods.Heading(code)
			require.True(t, ok, code)
			require.Equal(t, row[0], r.Heading)
			require.Equal(t, parcel.Lane(row[1]), r.Lane)
			require.NotEmpty(t, r.NamesZH)
			require.NotEmpty(t, r.Source)
			require.True(t, refdata.IsHSChapter(code[:2]), code)
		}
	}
}

func TestEveryDestination(t *testing.T) {
	groups := map[string][]string{}
	for _, row := range rows(t, "groups.csv") {
		groups[row[0]] = strings.Fields(row[1])
	}
	for _, row := range rows(t, "destinations.csv") {
		require.NotEmpty(t, groups[row[0]], row[0])
		for _, country := range groups[row[0]] {
			require.True(t, refdata.IsCountry(country), country)
			r, ok := goods.Barred(row[1], country)
			if kind, is := strings.CutPrefix(row[1], "kind:"); is {
				r, ok = goods.BarredKind(goods.Kind(kind), country)
			}
			require.True(t, ok, "%s to %s", row[1], country)
			require.Equal(t, row[4], r.Names)
			require.Equal(t, row[0], r.Group)
		}
	}
}

// A ware is found by its name, and speaks for a heading that exists.
func TestEveryWare(t *testing.T) {
	var missed []string
	for _, row := range rows(t, "wares.csv") {
		r := read(plain(row[0]))
		if r.Ware == nil || r.Ware.Phrase != row[0] {
			missed = append(missed, row[0])
			continue
		}
		for _, heading := range r.Ware.Headings {
			require.True(t, refdata.IsHSChapter(heading[:2]), heading)
			require.True(t, r.Ware.MayBe(heading))
		}
		_, speaks := goods.Speaks(&r, r.Ware.Headings[0])
		require.False(t, speaks, row[0])
	}
	require.Empty(t, missed)
}

func TestEveryWeight(t *testing.T) {
	for _, row := range rows(t, "weights.csv") {
		r, ok := goods.Weigh(row[0], 1_000_000_001)
		require.False(t, ok, row[0])
		require.Equal(t, row[0], r.Heading)
		_, ok = goods.Weigh(row[0]+"00", r.Most)
		require.True(t, ok)
		_, ok = goods.Weigh(row[0], r.Least-1)
		require.False(t, ok)
	}
}
