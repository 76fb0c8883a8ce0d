package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// choose returns the programs to serve s with: those of the version that made its database, or for
// a new one the first found. Where nothing is installed they are fetched.
func (cfg PostgresConfig) choose(ctx context.Context, s site) (installation, error) {
	made, err := s.version()
	if err != nil {
		return installation{}, err
	}
	if cfg.BinDir != "" {
		found, err := s.inspect(ctx, cfg.BinDir)
		if err != nil {
			return installation{}, err
		}
		return found, s.checkVersion(found, made)
	}
	cache, err := cfg.cacheDir(s)
	if err != nil {
		return installation{}, err
	}
	found, err := s.firstMatch(ctx, append(cfg.places(), fetchedDirs(cache)...), made)
	if !errors.Is(err, ErrNoPostgres) {
		return found, err
	}
	loggerOr(cfg.Log).InfoContext(ctx, "fetching PostgreSQL, none is installed", "to", cache)
	fetched, fetchErr := s.fetch(ctx, cfg.Repository, cache, made)
	if fetchErr != nil {
		return installation{}, fmt.Errorf("%w, nor could one be fetched: %w; %s", err, fetchErr, installAdvice())
	}
	return fetched, nil
}

// firstMatch returns the first installation of the version wanted, of any version when that is 0.
// ErrVersion when there are only others, ErrNoPostgres when there is none that could serve.
func (s site) firstMatch(ctx context.Context, binDirs []string, wanted int) (installation, error) {
	misfit := ErrNoPostgres
	for _, dir := range binDirs {
		found, err := s.inspect(ctx, dir)
		switch {
		case ctx.Err() != nil:
			return installation{}, ctx.Err()
		case err != nil && !errors.Is(misfit, ErrVersion):
			misfit = fmt.Errorf("%w that can serve: %w", ErrNoPostgres, err)
		case err != nil:
			continue
		case s.checkVersion(found, wanted) == nil:
			return found, nil
		case !errors.Is(misfit, ErrVersion):
			misfit = s.checkVersion(found, wanted)
		}
	}
	return installation{}, misfit
}

// checkVersion refuses to serve a database with another major version than made it, which
// PostgreSQL cannot do. made is 0 when there is no database yet.
func (s site) checkVersion(found installation, made int) error {
	if made == 0 || made == found.version {
		return nil
	}
	return fmt.Errorf("the database in %s was %w: version %d made it, version %d is in %s; install PostgreSQL %d, or move %s away to start with an empty database",
		s.data(), ErrVersion, made, found.version, found.binDir, made, s.data())
}

// cacheDir is where fetched programs are kept: where the database's user can read them.
func (cfg PostgresConfig) cacheDir(s site) (string, error) {
	switch {
	case cfg.CacheDir != "":
		return filepath.Abs(cfg.CacheDir)
	case s.user.switched:
		return systemCache, nil
	}
	home, homeErr := os.UserHomeDir()
	base, err := os.UserCacheDir()
	if homeErr == nil && err == nil && exists(home) {
		return filepath.Join(base, "alataw", "postgres"), nil
	}
	return filepath.Join(s.dir, "cache"), nil // a system user without a home
}

// places are the directories to look into for installed programs.
func (cfg PostgresConfig) places() []string {
	if cfg.binDirs != nil {
		return cfg.binDirs
	}
	return installedDirs()
}

// fetchedDirs are the directories with programs that earlier starts fetched.
func fetchedDirs(cache string) []string {
	return globNewestFirst(filepath.Join(cache, "[0-9]*", "bin"))
}
