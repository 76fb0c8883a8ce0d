package deploy_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/stretchr/testify/require"
)

func TestTheCompositionRunsEveryRole(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"compose.yaml"})
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	known := settings(t)
	var run []string
	for name, service := range project.Services {
		if service.Image != "alataw" {
			require.NotNil(t, service.HealthCheck, "%s is waited for", name)
			continue
		}
		run = append(run, rolesOf(service.Command)...)
		for variable := range service.Environment {
			require.Contains(t, known, variable, "%s sets what the program does not know", name)
		}
		require.True(t, service.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, name)
		require.NotEmpty(t, service.DependsOn, name)
		for _, d := range service.DependsOn {
			require.Contains(t, []string{"service_healthy", "service_completed_successfully"}, d.Condition, name)
		}
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
			require.EqualValues(t, 8080, port.Target, name)
		}
	}
	requireEveryRoleOnce(t, run)
	require.True(t, served(t, "/readyz"), "what the image's health check asks")
}

// Once one property is given, the image of Kafka drops all its defaults.
func TestTheCompositionSetsTheWholeBroker(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"compose.yaml"})
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	for _, variable := range []string{
		"CLUSTER_ID", "KAFKA_NODE_ID", "KAFKA_PROCESS_ROLES", "KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS",
		"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "KAFKA_CONTROLLER_LISTENER_NAMES", "KAFKA_INTER_BROKER_LISTENER_NAME", "KAFKA_LOG_DIRS",
		"KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR",
	} {
		require.Contains(t, project.Services["kafka"].Environment, variable)
	}
}

func TestTheImageRunsAsNobody(t *testing.T) {
	raw, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	stages := regexp.MustCompile(`(?m)^FROM .*$`).FindAllIndex(raw, -1)
	require.Len(t, stages, 2)
	last := string(raw[stages[1][0]:])
	require.Regexp(t, `^FROM \S*distroless/static\S*:nonroot\n`, last)
	require.Regexp(t, `(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`, last, "a number, so that Kubernetes sees that it is not root")
	require.NotContains(t, last, "\nRUN ")
	require.Contains(t, last, `"/usr/local/bin/alataw"`)
}
