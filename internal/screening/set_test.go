package screening_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// judges makes rules of a document and of nothing else.
func judges(t require.TestingT, text string, lists ...screening.NamedList) *screening.Rules {
	return screening.NewRules(quiet(), screening.Basis{Set: compiled(t, text, lists...), Lists: watchlist.NewIndex(nil)})
}

// several puts rules behind a document's first.
func several(rules ...string) string {
	text := draft("when", "false")
	for i, changes := range rules {
		rule := draft(append([]string{"id", fmt.Sprint("rule", i)}, strings.Split(changes, "|")...)...)
		_, rule, _ = strings.Cut(rule, "rules:\n")
		text += rule
	}
	return text
}

func verdictOf(t tester, rules *screening.Rules, changes ...change) screening.Verdict {
	s := subjectsOf(t, declared(1, changes...))[0]
	return rules.Judge(&s, screening.Past{})
}

// Every hit is kept, the heaviest lane decides, and the heaviest reasons stand first.
func TestLanes(t *testing.T) {
	rules := judges(t, several("when|true|lane|blue", "when|true|lane|red", "when|true|lane|yellow", "when|true|lane|green", "when|true|lane|red"))
	v := verdictOf(t, rules)
	require.Equal(t, parcel.Red, v.Lane)
	require.Equal(t, parcel.Held, v.Status)
	require.Equal(t, []string{"rule1", "rule4", "rule2", "rule0", "rule3"}, hitsOf(v))

	blue := verdictOf(t, judges(t, several("when|true|lane|blue")))
	require.Equal(t, parcel.Blue, blue.Lane)
	require.Equal(t, parcel.Cleared, blue.Status, "released now, audited later")
	require.Len(t, blue.Reasons, 1)
}

// A reason says what it saw, in two languages, and where.
func TestReason(t *testing.T) {
	rules := judges(t, several(`each|item|field|hs_code|when|hs startsWith '6214'|value|hs|score|0.25|match|{list: codes, entry: heading, name: "'code ' + chapter"}|because|{en: 'Code {hs} of {{{quantity}}} in {yuan(item_value)}', zh: '税号 {hs}'}`))
	v := verdictOf(t, rules, worth("12.50", "CNY"))
	require.Equal(t, []parcel.Reason{{
		Rule: "rule0", Version: rules.Version(), Category: parcel.Value, Lane: yellow, Score: 0.25, Field: "/items/0/hs_code", Value: "6214300000",
		Matched:     &parcel.Matched{List: "codes", Entry: "6214", Name: "code 62"},
		Explanation: "Code 6214300000 of {2} in 12.50 CNY", ExplanationZH: "税号 6214300000",
	}}, v.Reasons)
}

// Whatever a formula makes of numbers, and of bytes, a reason can be written as JSON and stored.
func TestReasonsCanBeStored(t *testing.T) {
	for score, want := range map[string]float64{`float("NaN")`: 0, `float("-Inf")`: 0, `float("Inf")`: 1, `0 - float("NaN")`: 0, `float("no")`: 0, "-1": 0, "2": 1} {
		v := verdictOf(t, judges(t, several(`when|true|score|'`+score+`'|value|'string(float("NaN")) + string(b"a\x00")'`)))
		require.Len(t, v.Reasons, 1, score)
		require.InDelta(t, want, v.Reasons[0].Score, 0, score)
		text, err := json.Marshal(v.Reasons)
		require.NoError(t, err, score)
		require.NotContains(t, string(text), `\u0000`)
	}
}

// A rule is in force from its first day to its last, by the time the parcel was received.
func TestRulesHaveDays(t *testing.T) {
	rules := judges(t, several("when|true|from|2026-03-09|until|2026-03-10"))
	for day, hits := range map[string]bool{
		"2026-03-08T23:59:59Z": false, "2026-03-09T00:00:00Z": true, "2026-03-10T23:59:59Z": true, "2026-03-11T00:00:00Z": false,
	} {
		at, err := time.Parse(time.RFC3339, day)
		require.NoError(t, err)
		d := declared(1)
		d.ReceivedAt = at
		s := subjectsOf(t, d)[0]
		require.Equal(t, hits, len(rules.Judge(&s, screening.Past{}).Reasons) == 1, day)
	}
}

