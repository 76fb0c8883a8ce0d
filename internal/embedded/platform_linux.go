package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// systemCache is where root keeps fetched programs: other users cannot read root's own cache.
const systemCache = "/var/cache/alataw/postgres"

// stopWithParent has the kernel ask the child for a fast shutdown when the thread that started it
// ends, also by kill -9.
func stopWithParent(attributes *syscall.SysProcAttr) {
	attributes.Pdeathsig = syscall.SIGINT
}

// servesFrom tells whether process pid is a PostgreSQL server on data: a server changes to its
// data directory and stays there.
func servesFrom(pid int, data string) bool {
	cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	return err == nil && cwd == data
}

// machineMemory is the memory this process may count on, in bytes: the machine's, or its control
// group's when that is less; 0 when unknown.
func machineMemory() uint64 {
	memory := uint64(0)
	for _, line := range strings.Split(readText("/proc/meminfo"), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
			kib, _ := strconv.ParseUint(fields[1], 10, 64)
			memory = kib << 10
		}
	}
	limit, err := strconv.ParseUint(readText("/sys/fs/cgroup/memory.max"), 10, 64)
	if err == nil && limit < memory {
		return limit
	}
	return memory
}

func readText(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
