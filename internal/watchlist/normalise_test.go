package watchlist_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/watchlist"
)

// TestSpellingsOfOneName: within a row all are one name.
func TestSpellingsOfOneName(t *testing.T) {
	rows := map[string][]string{
		"word order and case":   {"ORVANE, Tessaly Quim", "Tessaly Quim Orvane", "tessaly  QUIM\torvane"},
		"accents":               {"José Añorga", "JOSE ANORGA", "Jose\u0301 An\u0303orga"},
		"letters without parts": {"Øyvind Łukasz Đorđević", "OYVIND LUKASZ DORDEVIC"},
		"eszett and ligatures":  {"Weiß Æsir Œuvre", "WEISS AESIR OEUVRE"},
		"punctuation":           {"Anglo-Borduria Co., Ltd.", "ANGLO BORDURIA CO LTD", "Anglo Borduria (Co) Ltd"},
		"apostrophes":           {"O'Brannoch", "OBRANNOCH", "O’Brannoch", "O`Brannoch", "OʼBrannoch", "O´Brannoch"},
		"full width":            {"ＡＢＣ　Ｔｒａｄｅ １２", "abc trade 12"},
		"invisible characters":  {"Tes\u200bsaly Or\u00advane", "Tessaly Orvane"},
		"Cyrillic":              {"ФЁДОР ЙОЛКИН", "Иолкин Федор", "Федор Йолкин"},
		"Greek final sigma":     {"ΟΔΥΣΣΕΥΣ", "Οδυσσευς"},
		"Turkish i":             {"İSMAİL IŞIK", "ismail ışık", "ISMAIL ISIK"},
		"Arabic pointing":       {"مُحَمَّد", "محمد", "محـــمد"},
		"Hangul, two encodings": {"김민수", "\u1100\u1175\u11b7\u1106\u1175\u11ab\u1109\u116e"},
		"Han":                   {"义乌市幻想贸易有限公司", "义乌市幻想贸易有限公司 "},
		"not UTF-8":             {"abc\xffdef", "def abc"},
		"nothing in it":         {"", " ", "--", "…"},
	}
	for name, spellings := range rows {
		t.Run(name, func(t *testing.T) {
			for _, spelling := range spellings {
				require.Equal(t, watchlist.Normalise(spellings[0]), watchlist.Normalise(spelling), spelling)
			}
		})
	}
}

// TestDifferentNames: what looks alike and is not.
func TestDifferentNames(t *testing.T) {
	for _, pair := range [][2]string{
		{"Tessaly Orvane", "Tessaly Orvan"},
		{"Ann Lee", "Annlee"},
		{"Ali", "Ali Ali"},
		{"かき", "がき"},    // voicing makes another letter
		{"किरण", "करण"}, // so does a vowel sign
		{"王伟", "王伟伟"},
	} {
		require.NotEqual(t, watchlist.Normalise(pair[0]), watchlist.Normalise(pair[1]), "%v", pair)
	}
}

func TestFoldKeepsOrder(t *testing.T) {
	require.Equal(t, "zaydan muhammad 12", watchlist.Fold(" ZAYDAN, Muhammad (#12)"))
}

// Words may come in any order, and normalising twice changes nothing.
func TestNormaliseProperties(t *testing.T) {
	words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zА-Яа-яÀ-ÿ一-龥']{1,12}`), 0, 40)
	rapid.Check(t, func(t *rapid.T) {
		name := words.Draw(t, "words")
		normal := watchlist.Normalise(strings.Join(name, " "))
		require.Equal(t, normal, watchlist.Normalise(normal))
		shuffled := rapid.Permutation(name).Draw(t, "shuffled")
		require.Equal(t, normal, watchlist.Normalise(strings.Join(shuffled, ", ")))
	})
}

// Folding what is folded changes nothing, for every character there is.
func TestFoldIsStable(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		once := watchlist.Fold("a" + string(r) + "b")
		if twice := watchlist.Fold(once); twice != once {
			t.Errorf("%U: %q, then %q", r, once, twice)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"ORVANE, Tessaly", "Øß İ", "김민수", "ﷺ", "\xff\xfe", "ǰ ΐ ﬀ ẞ", "e\u0301\u0327", "𝕿𝖊𝖘𝖙", strings.Repeat("a ", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		normal := watchlist.Normalise(name)
		require.True(t, utf8.ValidString(normal))
		require.Equal(t, normal, watchlist.Normalise(normal))
		require.Equal(t, strings.Join(strings.Fields(normal), " "), normal)
		folded := watchlist.Fold(name)
		require.Equal(t, folded, watchlist.Fold(folded))
		require.Equal(t, normal, watchlist.Normalise(folded))
		require.Equal(t, "x"+normal, string(watchlist.AppendNormalised([]byte("x"), name)))
	})
}

func TestNormaliseAllocatesItsResultOnly(t *testing.T) {
	for _, name := range []string{"Tessaly Quim Orvane", "Yiwu Fantasy Trading Co., Ltd.", "Наталья Выдуманная", "José Añorga", "义乌市幻想贸易有限公司"} {
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { watchlist.Normalise(name) }), 1.0, name)
	}
}
