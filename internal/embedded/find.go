package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

var (
	// ErrNoPostgres says that there is no PostgreSQL server on this machine. The message carries
	// the command that installs one.
	ErrNoPostgres = errors.New("no PostgreSQL server found")
	// ErrVersion says that the database was made by another major version of PostgreSQL.
	ErrVersion = errors.New("made by another version of PostgreSQL")
)

// oldestVersion is the oldest major version whose features the migrations may use.
const oldestVersion = 13

// installation is one set of PostgreSQL's programs.
type installation struct {
	binDir  string
	version int // major
}

func (i installation) program(name string) string { return filepath.Join(i.binDir, name) }

// FindPostgres returns the directory with PostgreSQL's programs and its major version: from PATH,
// then the places where Debian, Red Hat, SUSE, Alpine, the source build, Homebrew and Postgres.app
// put them, the highest version first. ErrNoPostgres, with the command to install it, when there
// is none of version 13 or later.
func FindPostgres(ctx context.Context) (binDir string, version int, err error) {
	user, err := accountFor("")
	if err != nil {
		return "", 0, fmt.Errorf("find PostgreSQL: %w", err)
	}
	probe := site{home: "/", user: user}
	for _, dir := range installedDirs() {
		if found, err := probe.inspect(ctx, dir); err == nil {
			return found.binDir, found.version, nil
		}
	}
	return "", 0, fmt.Errorf("%w: %s", ErrNoPostgres, installAdvice())
}

// installedDirs lists the directories that have a server's programs, best first.
func installedDirs() []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// A link in PATH points to where the other programs and the libraries are.
		if program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			dirs = append(dirs, filepath.Dir(program))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin",          // Red Hat, from PostgreSQL's own packages
		"/usr/lib/postgresql*/bin",  // SUSE
		"/usr/libexec/postgresql*",  // Alpine
		"/usr/local/pgsql/bin",      // built from source
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		dirs = append(dirs, globNewestFirst(pattern)...)
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool {
		return !exists(filepath.Join(dir, "postgres")) || !exists(filepath.Join(dir, "initdb"))
	})
	return unique(dirs)
}

var number = regexp.MustCompile(`\d+`)

// globNewestFirst sorts by the first number in the path, so that 17 comes before 9.
func globNewestFirst(pattern string) []string {
	dirs, _ := filepath.Glob(pattern) // the only error is a malformed pattern
	version := func(dir string) int {
		major, _ := strconv.Atoi(number.FindString(dir))
		return major
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return dirs
}

func unique(dirs []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		again := seen[dir]
		seen[dir] = true
		return again
	})
}

var versionOutput = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect runs the server in binDir for its version, as the user it would serve as: root's own
// programs may be closed to that one.
func (s site) inspect(ctx context.Context, binDir string) (installation, error) {
	found := installation{binDir: binDir}
	output, err := s.run(ctx, nil, "", found.program("postgres"), "-V")
	if err != nil {
		return installation{}, err
	}
	match := versionOutput.FindStringSubmatch(output)
	if match == nil {
		return installation{}, fmt.Errorf("%s is not a PostgreSQL server: it says %q", found.program("postgres"), output)
	}
	found.version, err = strconv.Atoi(match[1])
	if err == nil && found.version < oldestVersion {
		err = fmt.Errorf("PostgreSQL %d in %s is too old: %d or later is needed", found.version, binDir, oldestVersion)
	}
	return found, err
}

// installAdvice says how this machine's package manager installs a server.
func installAdvice() string {
	managers := []struct{ program, command string }{
		{"apt-get", "apt-get install -y postgresql"},
		{"dnf", "dnf install -y postgresql-server"},
		{"yum", "yum install -y postgresql-server"},
		{"zypper", "zypper install -y postgresql-server"},
		{"apk", "apk add postgresql"},
		{"pacman", "pacman -S --noconfirm postgresql"},
		{"brew", "brew install postgresql@17"},
	}
	for _, manager := range managers {
		if _, err := exec.LookPath(manager.program); err != nil {
			continue
		}
		if manager.program == "brew" || os.Geteuid() == 0 {
			return "install it with: " + manager.command
		}
		return "install it with: sudo " + manager.command
	}
	return "install the package of your system that is usually called postgresql"
}
