package deploy_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

// definition is what testdata/custom.yaml keeps of a custom resource's definition: where it is, and the fields that we use.
type definition struct {
	Source string   `json:"source"`
	Fields []string `json:"fields"`
}

// A field that an operator does not know is dropped without a word, so each one is compared with its definition.
func TestCustomResourcesHaveOnlyFieldsThatAreDefined(t *testing.T) {
	raw, err := os.ReadFile("testdata/custom.yaml")
	require.NoError(t, err)
	defined := map[string]definition{}
	require.NoError(t, yaml.UnmarshalStrict(raw, &defined))
	onEach(t, func(t *testing.T, c *cluster) {
		require.NotEmpty(t, c.custom)
		for _, r := range c.custom {
			require.Contains(t, defined, r.kind)
			for _, field := range leaves("", r.fields["spec"]) {
				known := slices.ContainsFunc(defined[r.kind].Fields, func(pattern string) bool {
					ok, _ := path.Match(pattern, field)
					return ok
				})
				require.True(t, known, "%s %s: %s", r.kind, r.name, field)
			}
		}
	})
}

// leaves names every value in a document; steps are joined by a slash, and an element of a list is an asterisk.
func leaves(at string, value any) (all []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			all = append(all, leaves(at+"/"+key, inner)...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, leaves(at+"/*", inner)...)
		}
	default:
		all = append(all, strings.TrimPrefix(at, "/"))
	}
	if len(all) == 0 {
		all = append(all, strings.TrimPrefix(at, "/"))
	}
	sort.Strings(all)
	return all
}

func (c *cluster) ofKind(kind string) (found []custom) {
	for _, r := range c.custom {
		if strings.HasSuffix(r.kind, " "+kind) {
			found = append(found, r)
		}
	}
	return found
}

// at follows a path of keys into a custom resource.
func (r custom) at(keys ...string) any {
	value := any(r.fields)
	for _, key := range keys {
		inner, _ := value.(map[string]any)
		value = inner[key]
	}
	return value
}

// Topics are made by the operator and by the program: both must want the same.
func TestTopicsAreAsTheProgramMakesThem(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		settings := c.configs[0].Data
		topics := c.ofKind("KafkaTopic")
		require.Len(t, topics, 2)
		for _, topic := range topics {
			require.Equal(t, settings["KAFKA_PARTITIONS"], fmt.Sprint(topic.at("spec", "partitions")))
			require.Equal(t, settings["KAFKA_REPLICATION"], fmt.Sprint(topic.at("spec", "replicas")))
			require.Equal(t, settings["KAFKA_MIN_INSYNC"], fmt.Sprint(topic.at("spec", "config", "min.insync.replicas")))
		}
		brokers := c.ofKind("KafkaNodePool")[0].at("spec", "replicas")
		require.LessOrEqual(t, settings["KAFKA_REPLICATION"], fmt.Sprint(brokers))
		require.Equal(t, settings["KAFKA_USER"], c.ofKind("KafkaUser")[0].name)
	})
}

func TestScalingKnowsItsDeploymentsAndEndsAtThePartitions(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		require.Len(t, c.ofKind("ScaledObject"), 2)
		for _, s := range c.ofKind("ScaledObject") {
			target := fmt.Sprint(s.at("spec", "scaleTargetRef", "name"))
			i := slices.IndexFunc(c.deployments, func(d appsv1.Deployment) bool { return d.Name == target })
			require.GreaterOrEqual(t, i, 0, target)
			require.Nil(t, c.deployments[i].Spec.Replicas, "%s: the scaler says how many", target)
			trigger := s.at("spec", "triggers").([]any)[0].(map[string]any)["metadata"].(map[string]any)
			require.Equal(t, c.configs[0].Data["KAFKA_BROKERS"], trigger["bootstrapServers"])
			require.True(t, slices.ContainsFunc(c.ofKind("KafkaTopic"), func(r custom) bool { return r.name == trigger["topic"] }))
			require.LessOrEqual(t, s.at("spec", "maxReplicaCount").(float64), c.ofKind("KafkaTopic")[0].at("spec", "partitions").(float64))
		}
	})
}
