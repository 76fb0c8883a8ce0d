package embedded

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// systemHome is where databases live whose own directory the database's user cannot reach.
const systemHome = "/var/lib/alataw"

// site is where one database lives and who runs it.
type site struct {
	dir  string // the data directory: password, log, pg.location
	home string // holds pg and pg.sock: dir, or a place that user can reach
	user account
}

func (s site) data() string { return filepath.Join(s.home, dataName) }

// findSite decides where the database of dir lives. A home of mode 0700, such as root's, cannot be
// passed by the user the database runs as; then it goes below system, and pg.location says so.
func findSite(dir, system string) (site, error) {
	moved, err := readLocation(dir)
	if err != nil {
		return site{}, err
	}
	if moved != "" {
		return movedSite(dir, moved)
	}
	s := site{dir: dir, home: dir}
	if s.user, err = accountFor(s.data()); err != nil {
		return site{}, err
	}
	blocked, err := s.user.blockedAt(dir)
	switch {
	case err != nil:
		return site{}, err
	case blocked == "":
		return s, nil
	case exists(s.data()):
		return site{}, s.unreachable(blocked)
	}
	return elsewhere(s, system)
}

// movedSite returns to the place that pg.location names.
func movedSite(dir, home string) (site, error) {
	s := site{dir: dir, home: home}
	if !exists(s.data()) {
		return site{}, fmt.Errorf("the database of %s was kept in %s, which is gone: bring it back, or remove %s to start with an empty one",
			dir, s.data(), filepath.Join(dir, locationName))
	}
	var err error
	if s.user, err = accountFor(s.data()); err != nil {
		return site{}, err
	}
	blocked, err := s.user.blockedAt(home)
	if blocked != "" {
		return site{}, s.unreachable(blocked)
	}
	return s, err
}

// elsewhere makes a home below system, the same for the same data directory and for no other.
func elsewhere(s site, system string) (site, error) {
	sum := sha256.Sum256([]byte(s.dir))
	s.home = filepath.Join(system, hex.EncodeToString(sum[:6]))
	for _, dir := range []string{system, s.home} {
		if err := makeDir(dir); err != nil {
			return site{}, fmt.Errorf("user %s cannot reach %s, and there is no other place for the database: %w", s.user.name, s.dir, err)
		}
	}
	var err error
	if s.user, err = accountFor(s.data()); err != nil {
		return site{}, err
	}
	blocked, err := s.user.blockedAt(s.home)
	if blocked != "" {
		return site{}, s.unreachable(blocked)
	}
	return s, err
}

func (s site) unreachable(blocked string) error {
	return fmt.Errorf("user %s, who runs the database in %s, may not pass %s: allow it with chmod o+x %s", s.user.name, s.home, blocked, blocked)
}

// setAsideStray renames a database that an earlier data directory of the same name left behind
// when it was deleted. It belongs to nothing now, but deleting it is not ours to decide.
func (s site) setAsideStray() (string, error) {
	if s.home == s.dir || !exists(s.data()) || exists(filepath.Join(s.dir, locationName)) {
		return "", nil
	}
	aside, err := os.MkdirTemp(s.home, dataName+".stray-")
	if err != nil {
		return "", err
	}
	return aside, os.Rename(s.data(), filepath.Join(aside, dataName))
}

// recordLocation tells later starts where the database is.
func (s site) recordLocation() error {
	if s.home == s.dir {
		return nil
	}
	return writeDurably(filepath.Join(s.dir, locationName), s.home+"\n")
}

// readLocation returns what pg.location in dir says, "" when there is none.
func readLocation(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, locationName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// newPassword makes the database's password and keeps it in a file only this user can read.
func (s site) newPassword() (string, error) {
	password := rand.Text()
	return password, writeDurably(filepath.Join(s.dir, passwordName), password+"\n")
}

func (s site) password() (string, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, passwordName))
	if err != nil {
		return "", fmt.Errorf("password of the database in %s: %w", s.data(), err)
	}
	return strings.TrimSpace(string(text)), nil
}

// version is the major version of the PostgreSQL that made the database, 0 when there is none yet.
func (s site) version() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) && !exists(s.data()) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s is not a database: %w", s.data(), err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s holds a database of an unknown version: %w", s.data(), err)
	}
	return major, nil
}

// writeDurably puts a file in place, whole and only for us to read.
func writeDurably(path, text string) error {
	file, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return move(path+".tmp", path)
}

// move renames and has the new name on disk when it returns.
func move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
