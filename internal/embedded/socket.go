package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxSocketPath is the longest socket path that every platform takes: sun_path has 104 bytes on
// macOS and 108 on Linux, the closing zero included.
const maxSocketPath = 103

// socketDir makes the directory of the server's Unix socket, private to the database's user:
// beside the data, or in a short private place when that path is too long for a socket.
func (s site) socketDir(port int) (string, error) {
	dir := filepath.Join(s.home, socketName)
	if fitsSocket(dir, port) {
		return dir, s.makePrivate(dir)
	}
	sum := sha256.Sum256([]byte(s.home))
	name := "alataw-" + hex.EncodeToString(sum[:6])
	base := s.shortBase(name, port)
	err := s.makePrivate(filepath.Join(base, name))
	if !errors.Is(err, errNotPrivate) {
		return filepath.Join(base, name), err
	}
	// Somebody else made that name first in a directory that all may write to.
	dir, err = os.MkdirTemp(base, name+"-")
	if err != nil {
		return "", err
	}
	return dir, s.user.own(dir)
}

// shortBase is the user's runtime directory or the directory of temporary files.
func (s site) shortBase(name string, port int) string {
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); !s.user.switched && s.ownsPrivately(runtime) && fitsSocket(filepath.Join(runtime, name), port) {
		return runtime
	}
	if temp := os.TempDir(); fitsSocket(filepath.Join(temp, name+"-0123456789"), port) {
		if blocked, err := s.user.blockedAt(temp); blocked == "" && err == nil {
			return temp
		}
	}
	return "/tmp"
}

// fitsSocket also refuses what PostgreSQL's list of directories, or a client's list of hosts,
// would take apart.
func fitsSocket(dir string, port int) bool {
	path := filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(port))
	return filepath.IsAbs(dir) && len(path) <= maxSocketPath && !strings.ContainsAny(path, "\", \t\n")
}

var errNotPrivate = errors.New("not private")

// makePrivate makes dir for the database's user alone, or checks that the one already there is:
// in a directory all may write to, somebody else may have put his own in its place.
func (s site) makePrivate(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return s.user.own(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if s.ownsPrivately(dir) {
		return nil
	}
	info, err := os.Lstat(dir)
	if err == nil && info.IsDir() && info.Sys().(*syscall.Stat_t).Uid == uint32(os.Geteuid()) {
		return errors.Join(os.Chmod(dir, 0o700), s.user.own(dir)) // ours, left half made
	}
	return fmt.Errorf("%s is %w", dir, errors.Join(errNotPrivate, err))
}

// ownsPrivately tells whether dir is a directory of the database's user that nobody else may use.
func (s site) ownsPrivately(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 && info.Sys().(*syscall.Stat_t).Uid == s.user.uid
}
