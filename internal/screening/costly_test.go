package screening_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// spent gives how long do takes and how many bytes it allocates.
func spent(do func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	do()
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// rulesWith gives a document of n rules with these changes each.
func rulesWith(n int, changes ...string) string {
	one := draft(append([]string{"id", "ID"}, changes...)...)
	head, rule, _ := strings.Cut(one, "- id: ID\n")
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, "- id: r%d\n%s", i, rule)
	}
	return b.String()
}

// However costly a draft would be, that it is not taken is told soon and takes little memory.
func TestCostlyDraftsAreRefused(t *testing.T) {
	nested := func(open, what, closed string, n int) string {
		return strings.Repeat(open, n) + what + strings.Repeat(closed, n)
	}
	item := []string{"each", "item", "field", "hs_code", "when"}
	when := func(text string) string { return draft(append(item, "'"+text+"'")...) }
	for name, row := range map[string]struct{ text, says string }{
		"a body of 10 MB":                {"# " + strings.Repeat("x", 10<<20) + "\n" + draft(), "bytes; 2097152 are taken"},
		"10,000 rules":                   {rulesWith(10_000), "1 to 1000; there are 10000"},
		"10,000 rules that are wrong":    {rulesWith(10_000, "when", "a + b"), "1 to 1000; there are 10000"},
		"a formula of 3,000 bytes":       {when("value > " + strings.Repeat("1", 3000)), "3008 bytes; 2000 are taken"},
		"300 parts":                      {when(strings.Repeat("value < 0 or ", 120) + "true"), "exceeds"},
		"brackets 900 deep":              {when(nested("(", "value > 1", ")", 900)), ""},
		"not not not":                    {when(nested("not ", "true", "", 400)), "exceeds"},
		"lists in lists":                 {when(nested("[", "1", "]", 900) + " == 1"), "exceeds"},
		"loops in loops over items":      {when("all(1..99, all(1..99, all(1..99, all(1..99, # > 0))))"), "ranges are not taken"},
		"loops in loops":                 {when("all([1, 2, 3], all([1, 2, 3], all([1, 2, 3], # > 0)))"), "loops and maps are not taken"},
		"a range without end":            {when("len(1..1000000000) > 3"), "ranges are not taken"},
		"a text that is repeated":        {when(`repeat("x", 1000000000) == ""`), "unknown name repeat"},
		"a pattern of a thousand parts":  {when(`description matches "(.?){1000}"`), "parts with repetitions written out; 500 are taken"},
		"a pattern of a million":         {when(`description matches "(` + strings.Repeat("a?", 900) + `){1000}"`), "parts with repetitions written out"},
		"a pattern put together":         {when(`description matches ("(a?b?){500}" + "(a?b?){500}")`), "must be written out"},
		"many patterns":                  {rulesWith(1000, "each", "item", "field", "hs_code", "when", `"description matches '[a-y]{100}'"`), "more work than is taken"},
		"texts put together":             {rulesWith(1000, "when", "'"+strings.Repeat("city + ", 90)+"city == \"\"'"), "more work than is taken"},
		"a hundred thousand formulas":    {rulesWith(500, "because", "{en: '"+strings.Repeat("{1}", 200)+"', zh: '因为'}"), "more work than is taken"},
		"references that write out much": {bomb(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var flaws screening.FlawsError
			took, allocated := spent(func() {
				d, err := screening.ParseDocument([]byte(row.text))
				if err == nil {
					_, err = screening.Compile(d, nil)
				}
				if row.says != "" || err != nil {
					require.ErrorAs(t, err, &flaws)
				}
			})
			require.Contains(t, flaws.Error(), row.says)
			t.Logf("%s, %d kB: %.100s", took, allocated>>10, flaws)
			require.Less(t, took, 20*time.Second, "a fraction of it on an idle machine")
			require.Less(t, allocated, uint64(2<<30))
		})
	}
}

// bomb is a small text whose references would fill any memory when they are written out.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := range 9 {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), i)
	}
	return b.String()
}

// The costliest drafts that are taken judge the costliest parcel in a time that keeps no batch from being stored.
func TestWhatIsTakenIsBoundedWhenItRuns(t *testing.T) {
	words := make([]string, 120)
	for i := range words {
		words[i] = fmt.Sprint("a", i%7)
	}
	lists := []screening.NamedList{{Name: "words", Kind: screening.Keywords, Items: []string{strings.Join(words[:60], " ")}}}
	item := []string{"each", "item", "field", "description", "when"}
	for name, text := range map[string]string{
		"a thousand rules with all the parts they may have": rulesWith(1000, append(item, "'"+strings.Repeat("value < 0 or ", 32)+"value < 0'")...),
		"a thousand rules that hit every item": rulesWith(1000, append(item, "true", "value", "description", "because",
			"{en: '"+strings.Repeat("{description} ", 9)+"', zh: '"+strings.Repeat("说", 600)+"'}")...),
		"as many patterns as there may be": rulesWith(70, append(item, `"description matches '^(a?[a-z ]?){38}$'"`)...),
		"texts that are put together":      rulesWith(8, append(item, "'len("+strings.Repeat("description + ", 60)+"description) < 0'")...),
		"keywords of many words":           rulesWith(700, append(item, `"mentions('words', words)"`)...),
	} {
		t.Run(name, func(t *testing.T) {
			rules := screening.NewRules(quiet(), screening.Basis{Set: compiled(t, text, lists...), Lists: watchlist.NewIndex(nil)})
			s := subjectsOf(t, declared(1, describe(strings.Join(words, " ")[:250]), func(d *parcel.Declaration) {
				for len(d.Items) < 99 {
					d.Items = append(d.Items, d.Items[0])
				}
			}))[0]
			took, allocated := spent(func() { requireSound(t, rules, rules.Judge(&s, screening.Past{})) })
			t.Logf("99 items: %s, %d kB", took, allocated>>10)
			require.Less(t, took, time.Minute)
		})
	}
}

// What is forgotten early of thousands of hits are those that would not be kept.
func TestTheHeaviestOfThousandsOfHitsAreKept(t *testing.T) {
	rule := func(lane string) string { return "each|item|field|hs_code|when|true|lane|" + lane }
	var rules []string
	for range 30 {
		rules = append(rules, rule("yellow"))
	}
	v := verdictOf(t, judges(t, several(append(rules, rule("red"), "when|true|lane|red")...)), func(d *parcel.Declaration) {
		for len(d.Items) < 99 {
			d.Items = append(d.Items, d.Items[0])
		}
	})
	require.Len(t, v.Reasons, 64)
	for i, r := range v.Reasons {
		require.Equal(t, "rule30", r.Rule)
		require.Equal(t, fmt.Sprintf("/items/%d/hs_code", i), r.Field)
	}
}
