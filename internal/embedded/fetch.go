package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// fetchPatience bounds the download of some 15 MB.
const fetchPatience = 10 * time.Minute

// fetch brings the programs of one major version (0: the newest) into the cache.
func (s site) fetch(ctx context.Context, repository, cache string, major int) (installation, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	version, err := release(major)
	if err != nil {
		return installation{}, err
	}
	if err := s.makeCache(cache); err != nil {
		return installation{}, err
	}
	staging, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return installation{}, err
	}
	defer os.RemoveAll(staging)
	if err := download(ctx, repository, staging, version); err != nil {
		return installation{}, err
	}
	home := filepath.Join(cache, string(version))
	if err := openToAll(filepath.Join(staging, "programs")); err != nil {
		return installation{}, err
	}
	// Another process may have been quicker; its copy is as good.
	if err := os.Rename(filepath.Join(staging, "programs"), home); err != nil && !exists(home) {
		return installation{}, err
	}
	return s.inspect(ctx, filepath.Join(home, "bin"))
}

// makeCache makes the cache, and checks that the database's user will be able to read it.
func (s site) makeCache(cache string) error {
	for _, dir := range []string{filepath.Dir(cache), cache} {
		if err := makeDir(dir); err != nil {
			return err
		}
	}
	blocked, err := s.user.blockedAt(cache)
	if blocked != "" {
		return fmt.Errorf("user %s, who runs the database, may not pass %s on the way to %s", s.user.name, blocked, cache)
	}
	return err
}

// download has the library fetch and unpack the programs into staging/programs. It has no call
// for that alone: its Start goes on to make a database, for which it is given an encoding that
// does not exist, so that its initdb refuses, for root and others alike. That refusal is how we
// know that the unpacking is complete.
func download(ctx context.Context, repository, staging string, version embeddedpostgres.PostgresVersion) error {
	base := embeddedpostgres.DefaultConfig()
	if repository == "" {
		repository = defaultRepository(base)
	}
	relay, err := startRelay(ctx, strings.TrimSuffix(repository, "/"))
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return errors.Join(err, relay.stop())
	}
	err = embeddedpostgres.NewDatabase(base.
		Version(version).
		BinaryRepositoryURL(relay.url()).
		CachePath(filepath.Join(staging, "archive")).
		BinariesPath(filepath.Join(staging, "programs")).
		RuntimePath(filepath.Join(staging, "runtime")).
		DataPath(filepath.Join(staging, "runtime", "data")).
		Encoding("no-such-encoding").
		Port(port).
		Logger(nil)).Start()
	if cause := relay.stop(); cause != nil {
		return cause
	}
	if err != nil && !strings.HasPrefix(err.Error(), "unable to init database") {
		return err
	}
	return nil
}

// defaultRepository reads the one setting of the library that it does not show, rather than
// repeating it here.
func defaultRepository(config embeddedpostgres.Config) string {
	return reflect.ValueOf(config).FieldByName("binaryRepositoryURL").String()
}

// release is the version to fetch for a major version.
func release(major int) (embeddedpostgres.PostgresVersion, error) {
	switch major {
	case 0, 18:
		return embeddedpostgres.V18, nil
	case 17:
		return embeddedpostgres.V17, nil
	case 16:
		return embeddedpostgres.V16, nil
	case 15:
		return embeddedpostgres.V15, nil
	case 14:
		return embeddedpostgres.V14, nil
	case 13:
		return embeddedpostgres.V13, nil
	}
	return "", fmt.Errorf("version %d, which made the database, is not offered", major)
}

// freePort finds the free TCP port that the library asks for, though it never gets to use it.
func freePort() (uint32, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return uint32(port), listener.Close()
}

// openToAll lets every user read the unpacked programs, whatever the umask was.
func openToAll(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 || entry.IsDir() {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
