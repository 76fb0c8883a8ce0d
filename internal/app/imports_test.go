package app

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/alataw/alataw/"

// The house's plan (docs/architecture.md): what each package may import of ours. A package that is not here may not exist.
var mayImport = map[string][]string{
	// the ground
	"internal/fault":     {},
	"internal/account":   {},
	"internal/event":     {},
	"internal/refdata":   {},
	"internal/failpoint": {},
	"migrations":         {},
	"docs/openapi":       {},
	// the journey, in the order a parcel meets it: each step knows those before it, never those after
	"internal/parcel":      onGround(),
	"internal/watchlist":   onGround(),
	"internal/risk":        onGround(),
	"internal/rates":       onGround(),
	"internal/goods":       onGround("internal/parcel", "internal/watchlist"),
	"internal/screening":   onGround("internal/parcel", "internal/watchlist", "internal/goods", "internal/risk", "internal/rates"),
	"internal/ruleset":     onGround("internal/parcel", "internal/screening"),
	"internal/review":      onGround("internal/parcel", "internal/watchlist", "internal/screening"),
	"internal/consignment": onGround("internal/parcel", "internal/screening", "internal/review"),
	// the walls: one technology each; they meet in app
	"api": onGround("internal/parcel", "internal/watchlist", "internal/rates", "internal/screening", "internal/ruleset", "internal/review", "internal/consignment",
		"docs/openapi"),
	"internal/postgres": onGround("internal/parcel", "internal/watchlist", "internal/rates", "internal/screening", "internal/ruleset", "internal/review",
		"internal/consignment", "migrations"),
	"internal/publisher": onGround("internal/watchlist"),
	"internal/kafka":     onGround(),
	"internal/embedded":  {},
	"internal/load":      onGround(),
	"internal/torture":   onGround("internal/load"),
	"internal/bench":     {},
	// where they meet
	"internal/app": {"*"},
	"":             {"internal/app"},
	// for tests only
	"internal/postgres/postgrestest": {"internal/embedded"},
	"internal/embedded/embeddedtest": {"internal/embedded"},
	"internal/kafka/apachetest":      {},
	"docs/openapi/convert":           {"*"},
	"deploy":                         {}, // nothing but tests
}

func onGround(more ...string) []string {
	return append([]string{"internal/fault", "internal/account", "internal/event", "internal/refdata", "internal/failpoint"}, more...)
}

// One technology, one room.
var rooms = map[string][]string{
	"github.com/gin-gonic/gin":          {"api"},
	"gorm.io/":                          {"internal/postgres"},
	"github.com/jackc/pgx":              {"internal/postgres", "internal/postgres/postgrestest"},
	"github.com/pressly/goose":          {"internal/postgres"},
	"github.com/segmentio/kafka-go":     {"internal/kafka", "internal/kafka/apachetest"},
	"github.com/twmb/franz-go":          {"internal/embedded"},
	"github.com/fergusstrange/embedded": {"internal/embedded"},
	"go.opentelemetry.io/otel":          {"api", "internal/kafka", "internal/postgres", "internal/app"},
	"go.opentelemetry.io/otel/sdk":      {"internal/app"},
	"go.opentelemetry.io/otel/exporter": {"internal/app"},
	"github.com/prometheus":             {"api", "internal/kafka", "internal/app"},
	"github.com/expr-lang/expr":         {"internal/screening"},
	"github.com/alecthomas/kong":        {"internal/app"},
	"github.com/klauspost/compress/s2":  {"internal/postgres"},
	"github.com/google/pprof":           {"internal/bench"},
	"testing":                           {"internal/postgres/postgrestest", "internal/embedded/embeddedtest", "internal/kafka/apachetest"},
	"github.com/stretchr/testify":       {"internal/postgres/postgrestest", "internal/embedded/embeddedtest", "internal/kafka/apachetest"},
	"github.com/HdrHistogram/":          {"internal/load", "internal/torture"},
	"github.com/Shopify/toxiproxy":      {"internal/torture"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func packages(t *testing.T) (list []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	require.NoError(t, err)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		list = append(list, p)
	}
}

func TestEveryPackageImportsOnlyWhatThePlanAllows(t *testing.T) {
	t.Parallel()
	list := packages(t)
	require.Greater(t, len(list), 15)
	for _, p := range list {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, strings.TrimSuffix(module, "/")), "/")
		allowed, ok := mayImport[name]
		require.True(t, ok, "%s is not in the plan of the house", name)
		for _, imported := range p.Imports {
			if ours, is := strings.CutPrefix(imported, module); is && !slices.Contains(allowed, "*") {
				require.Contains(t, allowed, ours, "%s must not import %s", name, ours)
			}
			for technology, homes := range rooms {
				if strings.HasPrefix(imported, technology) {
					require.Contains(t, homes, name, "%s must not import %s", name, imported)
				}
			}
		}
	}
}
