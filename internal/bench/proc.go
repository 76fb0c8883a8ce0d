package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: USER_HZ, 100 a second on every Linux system Go runs on.
const tick = 10 * time.Millisecond

// process is what /proc/<pid>/stat says of a process; see proc_pid_stat(5).
type process struct {
	parent int
	own    time.Duration // user and system
	ended  time.Duration // of its children that have ended and were waited for
}

func readProcess(pid int) (process, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return process{}, err
	}
	// The name in parentheses may hold anything; the fields begin behind the last one.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 15 {
		return process{}, fmt.Errorf("stat of process %d has %d fields", pid, len(fields))
	}
	parent, err := strconv.Atoi(fields[1])
	return process{parent: parent, own: ticks(fields[11:13]), ended: ticks(fields[13:15])}, err
}

func ticks(fields []string) (sum time.Duration) {
	for _, f := range fields {
		n, _ := strconv.ParseInt(f, 10, 64) // the kernel's own number
		sum += time.Duration(n) * tick
	}
	return sum
}

// machineTimes reads the time of all processors together since the machine began, and the idle part of it.
func machineTimes() (all, idle time.Duration, known bool) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 {
		return 0, 0, false
	}
	return ticks(fields[1:9]), ticks(fields[4:6]), true // user nice system IDLE IOWAIT irq softirq steal
}

// The processes of a PostgreSQL server, by what they do.
const (
	titleBackends   = "statements"
	titleCheckpoint = "checkpointer and background writer"
	titleWAL        = "WAL writer"
	titleVacuum     = "autovacuum, and backends that have ended"
	titlePostmaster = "postmaster"
)

// family gives what a PostgreSQL server's processes have used, those that have ended included.
func family(postmaster int) map[string]time.Duration {
	used := map[string]time.Duration{}
	head, err := readProcess(postmaster)
	if err != nil {
		return used
	}
	used[titlePostmaster], used[titleVacuum] = head.own, head.ended
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		if p, err := readProcess(pid); err == nil && p.parent == postmaster {
			used[titleOf(pid)] += p.own + p.ended
		}
	}
	return used
}

func titleOf(pid int) string {
	raw, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")) // gone since: a backend that has ended
	title := string(raw)
	switch {
	case strings.Contains(title, "checkpointer"), strings.Contains(title, "background writer"):
		return titleCheckpoint
	case strings.Contains(title, "walwriter"):
		return titleWAL
	case strings.Contains(title, "autovacuum"), title == "":
		return titleVacuum
	default:
		return titleBackends
	}
}

// RSS is the memory a process holds, in bytes; 0 where the system does not tell.
func RSS(pid int) int64 {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel's own number
	return pages * int64(os.Getpagesize())
}
