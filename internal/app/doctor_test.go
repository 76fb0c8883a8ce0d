package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/alataw/alataw/internal/embedded/embeddedtest"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/postgres/postgrestest"
)

// migrated gives the URL of a database with this program's schema.
func migrated(t *testing.T) string {
	t.Helper()
	return postgrestest.Open(t, func(ctx context.Context, url string) error {
		_, err := postgres.Migrate(ctx, url)
		return err
	})
}

// consult runs the doctor as the program does and gives what it found, by check. A failing finding makes the command fail.
func consult(t *testing.T, flags ...string) map[string]finding {
	t.Helper()
	var out, errOut bytes.Buffer
	began := time.Now()
	err := Run(t.Context(), append([]string{"doctor", "--json"}, flags...), nil, &out, &errOut)
	require.Less(t, time.Since(began), time.Minute)
	var report examination
	require.NoError(t, json.Unmarshal(out.Bytes(), &report), out.String()+errOut.String())
	require.Equal(t, report.Failed > 0, err != nil, "%v", err)
	require.Equal(t, report.OK, err == nil)
	found := map[string]finding{}
	for _, f := range report.Findings {
		require.Equal(t, f.Level == fine, f.Mend == "", "what is not well has a remedy: %+v", f)
		if found[f.Check].Level != broken { // the worst of those that have one name
			found[f.Check] = f
		}
	}
	return found
}

// levels are the checks that did not find all well.
func levels(found map[string]finding) map[string]level {
	bad := map[string]level{}
	for check, f := range found {
		if f.Level != fine {
			bad[check] = f.Level
		}
	}
	return bad
}

// closedPort is an address where nobody is.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestTheDoctorJoinsARunningService(t *testing.T) {
	t.Parallel()
	at := scratch(t)
	cfg := at.settings(t)
	r := start(t, cfg)
	for deadline := time.Now().Add(time.Minute); ; { // not Eventually, which begins the next look after a tick, whatever the last one takes
		found := consult(t, at.flags...)
		if found["group screening"].Level == fine && found["group bundling"].Level == fine {
			break
		}
		require.True(t, time.Now().Before(deadline), "members in both groups: %+v", found)
	}
	found := consult(t, at.flags...)
	bad := levels(found)
	delete(bad, "disk")                                                        // this machine's own business
	worries := map[string]level{"watch lists": doubt, "exchange rates": doubt} // for those that come with the program are old
	if len(cfg.Kafka.Brokers) > 0 && cfg.Kafka.Replication == 1 {              // the doctor rightly warns of a single copy
		worries["topic "+topicDeclared], worries["topic "+topicDecided] = doubt, doubt
		require.Contains(t, found["topic "+topicDeclared].Detail, "one copy")
	}
	require.Equal(t, worries, bad)
	for _, check := range []string{
		"database", "open transactions", "database durability", "connections", "database clock", "locks", "schema", "rights",
		"role", "parked records", "rules", "keys", "queue", "broker versions", "topic parcel.declared", "topic parcel.decided", "secret files", "disk",
	} {
		require.Contains(t, found, check)
	}
	require.Contains(t, found["keys"].Detail, "1 platform, 1 carrier, 1 officer, 1 admin")

	require.NoError(t, os.Chmod(filepath.Join(at.dir, keysName), 0o644))
	found = consult(t, at.flags...)
	require.Equal(t, broken, found["secret files"].Level)
	require.Contains(t, found["secret files"].Detail, keysName)

	var out bytes.Buffer
	listen := "--listen=" + strings.TrimPrefix(r.url, "http://")
	require.NoError(t, Run(t.Context(), []string{"doctor", "--ready", listen}, nil, &out, &bytes.Buffer{}))
	require.Equal(t, "ok\n", out.String())
	require.Error(t, Run(t.Context(), []string{"doctor", "--ready", "--listen=" + closedPort(t)}, nil, &out, &bytes.Buffer{}))
	said, err := at.command(t, "doctor")
	require.Error(t, err)
	require.Regexp(t, `(?m)^fail +secret files +others may read .*keys\.json \(0644\)\n +mend: chmod 600`, said)
}

func TestTheDoctorNamesWhatIsDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ database, brokers, bad string }{
		"database": {"postgres://u:secret@" + closedPort(t) + "/db", embeddedtest.StartBrokerT(t), "database"},
		"queue":    {migrated(t), closedPort(t), "queue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := consult(t, "--database-url", c.database, "--kafka-brokers", c.brokers, "--kafka-replication", "1")
			require.Equal(t, broken, found[c.bad].Level)
			require.NotContains(t, found[c.bad].Detail, "secret")
			require.Equal(t, c.bad == "queue", found["database"].Level == fine, "the other side is examined all the same")
			require.Equal(t, c.bad == "database", found["queue"].Level == fine)
		})
	}
}

func TestTheDoctorNamesAGroundThatIsNotThere(t *testing.T) {
	t.Parallel()
	found := consult(t, "--data-dir", filepath.Join(t.TempDir(), "none"))
	require.Equal(t, map[string]level{"ground": broken}, levels(found))
}

func TestTheDoctorNamesASchemaThatIsBehind(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	postgrestest.Execute(t, url, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	found := consult(t, "--database-url", url, "--kafka-brokers", embeddedtest.StartBrokerT(t), "--kafka-replication", "1")
	require.Equal(t, broken, found["schema"].Level)
	require.Contains(t, found["schema"].Mend, "alataw migrate")
	require.NotContains(t, found, "rights", "what stands on a schema that is not there is left out")
}

func TestTheDoctorNamesAMissingRight(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	role := "alataw_test_" + strings.ToLower(rand.Text()[:8])
	postgrestest.Execute(t, url, `CREATE ROLE `+role)
	t.Cleanup(func() {
		postgrestest.Execute(t, url, `DROP OWNED BY `+role)
		postgrestest.Execute(t, url, `DROP ROLE `+role)
	})
	postgrestest.Execute(t, url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+role)
	postgrestest.Execute(t, url, `REVOKE UPDATE ON cases FROM `+role)
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	found := consult(t, "--database-url", url+separator+"role="+role, "--kafka-brokers", embeddedtest.StartBrokerT(t), "--kafka-replication", "1")
	require.Equal(t, broken, found["rights"].Level)
	require.Contains(t, found["rights"].Mend, `GRANT UPDATE ON cases TO "`+role+`";`)
	require.Equal(t, fine, found["role"].Level)

	found = consult(t, "--database-url", url, "--kafka-brokers", embeddedtest.StartBrokerT(t), "--kafka-replication", "1")
	require.Equal(t, fine, found["rights"].Level)
	require.Equal(t, doubt, found["role"].Level, "a superuser serves")
}

func TestTheDoctorNamesTopicsThatAreMissingOrThin(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.DataDir(t.TempDir()))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	flags := []string{"--database-url", migrated(t), "--kafka-brokers", strings.Join(cluster.ListenAddrs(), ",")}
	found := consult(t, flags...)
	require.Equal(t, broken, found["topic "+topicDeclared].Level)
	require.NotContains(t, found, "group screening")

	cfg := kafka.Config{Brokers: cluster.ListenAddrs(), Replication: 1}
	queue, err := kafka.New(cfg, newLogger("error", &logged{}), newRegistry())
	require.NoError(t, err)
	require.NoError(t, queue.CreateTopics(t.Context(), topics()...))
	require.NoError(t, queue.Close(t.Context()))
	found = consult(t, flags...)
	require.Equal(t, broken, found["topic "+topicDeclared].Level)
	require.Contains(t, found["topic "+topicDeclared].Detail, "3 replicas are configured")
	require.Equal(t, doubt, found["group screening"].Level, "nobody is in it")
	require.Equal(t, doubt, levels(consult(t, append(flags, "--kafka-replication", "1")...))["topic "+topicDeclared], "one copy is a risk")
}

// The manifests make the same topics and allow the same groups.
func TestTheManifestsNameOurTopicsAndGroups(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../deploy/kubernetes/base/topics.yaml")
	require.NoError(t, err)
	for _, topic := range topics() {
		require.Contains(t, string(raw), "\n  name: "+topic.Name+"\n")
		require.Contains(t, string(raw), "resource: {type: topic, name: "+topic.Name+", patternType: literal}")
	}
	for _, group := range []string{groupScreening, groupBundling} {
		require.Contains(t, string(raw), "resource: {type: group, name: "+group+", patternType: literal}")
	}
}
