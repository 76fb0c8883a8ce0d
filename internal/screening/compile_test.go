package screening_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// draft is a document with one rule, whose lines the caller changes.
func draft(changes ...string) string {
	rule := map[string]string{
		"id": "test.rule", "category": "value", "each": "parcel", "when": "value > 100", "lane": "yellow", "score": "0.5",
		"field": "/goods_value", "source": "a law", "because": "{en: 'because', zh: '因为'}",
	}
	for i := 0; i < len(changes); i += 2 {
		rule[changes[i]] = changes[i+1]
	}
	text := "name: test\noffice: \"9404\"\ndirection: export\nrules:\n- id: " + rule["id"] + "\n"
	for _, key := range []string{"category", "each", "when", "lane", "score", "field", "source", "because", "percent", "from", "until", "value", "match", "extra"} {
		if rule[key] != "" {
			text += "  " + key + ": " + rule[key] + "\n"
		}
	}
	return text
}

func compiled(t require.TestingT, text string, lists ...screening.NamedList) *screening.Set {
	d, err := screening.ParseDocument([]byte(text))
	require.NoError(t, err)
	set, err := screening.Compile(d, screening.NewNamedLists(lists))
	require.NoError(t, err)
	return set
}

// flawsOf gives what is wrong with a document.
func flawsOf(t require.TestingT, text string, lists ...screening.NamedList) screening.FlawsError {
	d, err := screening.ParseDocument([]byte(text))
	if err == nil {
		_, err = screening.Compile(d, screening.NewNamedLists(lists))
	}
	var flaws screening.FlawsError
	require.ErrorAs(t, err, &flaws)
	return flaws
}

// A broken draft is told rule, part, line, column and what is wrong.
func TestBrokenDrafts(t *testing.T) {
	watched := screening.NamedList{Name: "hs.watched", Kind: screening.Prefixes, Items: []string{"8507"}}
	for _, c := range []struct {
		change       []string
		part         string
		line, column int
		message      string
	}{
		{[]string{"when", "mode == '9610' and colour == 1"}, "when", 1, 20, "unknown name colour"},
		{[]string{"when", "mode == 9610"}, "when", 1, 6, "mismatched types string and int"},
		{[]string{"when", "value"}, "when", 1, 1, "expected bool, but got float64"},
		{[]string{"when", "value >"}, "when", 1, 7, "unexpected token"},
		{[]string{"when", "\"value > 1 and\\n  gross_g / items > 2\""}, "when", 2, 13, "only a number that is not zero"},
		{[]string{"when", "value / 0 > 2"}, "when", 1, 9, "only a number that is not zero"},
		{[]string{"when", "hs == '8507'"}, "when", 1, 1, "hs is known of each item"},
		{[]string{"when", "kind == 'weapon'", "each", "item", "field", "hs_code"}, "when", 1, 1, "kind is known of each mention"},
		{[]string{"when", "listed('hs.missing', destination)"}, "when", 1, 8, "there is no list"},
		{[]string{"when", "mentions('hs.watched', destination)"}, "when", 1, 10, "asks those of keywords"},
		{[]string{"when", "listed(destination, destination)"}, "when", 1, 8, "must be written out"},
		{[]string{"when", "destination matches currency"}, "when", 1, 21, "must be written out"},
		{[]string{"when", "destination matches '['"}, "when", 1, 13, "missing closing ]"},
		{[]string{"when", "len(1..100000000) > 3"}, "when", 1, 6, "ranges are not taken"},
		{[]string{"when", "'all([1, 2], # > 0)'"}, "when", 1, 13, "loops and maps"},
		{[]string{"when", "now() > 3"}, "when", 1, 1, "unknown name now"},
		{[]string{"score", "mode"}, "score", 1, 1, "expected float64, but got string"},
		{[]string{"because", "{en: 'worth {valu}', zh: '因为'}"}, "because.en", 1, 1, "unknown name valu"},
		{[]string{"because", "{en: 'worth {value', zh: '因为'}"}, "because.en", 0, 0, "a { without its }"},
		{[]string{"because", "{en: 'because'}"}, "because.zh", 0, 0, "it is needed"},
		{[]string{"category", "smuggling"}, "category", 0, 0, "is none of"},
		{[]string{"each", "seller"}, "each", 0, 0, "is none of"},
		{[]string{"lane", "orange"}, "lane", 0, 0, "is none of"},
		{[]string{"lane", "found"}, "lane", 0, 0, "is none of"},
		{[]string{"field", "goods value"}, "field", 0, 0, "JSON pointer"},
		{[]string{"value", `'"a\u0000"'`}, "value", 1, 1, "no database keeps"},
		{[]string{"because", `{en: '{"\x00"}', zh: '因为'}`}, "because.en", 1, 1, "no database keeps"},
		{[]string{"because", `{en: "a\0", zh: '因为'}`}, "because.en", 0, 0, "no database keeps"},
		{[]string{"source", `"a\0"`}, "source", 0, 0, "no database keeps"},
		{[]string{"source", "''"}, "source", 0, 0, "is needed"},
		{[]string{"from", "2026-02-01", "until", "2026-01-01"}, "until", 0, 0, "before it begins"},
	} {
		t.Run(c.part+" "+c.message, func(t *testing.T) {
			flaws := flawsOf(t, draft(c.change...), watched)
			require.Len(t, flaws, 1)
			require.Equal(t, screening.Flaw{Rule: "test.rule", Part: c.part, Line: c.line, Column: c.column, Message: flaws[0].Message}, flaws[0])
			require.Contains(t, flaws[0].Message, c.message)
		})
	}
}

