package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // what embedded-postgres brings along; pgx has its own room
	"github.com/stretchr/testify/require"
)

// patience bounds every wait of these tests.
const patience = 2 * time.Minute

// throwAway makes a server quick where durability is not what is tested.
var throwAway = map[string]string{"fsync": "off", "shared_buffers": "32MB"}

// roleVariable makes this test program act as another process instead of running tests.
const roleVariable = "EMBEDDED_TEST_ROLE"

func TestMain(m *testing.M) {
	dir := os.Getenv("EMBEDDED_TEST_DIR")
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "lock":
		actAsLocker(dir)
	case "serve":
		actAsServer(dir)
	case "dial":
		_, err := net.Dial("unix", dir)
		fmt.Println(err)
	}
}

func actAsLocker(dir string) {
	if _, err := Lock(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("locked")
	_, _ = io.ReadAll(os.Stdin) // until it is killed
}

// child is another process of this test program.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
}

// startChild starts this test program in a role, as another user when credential is set.
func startChild(t *testing.T, role, dir string, credential *syscall.Credential) child {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	if credential != nil {
		program = copyForOthers(t, program)
	}
	c := child{Cmd: exec.Command(program)}
	c.Dir = "/"
	c.Env = append(os.Environ(), roleVariable+"="+role, "EMBEDDED_TEST_DIR="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	c.Stderr = os.Stderr
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	_, err = c.StdinPipe()
	require.NoError(t, err)
	c.lines = bufio.NewScanner(stdout)
	require.NoError(t, c.Start())
	t.Cleanup(func() { c.kill() })
	return c
}

// kill ends the child as kill -9 does.
func (c child) kill() {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// copyForOthers puts the test program where every user can run it.
func copyForOthers(t *testing.T, program string) string {
	t.Helper()
	from, err := os.Open(program)
	require.NoError(t, err)
	defer from.Close()
	path := filepath.Join(passableDir(t), "embedded.test")
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return path
}

// passableDir is a directory that the database's user can reach; t.TempDir is not, for root.
func passableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "alataw-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// open starts a server that is stopped when the test ends.
func open(t *testing.T, cfg PostgresConfig) *Postgres {
	t.Helper()
	p, err := StartPostgres(deadline(t), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Stop(context.Background()) })
	return p
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// execute runs statements and returns the first column of the last one's first row.
func execute(t *testing.T, url string, statements ...string) string {
	t.Helper()
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	defer db.Close()
	var answer string
	for i, statement := range statements {
		if i < len(statements)-1 || !strings.HasPrefix(statement, "S") {
			_, err = db.ExecContext(deadline(t), statement)
		} else {
			err = db.QueryRowContext(deadline(t), statement).Scan(&answer)
		}
		require.NoError(t, err, statement)
	}
	return answer
}

// takePort occupies a port of 127.0.0.1.
func takePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func root() bool { return os.Geteuid() == 0 }

// stranger is an ordinary user who is not the one the database runs as.
func stranger(t *testing.T) *syscall.Credential {
	t.Helper()
	return &syscall.Credential{Uid: 54321, Gid: 54321, Groups: []uint32{}}
}
