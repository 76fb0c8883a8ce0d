package deploy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dashboard has the fields that we use of Grafana's schema 39 (npm @grafana/schema 13.2.3, dist/types/raw/dashboard).
type dashboard struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	SchemaVersion int      `json:"schemaVersion"`
	Version       int      `json:"version"`
	Editable      bool     `json:"editable"`
	GraphTooltip  int      `json:"graphTooltip"`
	Timezone      string   `json:"timezone"`
	Refresh       string   `json:"refresh"`
	Time          struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"time"`
	FiscalYearStartMonth int   `json:"fiscalYearStartMonth"`
	Links                []any `json:"links"`
	Annotations          struct {
		List []any `json:"list"`
	} `json:"annotations"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

type variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`
	Datasource *datasource `json:"datasource"`
	Query      any         `json:"query"`
	Refresh    int         `json:"refresh"`
	IncludeAll bool        `json:"includeAll"`
	Multi      bool        `json:"multi"`
	AllValue   string      `json:"allValue"`
	Sort       int         `json:"sort"`
	Hide       int         `json:"hide"`
	Current    any         `json:"current"`
	Options    []any       `json:"options"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	ID          int         `json:"id"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Collapsed   bool        `json:"collapsed"`
	Datasource  *datasource `json:"datasource"`
	GridPos     struct{ X, Y, W, H int }
	Targets     []query        `json:"targets"`
	FieldConfig map[string]any `json:"fieldConfig"`
	Options     map[string]any `json:"options"`
	Panels      []panel        `json:"panels"`
}

type query struct {
	RefID        string     `json:"refId"`
	Datasource   datasource `json:"datasource"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	Range        bool       `json:"range"`
	Instant      bool       `json:"instant"`
	Exemplar     bool       `json:"exemplar"`
}

func pipeline(t *testing.T) (d dashboard) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(read(t, "grafana/pipeline.json")))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&d))
	require.Greater(t, len(d.Panels), 20)
	return d
}

func TestTheDashboardAsksForMetricsThatAreServed(t *testing.T) {
	exemplars := 0
	for _, p := range pipeline(t).Panels {
		require.Equal(t, p.Type == "row", len(p.Targets) == 0, p.Title)
		for _, q := range p.Targets {
			requireKnownMetrics(t, q.Expr)
			require.Contains(t, q.Expr, `namespace=~"$namespace",instance=~"$instance"`, p.Title)
			require.Equal(t, strings.Count(q.Expr, "("), strings.Count(q.Expr, ")"), p.Title)
			require.Equal(t, datasource{"prometheus", "${datasource}"}, q.Datasource, p.Title)
			if q.Exemplar {
				exemplars++
			}
		}
	}
	require.Positive(t, exemplars)
	for _, v := range pipeline(t).Templating.List {
		raw, err := json.Marshal(v.Query)
		require.NoError(t, err)
		requireKnownMetrics(t, string(raw))
	}
}

func TestTheDashboardsPanelsLieSideBySide(t *testing.T) {
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range pipeline(t).Panels {
		require.False(t, ids[p.ID], p.Title)
		ids[p.ID] = true
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				require.Empty(t, taken[[2]int{x, y}], p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
