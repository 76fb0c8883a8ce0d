package app

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

const rulesFile = `
name: lamps
office: "9001"
direction: export
sampling: {random: 0}
rules:
- id: goods.lamps
  category: description
  each: item
  when: heading == "9405"
  lane: yellow
  score: 0.5
  field: hs_code
  because: {en: "Lamps: {hs}.", zh: "灯具：{hs}。"}
  source: a test
`

func TestRulesCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.yaml")
	write := func(text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write(rulesFile)
	said, err := command(t, "rules", "check", path)
	require.NoError(t, err)
	require.Contains(t, said, path+": warning: no rule of category sanctions, as sanctions.name is in the built-in set")
	require.Regexp(t, `(?m)^1 rules, hash [0-9a-f]{64}$`, said)

	write(rulesFile + "  until: 2020-01-01\n  from: 2021-01-01\n  value: hs ++\n")
	said, err = command(t, "rules", "check", path)
	require.ErrorIs(t, err, errFlawed)
	require.Contains(t, said, path+": goods.lamps: until: it ends before it begins\n")
	require.Contains(t, said, path+": goods.lamps: value: 1:")

	write("rules: [")
	said, err = command(t, "rules", "check", path)
	require.ErrorIs(t, err, errFlawed)
	require.Contains(t, said, path+": ")

	t.Chdir(filepath.Dir(path))
	said, err = command(t, "rules", "check", "rules.yaml")
	require.ErrorIs(t, err, errFlawed)
	require.Regexp(t, `^rules\.yaml: `, said, "a file is called as it was asked for")
	_, err = command(t, "rules", "check", "no.yaml")
	require.ErrorContains(t, err, "open no.yaml: no such file")

	said, err = command(t, "rules", "show", "--builtin")
	require.NoError(t, err)
	write(said)
	said, err = command(t, "rules", "check", path)
	require.NoError(t, err)
	require.Contains(t, said, screening.Builtin().Hash(), "what is printed is what is in force")
	require.NotContains(t, said, "warning")
}

func TestRulesCheckAsksNamedLists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rules, list := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "list.yaml")
	require.NoError(t, os.WriteFile(rules, bytes.ReplaceAll([]byte(rulesFile), []byte(`heading == "9405"`), []byte(`listed("hs.watched", hs)`)), 0o600))
	require.NoError(t, os.WriteFile(list, []byte("name: hs.watched\nkind: prefixes\nitems: ['9405']\n"), 0o600))
	said, err := command(t, "rules", "check", rules)
	require.ErrorIs(t, err, errFlawed)
	require.Contains(t, said, `there is no list "hs.watched"`)
	_, err = command(t, "rules", "check", "--named", list, rules)
	require.NoError(t, err)
}

// A set that two people put in force judges within seconds, and a set in the shadow beside it; the program's own words say so too.
func TestARuleSetTakesOver(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	officer, admin := r.client(account.Officer), r.client(account.Admin)
	draft := func(options ...string) string {
		document, err := screening.ParseDocument([]byte(rulesFile))
		require.NoError(t, err)
		for i := 0; i < len(options); i += 2 {
			document.Name, document.Rules[0].When = options[i], screening.Formula(options[i+1])
		}
		var made struct{ ID string }
		require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/rulesets", document, &made))
		return "/v1/rulesets/" + made.ID
	}
	step := func(c *client, path string) (status struct{ Status string }) {
		require.NoError(t, c.call(t.Context(), http.MethodPost, path, nil, &status))
		return status
	}
	lamps, nothing := draft(), draft("nothing", "false")
	require.Equal(t, "shadow", step(officer, nothing+"/shadow").Status)
	require.Equal(t, "draft", step(officer, lamps+"/activate").Status)
	require.Equal(t, "active", step(admin, lamps+"/activate").Status)

	n := 5000
	eventually(t, "the set judges", func() bool {
		n++
		id := r.post(order(string(rune('A'+n%26)) + "-" + time.Now().Format("150405.000000000")))[0]
		eventually(t, "it is judged", func() bool { return len(r.feed()[id]) > 0 })
		var judged struct {
			Lane    string
			Reasons []struct{ Rule, Version string }
		}
		require.NoError(t, officer.call(t.Context(), http.MethodGet, "/v1/parcels/"+id, nil, &judged))
		return judged.Lane == "yellow" && judged.Reasons[0].Rule == "goods.lamps"
	})
	eventually(t, "the shadow is counted", func() bool {
		var set struct {
			Shadow *struct {
				Parcels int
				Lanes   []struct {
					From, To string
					Parcels  int
				}
			}
		}
		require.NoError(t, officer.call(t.Context(), http.MethodGet, nothing, nil, &set))
		if set.Shadow == nil {
			return false
		}
		for _, move := range set.Shadow.Lanes {
			if move.From == "yellow" && move.To == "green" && move.Parcels > 0 {
				return true
			}
		}
		return false
	})
	said, err := at.command(t, "rules", "show")
	require.NoError(t, err)
	require.Contains(t, said, "name: lamps")
	said, err = at.command(t, "rules", "list")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^\d+ +rs_[a-z2-7]{26} +active +9001 +export +lamps +1 +officer-1 `, said)
	require.Regexp(t, `(?m) shadow +9001 +export +nothing `, said)
	require.Equal(t, "retired", step(officer, lamps+"/retire").Status)
	said, err = at.command(t, "rules", "show")
	require.NoError(t, err)
	require.Contains(t, said, "name: builtin")
}

// After a change of the program a set in force may not compile any more: what judged before goes on, and a program that starts with
// it lets people put another in force, and judges nothing until then.
func TestARuleSetThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	r := start(t, at.settings(t))
	document, err := screening.ParseDocument([]byte(rulesFile))
	require.NoError(t, err)
	document.Rules[0].When = "no_longer_known > 1"
	broken := ruleset.RuleSet{
		ID: ruleset.NewID(), Status: ruleset.Active, Revision: 1, Document: document, Created: ruleset.Stamp{By: "officer-1", At: time.Now()},
	}
	_, err = r.store.AddRuleSet(t.Context(), broken, ruleset.Event{Kind: ruleset.Activated, Stamp: broken.Created})
	require.NoError(t, err)
	eventually(t, "it is told", func() bool { return strings.Contains(r.logs.String(), broken.ID.String()) })
	before := r.post(order("A-1"))[0]
	eventually(t, "what judged before goes on", func() bool { return len(r.feed()[before]) > 0 })
	require.NoError(t, r.stop())

	r = start(t, at.settings(t))
	require.Contains(t, r.logs.String(), "orders wait until another is in force")
	waiting := r.post(order("A-2"))[0]
	require.Empty(t, r.feed()[waiting])
	found := consult(t, at.flags...)["rules"]
	require.Equal(t, level("fail"), found.Level)
	require.Contains(t, found.Detail, broken.ID.String())
	eventually(t, "the log says so again", func() bool { return strings.Contains(r.logs.String(), "it judges nothing") })
	require.NotContains(t, r.logs.String(), "those before stay in force", "there are none")
	officer := r.client(account.Officer)
	require.NoError(t, officer.call(t.Context(), http.MethodPost, "/v1/rulesets/"+broken.ID.String()+"/retire", nil, nil))
	eventually(t, "it is judged by the built-in set", func() bool { return len(r.feed()[waiting]) > 0 })
}
