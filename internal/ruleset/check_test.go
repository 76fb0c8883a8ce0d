package ruleset_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

func explained(t *testing.T, replace ...string) *fault.Error {
	t.Helper()
	d, err := screening.ParseDocument([]byte(strings.NewReplacer(replace...).Replace(text)))
	require.NoError(t, err)
	_, err = screening.Compile(d, nil)
	require.Error(t, err)
	var f *fault.Error
	require.ErrorAs(t, ruleset.Explain(d, err), &f)
	require.Equal(t, fault.Invalid, f.Kind)
	return f
}

func TestAFlawIsPointedAt(t *testing.T) {
	f := explained(t, "value > 100", "value > 100 and colour == 1")
	require.Equal(t, "invalid_ruleset", f.Code)
	require.Len(t, f.Fields, 1)
	require.Equal(t, "/rules/0/when", f.Fields[0].Pointer)
	require.Equal(t, "rule.invalid", f.Fields[0].Code)
	require.Equal(t, "value.high", f.Fields[0].Rule)
	require.Equal(t, 1, f.Fields[0].Line)
	require.Equal(t, 17, f.Fields[0].Column)
	require.Contains(t, f.Fields[0].Detail, "value.high: line 1, column 17: unknown name colour")
}

func TestFlawsOfHeadSentenceAndNamelessRule(t *testing.T) {
	require.Equal(t, "/office", explained(t, `"9001"`, `"Xi'an!"`).Fields[0].Pointer)
	require.Equal(t, "/rules/0/because/en", explained(t, "worth {value}", "worth {valu}").Fields[0].Pointer)
	require.Equal(t, "/rules/0/id", explained(t, "value.high", "Value High").Fields[0].Pointer)
}

func TestYAMLOfMuch(t *testing.T) {
	raw, err := ruleset.FromYAML([]byte(text))
	require.NoError(t, err)
	require.Contains(t, string(raw), `"office":"9001"`)
	for _, broken := range []string{"rules: [", "a: 1\na: 2", "\t- x", bomb()} {
		_, err := ruleset.FromYAML([]byte(broken))
		require.Error(t, err)
		require.Contains(t, []fault.Kind{fault.Malformed, fault.TooLarge}, fault.KindOf(err))
	}
}

// bomb is a small text whose references would fill any memory when they are written out.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := range 9 {
		from, to := string(rune('0'+i)), string(rune('1'+i))
		b.WriteString("a" + to + ": &a" + to + " [" + strings.Repeat("*a"+from+",", 8) + "*a" + from + "]\n")
	}
	return b.String()
}

func TestTheNextVersionOfAList(t *testing.T) {
	at := ruleset.Stamp{By: "Li", At: noon}
	list := screening.NamedList{Name: "hs.watched", Kind: screening.Prefixes, Items: []string{"8507"}}
	first, changed, err := ruleset.Replace(nil, list, at)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, 1, first.Version)

	_, changed, err = ruleset.Replace(&first, list, at)
	require.NoError(t, err)
	require.False(t, changed)

	list.Items = append(list.Items, "8506")
	second, changed, err := ruleset.Replace(&first, list, at)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []int{2, 2}, []int{second.Version, second.Count})

	list.Kind = screening.Values
	_, _, err = ruleset.Replace(&second, list, at)
	refused(t, err, "list_kind_fixed")
}

func TestWhatIsLoadedIsCompiledForAnOffice(t *testing.T) {
	active, shadow := in(t, ruleset.Active), in(t, ruleset.Shadow)
	loaded := ruleset.Loaded{Active: []ruleset.RuleSet{active}, Shadow: []ruleset.RuleSet{shadow}}
	for _, office := range []string{"", "9001"} {
		sets, err := loaded.Compile(office, screening.Export)
		require.NoError(t, err)
		require.Equal(t, active.Hash, sets.Active.Hash())
		require.Len(t, sets.Shadow, 1)
	}
	sets, err := loaded.Compile("5100", screening.Export)
	require.NoError(t, err)
	require.Equal(t, screening.Builtin().Hash(), sets.Active.Hash(), "the built-in set is in force where no other is")
	require.Empty(t, sets.Shadow)

	loaded.Shadow[0].Document.Rules[0].When = "gone"
	sets, err = loaded.Compile("", screening.Export)
	var broken *ruleset.BrokenError
	require.ErrorAs(t, err, &broken)
	require.NotNil(t, sets.Active, "a broken shadow leaves the active set in force")

	loaded.Active[0].Document.Rules[0].When = "gone"
	sets, err = loaded.Compile("", screening.Export)
	require.ErrorAs(t, err, &broken)
	require.Equal(t, loaded.Active[0].ID, broken.Set.ID)
	require.Nil(t, sets.Active)
}
