package apachetest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// warehouse serves jars as a Maven repository does, the first answers of each run being turned away when it is busy.
func warehouse(t *testing.T, busy int32, contents map[string]string) (*httptest.Server, *atomic.Int32) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= busy {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		content, there := contents[strings.TrimPrefix(r.URL.Path, "/")]
		if !there {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(content))
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

func pin(path, content string) jar {
	sum := sha256.Sum256([]byte(content))
	return jar{sum: hex.EncodeToString(sum[:]), path: path}
}

func TestFetchKeepsWhatIsPinned(t *testing.T) {
	t.Parallel()
	server, asked := warehouse(t, 1, map[string]string{"org/a/1/a-1.jar": "a", "org/b/2/b-2.jar": "b"})
	dir := filepath.Join(t.TempDir(), "deep", "cache")
	jars := []jar{pin("org/a/1/a-1.jar", "a"), pin("org/b/2/b-2.jar", "b")}
	require.NoError(t, fetch(t.Context(), server.URL, dir, jars))
	require.EqualValues(t, 3, asked.Load(), "one was turned away and came again")
	require.NoError(t, fetch(t.Context(), server.URL, dir, jars))
	require.EqualValues(t, 3, asked.Load(), "what is there is not fetched again")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "b-2.jar"), []byte("damaged"), 0o600))
	require.NoError(t, fetch(t.Context(), server.URL, dir, jars))
	content, err := os.ReadFile(filepath.Join(dir, "b-2.jar"))
	require.NoError(t, err)
	require.Equal(t, "b", string(content), "what is damaged is")
}

func TestFetchRefusesOtherContents(t *testing.T) {
	t.Parallel()
	server, asked := warehouse(t, 0, map[string]string{"a.jar": "evil"})
	dir := t.TempDir()
	require.ErrorIs(t, fetch(t.Context(), server.URL, dir, []jar{pin("a.jar", "good")}), errContent)
	require.EqualValues(t, 1, asked.Load())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestFetchTellsWhatIsMissingAndWhereItLooked(t *testing.T) {
	t.Parallel()
	server, _ := warehouse(t, 0, nil)
	err := fetch(t.Context(), server.URL, t.TempDir(), []jar{pin("org/a/a.jar", "a")})
	require.ErrorContains(t, err, "a.jar")
	require.ErrorContains(t, err, server.URL)
	require.ErrorContains(t, err, "Not Found")
	require.ErrorContains(t, err, repositoryVariable)
}

func TestManyMayFetchAtOnce(t *testing.T) {
	t.Parallel()
	contents, jars := map[string]string{}, []jar{}
	for _, name := range strings.Split("abcdefgh", "") {
		contents[name+".jar"] = strings.Repeat(name, 1<<16)
		jars = append(jars, pin(name+".jar", contents[name+".jar"]))
	}
	server, _ := warehouse(t, 0, contents)
	dir := t.TempDir()
	var fetching sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		fetching.Go(func() { errs[i] = fetch(t.Context(), server.URL, dir, jars) })
	}
	fetching.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, len(jars))
}

func TestWhatIsPinnedIsOneKafka(t *testing.T) {
	t.Parallel()
	jars := parseJars(pinned)
	require.Greater(t, len(jars), 40)
	require.Regexp(t, `^4\.\d+\.\d+$`, version(jars))
	seen := map[string]bool{}
	for _, j := range jars {
		require.Regexp(t, `^[0-9a-f]{64}$`, j.sum, j.path)
		require.False(t, seen[j.name()], "%s twice: one would hide the other", j.name())
		seen[j.name()] = true
		if strings.HasPrefix(j.path, "org/apache/kafka/") {
			require.Contains(t, j.name(), version(jars))
		}
	}
}

func TestJavaTellsItsVersion(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]int{
		`openjdk version "17.0.15" 2025-04-15`:                   17,
		`openjdk version "21" 2023-09-19`:                        21,
		`java version "1.8.0_402"`:                               8,
		"Picked up JAVA_OPTS\nopenjdk version \"25-ea\" 2025-09": 25,
		"command not found":                                      0,
	} {
		require.Equal(t, want, javaVersion(said), said)
	}
}

func TestAMissingOrOldJavaIsToldWithTheCure(t *testing.T) {
	home := t.TempDir()
	t.Setenv("JAVA_HOME", home)
	_, err := findJava(t.Context())
	require.ErrorIs(t, err, errNoJava)
	require.ErrorContains(t, err, "install")

	require.NoError(t, os.Mkdir(filepath.Join(home, "bin"), 0o700))
	script := "#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n"
	require.NoError(t, os.WriteFile(filepath.Join(home, "bin", "java"), []byte(script), 0o700))
	_, err = findJava(t.Context())
	require.ErrorIs(t, err, errNoJava)
	require.ErrorContains(t, err, "version 11, brokers need 17")
}