// All that is wrong is told at once, and what cannot be read at all is told too.
func TestAllFlawsAtOnce(t *testing.T) {
	require.Len(t, flawsOf(t, draft("id", "Bad Name", "lane", "orange", "when", "x", "score", "'no'")), 4)
	require.Contains(t, flawsOf(t, draft("extra", "1")).Error(), `unknown field "extra"`)
	require.Contains(t, flawsOf(t, draft("when", "$env.heading == '6214'")).Error(), "facts are named by themselves")
	require.Contains(t, flawsOf(t, draft("when", "$env['sent_parcels'] > 2")).Error(), "facts are named by themselves")
	require.Contains(t, flawsOf(t, draft("percent", "101")).Error(), "0 to 100")
	require.Contains(t, flawsOf(t, draft("id", "random.expected")).Error(), "drawn at random")
	require.Contains(t, flawsOf(t, draft("from", "yesterday")).Error(), "2020-07-01")
	require.Contains(t, flawsOf(t, "rules: [").Error(), "yaml")
	require.Contains(t, flawsOf(t, "name: a\nname: b\n").Error(), "already set")
}

// Shares can be expected of the lanes that are looked at, and of no more parcels than there are.
func TestExpectedShares(t *testing.T) {
	expect := func(shares string) string { return "sampling: {random: 1, expect: {" + shares + "}}\n" + draft() }
	set := compiled(t, expect("red: 0.5, yellow: 5, blue: 94.5"))
	require.Equal(t, map[parcel.Lane]screening.Percent{parcel.Red: 50, parcel.Yellow: 500, parcel.Blue: 9450}, set.Document().Sampling.Expect)
	require.Equal(t, set.Hash(), set.Document().Hash())
	for shares, says := range map[string]string{
		"green: 5":                         `not "green"`,
		"orange: 5":                        `not "orange"`,
		"yellow: 101":                      "from 0 to 100",
		"yellow: 0.001":                    "up to two decimals",
		"red: 0.01, yellow: 5, blue: 95":   "come to 100.01 per cent",
		"red: 100, yellow: 100, blue: 100": "come to 300 per cent",
		"red: -1":                          "from 0 to 100",
	} {
		require.Contains(t, flawsOf(t, expect(shares)).Error(), says)
	}
	d := set.Document()
	d.Sampling.Expect = map[parcel.Lane]screening.Percent{parcel.Red: -1}
	_, err := screening.Compile(d, nil)
	require.ErrorContains(t, err, "sampling.expect: 0 to 100 per cent")
}

// The documents of one content have one hash, however they are written; of another content another.
func TestHashIsOfTheContent(t *testing.T) {
	one := compiled(t, draft())
	require.Equal(t, one.Hash(), compiled(t, "# a comment\n"+draft()).Hash())
	require.NotEqual(t, one.Hash(), compiled(t, draft("percent", "10")).Hash())
	require.Len(t, one.Hash(), 64)
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(draft()))
	f.Add([]byte(draft("each", "item", "field", "hs_code", "when", "hs startsWith '85' and mentions('k', words)")))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := screening.ParseDocument(text)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		set, err := screening.Compile(d, nil)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		rules := screening.NewRules(screening.DefaultConfig(), screening.Basis{Set: set, Lists: listed(1)})
		for _, s := range subjectsOf(t, declared(1), declared(2)) {
			requireSound(t, rules, rules.Judge(&s, screening.Past{}))
		}
	})
}
