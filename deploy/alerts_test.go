package deploy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

type ruleFile struct {
	Groups []struct {
		Name  string `json:"name"`
		Rules []rule `json:"rules"`
	} `json:"groups"`
}

type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func alerts(t *testing.T) (all []rule) {
	t.Helper()
	var file ruleFile
	require.NoError(t, yaml.UnmarshalStrict([]byte(read(t, "alerts/alataw.yaml")), &file))
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	require.Greater(t, len(all), 20)
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(raw)
}

// Whoever is woken finds what to do, and what is to be found there wakes somebody.
func TestEveryAlertHasItsSectionInTheRunbook(t *testing.T) {
	var sections, woken []string
	for _, m := range regexp.MustCompile(`(?m)^### (Alataw\w+)$`).FindAllStringSubmatch(read(t, "../docs/runbook.md"), -1) {
		sections = append(sections, m[1])
	}
	for _, a := range alerts(t) {
		woken = append(woken, a.Alert)
		require.Equal(t, "https://github.com/alataw/alataw/blob/main/docs/runbook.md#"+strings.ToLower(a.Alert), a.Annotations["runbook_url"])
		require.Contains(t, []string{"critical", "warning", "info"}, a.Labels["severity"], a.Alert)
		require.NotEmpty(t, a.Annotations["summary"], a.Alert)
		require.NotEmpty(t, a.Annotations["description"], a.Alert)
	}
	require.ElementsMatch(t, woken, sections)
}

func TestEveryAlertIsTested(t *testing.T) {
	tested := read(t, "alerts/tests/alataw_test.yaml")
	for _, a := range alerts(t) {
		require.Contains(t, tested, `  - name: `+a.Alert+"\n")
	}
}

// metrics are those that docs/metrics.md describes, and those of Prometheus and of its client library that every program has.
func metrics(t *testing.T) (names []string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?m)^\\| `(alataw_[a-z_]+)` \\| (\\w+)").FindAllStringSubmatch(read(t, "../docs/metrics.md"), -1) {
		names = append(names, m[1])
		if m[2] == "histogram" {
			names = append(names, m[1]+"_bucket", m[1]+"_sum", m[1]+"_count")
		}
	}
	require.Greater(t, len(names), 20)
	return append(names, "process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds")
}

func requireKnownMetrics(t *testing.T, expr string) {
	t.Helper()
	known := metrics(t)
	for _, name := range regexp.MustCompile(`\b(alataw|go|process)_[a-z_]+`).FindAllString(expr, -1) {
		require.True(t, slices.Contains(known, name), "%s in %s", name, expr)
	}
}

func TestAlertsAskForMetricsThatAreServed(t *testing.T) {
	for _, a := range alerts(t) {
		requireKnownMetrics(t, a.Expr)
	}
}

func TestTheOperatorsRulesAreTheAlerts(t *testing.T) {
	var file ruleFile
	require.NoError(t, yaml.UnmarshalStrict([]byte(read(t, "alerts/alataw.yaml")), &file))
	var operators struct {
		Spec ruleFile `json:"spec"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "kubernetes/base/rules.yaml")), &operators))
	require.Equal(t, file, operators.Spec, "run make generate")
}