// One in ten is one in ten, drawn by parcel and rule: another rule of the set changes nothing, another text of this one does.
func TestPercentIsDrawnByParcelAndRule(t *testing.T) {
	const parcels = 5000
	drawn := func(text string) (hits []int) {
		rules := judges(t, text)
		s := subjectsOf(t, declared(0))[0]
		for n := range parcels {
			s.ID = parcel.DeriveID(1, fmt.Sprint(n))
			if len(rules.Judge(&s, screening.Past{}).Reasons) > 0 {
				hits = append(hits, n)
			}
		}
		return hits
	}
	one := drawn(several("when|true|percent|10"))
	require.InDelta(t, parcels/10, len(one), parcels/50)
	require.Equal(t, one, drawn(several("when|true|percent|10")))
	require.Equal(t, one, drawn(several("when|true|percent|10", "when|false|percent|50")))
	require.NotEqual(t, one, drawn(several("when|items > 0|percent|10")))
	require.InDelta(t, 25, len(drawn(several("when|true|percent|0.5"))), 15)
	require.Empty(t, drawn(several("when|true|percent|0")))
}

// What a lane lacks to its expected share is drawn among the parcels in which nothing was found.
func TestTopUp(t *testing.T) {
	basis := screening.Basis{Set: compiled(t, several("when|gross_g > 1000|lane|blue")), Lists: watchlist.NewIndex(nil), TopUp: map[parcel.Lane]screening.Percent{parcel.Yellow: 500}}
	rules := screening.NewRules(quiet(), basis)
	held := 0
	for n := range 4000 {
		s := subjectsOf(t, declared(n))[0]
		v := rules.Judge(&s, screening.Past{})
		require.Equal(t, v, screening.NewRules(quiet(), basis).Judge(&s, screening.Past{}))
		if v.Status == parcel.Held {
			require.Equal(t, []string{"random.expected"}, hitsOf(v))
			held++
		}
	}
	require.InDelta(t, 200, held, 60)
	require.Equal(t, []string{"rule0"}, hitsOf(verdictOf(t, rules, weighs(1500, 200, 150, 100))))
}

// Who writes rules finds each fact, and each built-in rule, in the documentation, and none that is not there.
func TestFactsAndRulesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/screening.md")
	require.NoError(t, err)
	for _, f := range screening.AllFacts() {
		require.Contains(t, string(text), fmt.Sprintf("| `%s` | %s | %s |", f.Name, f.Type, f.Means))
	}
	for _, r := range screening.Builtin().Document().Rules {
		require.Contains(t, string(text), fmt.Sprintf("| `%s` | %s | %s | %s | %s |", r.ID, r.Category, r.Each, r.Lane, r.Source))
	}
	require.Equal(t, len(screening.AllFacts())+len(screening.Builtin().Document().Rules), strings.Count(string(text), "\n| `"))
}

// Named lists are asked by value, by beginning and by word.
func TestNamedLists(t *testing.T) {
	lists := []screening.NamedList{
		{Name: "sellers", Kind: screening.Values, Items: []string{"91650000ma0000001n"}},
		{Name: "codes", Kind: screening.Prefixes, Items: []string{"8507", "621430"}},
		{Name: "words", Kind: screening.Keywords, Items: []string{"Silk", "hand made"}},
	}
	rules := judges(t, several("when|listed('sellers', seller)", "each|item|field|hs_code|when|listed('codes', hs)", "each|item|field|description|when|mentions('words', words)"), lists...)
	require.Equal(t, []string{"rule0", "rule1"}, hitsOf(verdictOf(t, rules)))
	require.Equal(t, []string{"rule0"}, hitsOf(verdictOf(t, rules, hsCode("6214"))))
	require.Equal(t, []string{"rule0", "rule1", "rule2"}, hitsOf(verdictOf(t, rules, describe("Hand-made scarf"))))
	require.Equal(t, []string{"rule0", "rule1"}, hitsOf(verdictOf(t, rules, describe("silky scarf"))))
	require.NotEqual(t, rules.Version(), judges(t, several("when|true"), lists...).Version())
	for _, bad := range []screening.NamedList{{Name: "A", Kind: screening.Values}, {Name: "a", Kind: "regexps"}, {Name: "a", Kind: screening.Values, Items: []string{"--"}}} {
		require.Len(t, bad.Flaws(), 1)
	}
}

