//go:build !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// systemCache is where root keeps fetched programs: other users cannot read root's own cache.
const systemCache = "/usr/local/var/cache/alataw/postgres"

// stopWithParent does nothing where the kernel cannot tie a child to its parent. A server that
// outlives us is stopped by the next start.
func stopWithParent(*syscall.SysProcAttr) {}

// servesFrom tells whether process pid is a PostgreSQL server on data, by its command line.
func servesFrom(pid int, data string) bool {
	command, err := exec.Command("ps", "-p", strconv.Itoa(pid), "-o", "command=").Output()
	return err == nil && strings.Contains(string(command), "postgres") && strings.Contains(string(command), data)
}

// machineMemory is not known here; the smallest setting serves.
func machineMemory() uint64 { return 0 }
