package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Names inside the database server.
const (
	roleName = "alataw" // its owner, a superuser
	// Database is the name of the empty database that a new server is given.
	Database = "alataw"
)

// initialise makes the database of a site that has none. It works in pg.new and renames at the
// end, so that a half-made database is never mistaken for one. A durable one is on disk before.
func (s site) initialise(ctx context.Context, held *os.File, programs installation, durable bool) error {
	scratch := filepath.Join(s.home, newDataName)
	if err := os.RemoveAll(scratch); err != nil { // of an attempt that was cut off
		return err
	}
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return err
	}
	if err := s.initdb(ctx, held, programs, scratch, durable); err != nil {
		return err
	}
	if err := move(filepath.Join(scratch, dataName), s.data()); err != nil {
		return err
	}
	return errors.Join(s.recordLocation(), os.RemoveAll(scratch))
}

func (s site) initdb(ctx context.Context, held *os.File, programs installation, scratch string, durable bool) error {
	password, err := s.newPassword()
	if err != nil {
		return fmt.Errorf("password: %w", err)
	}
	data, passwordFile := filepath.Join(scratch, dataName), filepath.Join(scratch, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return err
	}
	// The directory last: until then nobody could have put a link where we write.
	if err := errors.Join(s.user.own(passwordFile), s.user.own(scratch)); err != nil {
		return err
	}
	args := []string{
		"-D", data, "-U", roleName, "--pwfile", passwordFile, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C", // the same order of strings on every machine
	}
	if !durable {
		args = append(args, "--no-sync")
	}
	if _, err := s.run(ctx, held, "", programs.program("initdb"), args...); err != nil {
		return err
	}
	_, err = s.run(ctx, held, "CREATE DATABASE "+Database+"\n",
		programs.program("postgres"), "--single", "-D", data, "-c", "log_min_messages=error", "postgres")
	return err
}

// walCompression is the cheapest compression of WAL that the build offers: builds may lack lz4,
// and versions before 15 know only one kind.
func (s site) walCompression(ctx context.Context, held *os.File, programs installation) string {
	_, err := s.run(ctx, held, "", programs.program("postgres"), "-D", s.data(), "-C", "wal_compression", "-c", "wal_compression=lz4")
	if err != nil {
		return "on"
	}
	return "lz4"
}
