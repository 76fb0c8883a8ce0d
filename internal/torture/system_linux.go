package torture

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// tie has the kernel kill the child when we are gone.
func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// canFill tells whether this system lets one process bound another's files.
const canFill = true

// fill makes a process and its children meet the end of the disk: their files may not grow past size bytes. What they have
// is left alone. unfill lifts that again.
func fill(pid int, size uint64) error { return limit(pid, size) }

func unfill(pid int) error { return limit(pid, unix.RLIM_INFINITY) }

// limit sets the soft limit, which may be lifted again up to the hard one.
func limit(pid int, size uint64) error {
	for _, each := range family(pid) {
		var old unix.Rlimit
		if err := unix.Prlimit(each, unix.RLIMIT_FSIZE, nil, &old); err != nil {
			continue // it has just ended
		}
		bounded := unix.Rlimit{Cur: min(size, old.Max), Max: old.Max}
		if err := unix.Prlimit(each, unix.RLIMIT_FSIZE, &bounded, nil); err != nil && each == pid {
			return fmt.Errorf("bound the files of process %d: %w", pid, err)
		}
	}
	return nil
}

// family is a process and its children.
func family(pid int) []int {
	all := []int{pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue
		}
		for _, child := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(child); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}