// Asking only the rules that may hit gives what asking all of them gives.
func TestIndexHidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rules, plain []string
		for range rapid.IntRange(1, 30).Draw(t, "rules") {
			chapter := rapid.SampledFrom([]string{"62", "85", "93"}).Draw(t, "chapter")
			when := rapid.SampledFrom([]string{
				"chapter == '%s'", "items > 0 and '%s' == chapter", "chapter in ['%s', '01']", "items > 0 and chapter in ['%s'] and mode == '9610'",
				"destination == 'IT' and chapter == '%s'", "chapter == '%s' or items > 0", "not (chapter == '%s')", "chapter != '%s'",
			}).Draw(t, "when")
			rules = append(rules, "each|item|field|hs_code|when|"+fmt.Sprintf(when, chapter))
			plain = append(plain, "each|item|field|hs_code|when|("+fmt.Sprintf(when, chapter)+") or false") // no index sees through it
		}
		code := rapid.SampledFrom([]string{"621430", "8507", "930200"}).Draw(t, "code")
		indexed, asked := judges(t, several(rules...)), judges(t, several(plain...))
		require.Equal(t, hitsOf(verdictOf(t, asked, hsCode(code))), hitsOf(verdictOf(t, indexed, hsCode(code))))
	})
}

// drawCondition makes a condition that compiles, of what guards know and of what they do not; one leaf cannot be worked out.
func drawCondition(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		return rapid.SampledFrom([]string{
			"rated", "called_fits", "true", "items > 0", "gross_g >= 2000.5", "letters == 3.0", "quantity < items", "value != 12.5", "2 <= quantity",
			"mode == '9610'", "'IT' != destination", "chapter in ['62', '63']", "heading not in ['6214']", "mode == service", "heading >= '7'", "mode < service", "len(hs) > 6", "value * 2 > 25",
			"hs startsWith '62'", "int(description) > 1", "ratio(value, quantity) > 3",
		}).Draw(t, "condition")
	}
	left := drawCondition(t, depth-1)
	if rapid.IntRange(0, 4).Draw(t, "not") == 0 {
		return "not (" + left + ")"
	}
	return "(" + left + rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "and") + drawCondition(t, depth-1) + ")"
}

// What conditions are worth without the machine is what they are worth with it, errors included.
func TestGuardsHideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var guarded, plain []string
		for range rapid.IntRange(1, 10).Draw(t, "rules") {
			when := drawCondition(t, 4)
			guarded = append(guarded, "each|item|field|hs_code|when|("+when+")")
			plain = append(plain, "each|item|field|hs_code|when|("+when+") == true") // no guard sees through it
		}
		code := rapid.SampledFrom([]string{"621430", "8507", "930200"}).Draw(t, "code")
		with, without := judges(t, several(guarded...)), judges(t, several(plain...))
		v, w := verdictOf(t, with, hsCode(code), worth("12.50", "CNY")), verdictOf(t, without, hsCode(code), worth("12.50", "CNY"))
		require.Equal(t, explained(w), explained(v))
	})
}

// explained gives the rule of each reason, and whether it could be worked out.
func explained(v screening.Verdict) (all []string) {
	for _, r := range v.Reasons {
		all = append(all, fmt.Sprint(r.Rule, strings.Contains(r.Explanation, "could not be worked out")))
	}
	return all
}

// However a declaration is made, a reason quotes no more than a declaration may hold, and there are no more than 64.
func TestReasonsAreBounded(t *testing.T) {
	rules := judges(t, several("each|item|field|description|when|true|value|description + description + description + description + description", "each|item|field|hs_code|when|true|lane|red"))
	v := verdictOf(t, rules, describe(strings.Repeat("шарф ", 50)), func(d *parcel.Declaration) {
		for len(d.Items) < 99 {
			d.Items = append(d.Items, d.Items[0])
		}
	})
	require.Equal(t, parcel.Red, v.Lane)
	require.Len(t, v.Reasons, 64)
	for _, r := range v.Reasons {
		require.LessOrEqual(t, len(r.Value), 1000)
	}
}

