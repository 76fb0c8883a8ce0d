package deploy_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const kustomize = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1"

// cluster is what an overlay renders to. Custom resources stay as they are.
type cluster struct {
	deployments []appsv1.Deployment
	jobs        []batchv1.Job
	cronJobs    []batchv1.CronJob
	services    []corev1.Service
	configs     []corev1.ConfigMap
	accounts    []corev1.ServiceAccount
	namespaces  []corev1.Namespace
	budgets     []policyv1.PodDisruptionBudget
	policies    []networkingv1.NetworkPolicy
	custom      []custom
}

type custom struct {
	kind   string // apiVersion and kind
	name   string
	fields map[string]any
}

var overlays = []string{"base", "overlays/small", "overlays/port"}

// onEach runs a test on what each overlay renders to.
func onEach(t *testing.T, check func(t *testing.T, c *cluster)) {
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) { check(t, render(t, overlay)) })
	}
}

var (
	mu       sync.Mutex
	rendered = map[string]*cluster{}
)

// render runs kustomize, which the Go tool fetches and builds, and reads the outcome with Kubernetes' own types, strictly.
func render(t *testing.T, overlay string) *cluster {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if c := rendered[overlay]; c != nil {
		return c
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "run", kustomize, "build", "kubernetes/"+overlay)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	c := &cluster{}
	for _, doc := range strings.Split(string(out), "\n---\n") {
		c.read(t, []byte(doc))
	}
	rendered[overlay] = c
	return c
}

