// Package deploy_test holds what is deployed to the program that it deploys.
package deploy_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/docs/openapi"
	"github.com/alataw/alataw/internal/app"
)

// settings are the environment variables that the program knows, with the values in force: what "alataw config" prints.
func settings(t *testing.T) map[string]string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, app.Run(t.Context(), []string{"config"}, nil, &out, &out), out.String())
	known := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=(\S*)`).FindAllStringSubmatch(out.String(), -1) {
		known[m[1]] = m[2]
	}
	require.Greater(t, len(known), 20)
	return known
}

func roles(t *testing.T) []string {
	t.Helper()
	return strings.Split(settings(t)["ALATAW_ROLES"], ",")
}

// served tells whether the program's description has a path.
func served(t *testing.T, path string) bool {
	t.Helper()
	var described struct {
		Paths map[string]any `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(openapi.JSON, &described))
	return described.Paths[path] != nil
}

// rolesOf reads the roles out of a container's arguments; nil when it does not serve.
func rolesOf(args []string) []string {
	for _, arg := range args {
		if list, ok := strings.CutPrefix(arg, "--roles="); ok && args[0] == "serve" {
			return strings.Split(list, ",")
		}
	}
	return nil
}

// requireEveryRoleOnce compares what containers run with the program's roles.
func requireEveryRoleOnce(t *testing.T, run []string) {
	t.Helper()
	want := roles(t)
	slices.Sort(want)
	slices.Sort(run)
	require.Equal(t, want, run)
}
