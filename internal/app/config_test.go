package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigMasksSecretsHoweverTheyAreWritten(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", "s3cret")
	t.Setenv("KAFKA_USER", "alataw")
	t.Setenv("KAFKA_SASL_MECHANISM", "PLAIN")
	t.Setenv("SCREENING_SAMPLE_KEY", "s3cret")
	for _, url := range []string{
		"postgres://u:s3cret@h/db", "postgres://u@h/db?password=s3cret&sslmode=disable", "host=h user=u password=s3cret dbname=d",
		"host=h user=u password = 's3cret s3cret' dbname=d",
	} {
		t.Setenv("DATABASE_URL", url)
		out := &logged{}
		require.NoError(t, Run(t.Context(), []string{"config"}, nil, out, &logged{}))
		require.NotContains(t, out.String(), "s3cret", url)
		require.Contains(t, out.String(), "***")
	}
}

func TestConfigTellsAllThatIsWrong(t *testing.T) {
	t.Setenv("ALATAW_LISTEN", "nowhere")
	t.Setenv("ALATAW_ROLES", "api,cook")
	t.Setenv("DATABASE_MAX_CONNECTIONS", "1")
	out := &logged{}
	err := Run(t.Context(), []string{"config"}, nil, out, out)
	for _, complaint := range []string{"ALATAW_LISTEN", "cook", "DATABASE_MAX_CONNECTIONS"} {
		require.ErrorContains(t, err, complaint)
	}
}

// A value that cannot even be read hides none of the others.
func TestConfigTellsAllThatCannotBeRead(t *testing.T) {
	t.Setenv("ALATAW_GRACE", "soon")
	t.Setenv("RATE_LIMIT", "fast")
	t.Setenv("ALATAW_LISTEN", "nowhere")
	out := &logged{}
	err := Run(t.Context(), []string{"config"}, nil, out, out)
	for _, complaint := range []string{"ALATAW_GRACE", "soon", "RATE_LIMIT", "fast", "ALATAW_LISTEN"} {
		require.ErrorContains(t, err, complaint)
	}
	require.NotContains(t, err.Error(), "at least 1s", "what cannot be read is complained of once")
}

func TestACommandDoesNotMakeAnInstallation(t *testing.T) {
	t.Parallel()
	err := Run(t.Context(), []string{"keys", "list", "--data-dir", t.TempDir() + "/mistyped"}, nil, &logged{}, &logged{})
	require.ErrorContains(t, err, "mistyped")
}