func (c *cluster) read(t *testing.T, doc []byte) {
	t.Helper()
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"metadata"`
	}
	require.NoError(t, yaml.Unmarshal(doc, &head))
	kind := head.APIVersion + " " + head.Kind
	require.Equal(t, head.Kind != "Namespace", head.Metadata.Namespace == "alataw", "%s %s", kind, head.Metadata.Name)
	switch kind {
	case "apps/v1 Deployment":
		c.deployments = strict(t, doc, c.deployments)
	case "batch/v1 Job":
		c.jobs = strict(t, doc, c.jobs)
	case "batch/v1 CronJob":
		c.cronJobs = strict(t, doc, c.cronJobs)
	case "v1 Service":
		c.services = strict(t, doc, c.services)
	case "v1 ConfigMap":
		c.configs = strict(t, doc, c.configs)
	case "v1 ServiceAccount":
		c.accounts = strict(t, doc, c.accounts)
	case "v1 Namespace":
		c.namespaces = strict(t, doc, c.namespaces)
	case "policy/v1 PodDisruptionBudget":
		c.budgets = strict(t, doc, c.budgets)
	case "networking.k8s.io/v1 NetworkPolicy":
		c.policies = strict(t, doc, c.policies)
	default:
		fields := map[string]any{}
		require.NoError(t, yaml.UnmarshalStrict(doc, &fields))
		c.custom = append(c.custom, custom{kind, head.Metadata.Name, fields})
	}
}

// strict appends a document, which must have no field that its type does not know.
func strict[T any](t *testing.T, doc []byte, all []T) []T {
	t.Helper()
	var one T
	require.NoError(t, yaml.UnmarshalStrict(doc, &one), string(doc))
	return append(all, one)
}

func TestEveryRoleHasADeployment(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		var run []string
		for _, d := range c.deployments {
			run = append(run, rolesOf(d.Spec.Template.Spec.Containers[0].Args)...)
			require.Equal(t, "alataw-"+rolesOf(d.Spec.Template.Spec.Containers[0].Args)[0], d.Name)
		}
		requireEveryRoleOnce(t, run)
		require.Len(t, c.jobs, 1)
		require.Equal(t, []string{"migrate"}, c.jobs[0].Spec.Template.Spec.Containers[0].Args)
		require.Len(t, c.cronJobs, 1)
		require.Equal(t, []string{"retention"}, c.cronJobs[0].Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args)
	})
}

// pods are the pods of ours.
func (c *cluster) pods() map[string]corev1.PodTemplateSpec {
	pods := map[string]corev1.PodTemplateSpec{}
	for _, d := range c.deployments {
		pods[d.Name] = d.Spec.Template
	}
	for _, j := range c.jobs {
		pods[j.Name] = j.Spec.Template
	}
	for _, j := range c.cronJobs {
		pods[j.Name] = j.Spec.JobTemplate.Spec.Template
	}
	return pods
}

func TestPodsMayDoNoMoreThanTheyMust(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		for name, pod := range c.pods() {
			require.True(t, *pod.Spec.SecurityContext.RunAsNonRoot, name)
			require.EqualValues(t, 65532, *pod.Spec.SecurityContext.RunAsUser, name)
			require.False(t, *pod.Spec.AutomountServiceAccountToken, name)
			require.Equal(t, c.accounts[0].Name, pod.Spec.ServiceAccountName, name)
			for _, container := range pod.Spec.Containers {
				require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem, name)
				require.False(t, *container.SecurityContext.AllowPrivilegeEscalation, name)
				require.Equal(t, []corev1.Capability{"ALL"}, container.SecurityContext.Capabilities.Drop, name)
				require.NotZero(t, container.Resources.Requests.Cpu().MilliValue(), name)
				require.NotZero(t, container.Resources.Limits.Memory().Value(), name)
			}
		}
	})
}

func TestEnvironmentIsWhatTheProgramKnows(t *testing.T) {
	known := settings(t)
	onEach(t, func(t *testing.T, c *cluster) {
		require.Len(t, c.configs, 1)
		for variable := range c.configs[0].Data {
			require.Contains(t, known, variable)
		}
		for name, pod := range c.pods() {
			for _, env := range pod.Spec.Containers[0].Env {
				require.Contains(t, known, env.Name, name)
				if ref := env.ValueFrom; ref != nil {
					require.NotNil(t, ref.SecretKeyRef, name)
				}
				require.NotContains(t, env.Value, "://", "%s: a password belongs in a secret", name)
			}
		}
	})
}

// The program takes the whole configuration, also those values that only make sense together.
func TestTheProgramTakesTheConfiguration(t *testing.T) {
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) {
			for variable, value := range render(t, overlay).configs[0].Data {
				t.Setenv(variable, value)
			}
			t.Setenv("KAFKA_PASSWORD", "secret")
			t.Setenv("DATABASE_URL", "postgresql://alataw:secret@alataw-postgres-rw.alataw:5432/alataw")
			require.Equal(t, "0.0.0.0:8080", settings(t)["ALATAW_LISTEN"])
		})
	}
}

func TestProbesAskWhatIsServed(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		for _, d := range c.deployments {
			container := d.Spec.Template.Spec.Containers[0]
			require.Equal(t, []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}, container.Ports, d.Name)
			for _, probe := range []*corev1.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
				require.True(t, served(t, probe.HTTPGet.Path), d.Name)
				require.Equal(t, "http", probe.HTTPGet.Port.StrVal, d.Name)
			}
			require.Equal(t, "/healthz", container.LivenessProbe.HTTPGet.Path, "%s: a restart mends no database", d.Name)
			require.GreaterOrEqual(t, *d.Spec.Template.Spec.TerminationGracePeriodSeconds, int64(3*25), "%s: three steps of ALATAW_GRACE", d.Name)
		}
		require.Equal(t, "http", c.services[0].Spec.Ports[0].TargetPort.StrVal)
	})
}

// chosen tells whether a selector's labels are all among a pod's.
func chosen(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

func TestEverySelectorFindsItsPods(t *testing.T) {
	onEach(t, func(t *testing.T, c *cluster) {
		find := func(what string, selector map[string]string) (found []string) {
			for _, d := range c.deployments {
				if chosen(selector, d.Spec.Template.Labels) {
					found = append(found, d.Name)
				}
			}
			require.NotEmpty(t, found, "%s selects %v", what, selector)
			return found
		}
		guarded := []string{}
		for _, d := range c.deployments {
			require.Equal(t, []string{d.Name}, find(d.Name, d.Spec.Selector.MatchLabels))
			for _, spread := range d.Spec.Template.Spec.TopologySpreadConstraints {
				require.Equal(t, []string{d.Name}, find(d.Name, spread.LabelSelector.MatchLabels))
			}
		}
		for _, b := range c.budgets {
			guarded = append(guarded, find(b.Name, b.Spec.Selector.MatchLabels)...)
			require.Equal(t, 1, b.Spec.MaxUnavailable.IntValue())
		}
		require.Len(t, guarded, len(c.deployments), "every Deployment has one budget")
		require.Equal(t, []string{"alataw-api"}, find("Service", c.services[0].Spec.Selector))
		for _, p := range c.policies {
			if p.Spec.PodSelector.MatchLabels["app.kubernetes.io/name"] != "" {
				find(p.Name, p.Spec.PodSelector.MatchLabels)
			}
		}
		require.Equal(t, "default-deny", c.policies[slices.IndexFunc(c.policies, func(p networkingv1.NetworkPolicy) bool {
			return len(p.Spec.PodSelector.MatchLabels) == 0 && len(p.Spec.PolicyTypes) == 2
		})].Name)
	})
}