// What is found before the past is known and what is asked afterwards make one verdict, the same as all at once; also when a rule of items
// asks for the past, when some of the batch are stored already, when an ID comes twice with other content, and when it is judged once more.
func TestHearingIsJudging(t *testing.T) {
	entwined := "each|item|when|quantity > 1 and sent_parcels > 2|lane|red"
	sets := []*screening.Rules{
		judges(t, several("when|sent_parcels > 1|lane|yellow", "each|item|when|hs startsWith '62'|lane|blue", "when|tracking_reused|lane|red", "when|value > 3000|lane|blue")),
		judges(t, several("when|there_value > 5000|lane|yellow", entwined, "each|item|when|hs startsWith '62'|lane|blue")),
		rulesOf(screening.DefaultConfig()),
	}
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SampledFrom(sets).Draw(t, "rules")
		var batch []parcel.Declared
		for range rapid.IntRange(1, 8).Draw(t, "parcels") {
			batch = append(batch, declared(rapid.IntRange(1, 5).Draw(t, "order"), worth(rapid.SampledFrom([]string{"10", "2500", "5200"}).Draw(t, "value"), "CNY"),
				describe(rapid.SampledFrom([]string{"silk scarf", "gift", "弩"}).Draw(t, "goods"))))
		}
		subjects := subjectsOf(t, batch...)
		var fresh []screening.Subject
		var pasts []screening.Past
		for i := range subjects {
			if rapid.Bool().Draw(t, "new") {
				fresh = append(fresh, subjects[i])
				pasts = append(pasts, screening.Past{Parcels: rapid.IntRange(0, 3).Draw(t, "sent"), ThereFen: rapid.Int64Range(0, 9_000_00).Draw(t, "there"), Reused: rapid.Bool().Draw(t, "reused")})
			}
		}
		hearing := rules.Hear(subjects)
		verdicts := hearing.Judge(fresh, pasts)
		require.Equal(t, verdicts, hearing.Judge(fresh, pasts))
		for i, v := range verdicts {
			require.Equal(t, rules.Judge(&fresh[i], v.Past), v)
		}
	})
}

// A built-in rule quotes what it saw; those of mentions, batteries and parties quote what was found.
func TestBuiltinRulesQuoteWhatTheySaw(t *testing.T) {
	for _, r := range screening.Builtin().Document().Rules {
		if r.Each == screening.EachParcel || r.Each == screening.EachItem {
			require.NotEmpty(t, r.Value, r.ID)
		}
	}
}

// Whatever fact of a parcel a rule asks for, it is the same in two steps: those that rest on what was sent before are known as such.
func TestFactsOfThePastAreKnown(t *testing.T) {
	for _, fact := range screening.AllFacts() {
		if fact.Of != screening.EachParcel {
			continue
		}
		value := "string(" + fact.Name + ")"
		if fact.Type == "text" {
			value = fact.Name
		}
		rules := judges(t, several("when|true|value|"+value))
		subjects := subjectsOf(t, declared(1))
		past := screening.Past{Parcels: 2, Fen: 700_00, ThereParcels: 5, ThereFen: 900_00, Reused: true}
		require.Equal(t, rules.Judge(&subjects[0], past), rules.Hear(subjects).Judge(subjects, []screening.Past{past})[0], fact.Name)
	}
}

// A condition that cannot be worked out holds the parcel, also where what stands behind its error would have said no.
func TestAnErrorIsNotPassedOver(t *testing.T) {
	for _, when := range []string{"int(description) > 1 and chapter == '93'", "chapter == '62' and int(description) > 1 and mode == '9810'"} {
		v := verdictOf(t, judges(t, several("each|item|field|hs_code|when|"+when)))
		require.Equal(t, []string{"rule0true"}, explained(v), when)
	}
	require.Empty(t, verdictOf(t, judges(t, several("each|item|field|hs_code|when|chapter == '93' and int(description) > 1"))).Reasons, "it is not come upon")
}
