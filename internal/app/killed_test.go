package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/postgres/postgrestest"
)

// binaries is where the program is built for the tests that kill it.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "alataw-bin-"); err != nil {
		panic(err)
	}
	code := postgrestest.Main(m)
	_ = os.RemoveAll(binaries)
	if err := closeQueue(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// program builds the program once.
var program = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(binaries, "alataw")
	return bin, exec.Command("go", "build", "-buildvcs=false", "-o", bin, module[:len(module)-1]).Run()
})

// process is the program, running.
type process struct {
	cmd  *exec.Cmd
	url  string
	keys demoKeys
	logs *logged
}

func launch(t *testing.T, at place) *process {
	t.Helper()
	bin, err := program()
	require.NoError(t, err)
	_ = os.Remove(filepath.Join(at.dir, whereaboutsName)) // of one that was killed
	p := &process{logs: &logged{}}
	p.cmd = exec.Command(bin, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "warn"}, at.flags...)...)
	p.cmd.Stderr = p.logs
	require.NoError(t, p.cmd.Start())
	t.Cleanup(p.kill)
	require.Eventually(t, func() bool {
		found, ok := readWhereabouts(at.dir)
		p.url = found.URL
		return ok && found.PID == p.cmd.Process.Pid
	}, time.Minute, 20*time.Millisecond, "it starts: %s", p.logs)
	p.keys, err = readKeys(filepath.Join(at.dir, keysName))
	require.NoError(t, err)
	return p
}

// kill is kill -9, of a process that may be dead already.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Everything is killed twice in the middle of a load: every order that was answered 202 exists once, with one verdict.
func TestNothingAcknowledgedIsLostWhenEverythingIsKilled(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	orders := sample(t, 7, 8000)
	const batch, kills = 100, 2
	var p *process
	for round := range kills + 1 {
		p = launch(t, at)
		share := orders[round*len(orders)/(kills+1) : (round+1)*len(orders)/(kills+1)]
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		var posting sync.WaitGroup
		half := make(chan struct{})
		var reached sync.Once
		for worker := range 2 {
			posting.Go(func() {
				for i := worker * batch; i+batch <= len(share); i += 2 * batch {
					ids, err := postBatch(ctx, newClient(p.url, p.keys[account.Platform]), share[i:i+batch])
					if err != nil {
						return // not answered: may be there or not
					}
					mu.Lock()
					for _, id := range ids {
						acknowledged[id] = true
					}
					mu.Unlock()
					if i > len(share)/2 {
						reached.Do(func() { close(half) })
					}
				}
			})
		}
		if round < kills {
			select {
			case <-half:
			case <-ctx.Done():
				t.Fatal("the load did not get half way: ", p.logs)
			}
			p.kill()
		}
		posting.Wait()
		cancel()
	}
	require.Greater(t, len(acknowledged), 4000)
	c := newClient(p.url, p.keys[account.Platform])
	eventually(t, "every acknowledged order has its verdict, and cleared ones their unit", func() bool { return unsettled(t, c, acknowledged) == 0 })
}

// unsettled counts the orders without a verdict, and the cleared ones that were not bundled yet; nothing may be there twice.
func unsettled(t *testing.T, c *client, acknowledged map[string]bool) (missing int) {
	t.Helper()
	feed := kindsOf(t, receipts(t, c))
	for id := range acknowledged {
		verdicts := feed[id]["cleared"] + feed[id]["held"]
		require.LessOrEqual(t, verdicts, 1, "%s has one verdict", id)
		if verdicts == 0 || feed[id]["cleared"] > feed[id]["bundled"]+feed[id]["unrouted"] {
			missing++
		}
		require.LessOrEqual(t, feed[id]["bundled"]+feed[id]["unrouted"], 1, "%s is in one unit", id)
	}
	return missing
}

// SIGTERM in the middle of a load ends within the grace with exit code 0, and the next start goes on.
func TestStoppingFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	at := scratch(t, "--screening-random-basis-points", "0")
	p := launch(t, at)
	ids, err := postBatch(t.Context(), newClient(p.url, p.keys[account.Platform]), sample(t, 9, 900))
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, p.cmd.Wait(), p.logs)
	q := launch(t, at)
	c := newClient(q.url, q.keys[account.Platform])
	eventually(t, "all are decided", func() bool {
		feed := kindsOf(t, receipts(t, c))
		for _, id := range ids {
			if feed[id]["cleared"]+feed[id]["held"] != 1 {
				return false
			}
		}
		return true
	})
}
