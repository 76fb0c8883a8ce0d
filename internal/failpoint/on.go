//go:build failpoints

package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// armed reads what is armed once: it belongs to the process, as its environment does.
var armed = sync.OnceValue(func() *charge {
	name, times, _ := strings.Cut(os.Getenv(Variable), ":")
	n, err := strconv.ParseInt(times, 10, 64)
	if err != nil {
		return &charge{}
	}
	c := &charge{name: name}
	c.left.Store(n)
	return c
})

type charge struct {
	name string
	left atomic.Int64
}

// Reach kills the process, without a word to anybody, when it is the time for it.
func Reach(name string) {
	c := armed()
	if c.name != name || c.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way: nothing more is to be done
}
