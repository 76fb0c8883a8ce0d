package apachetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// repositoryVariable names a mirror of Maven Central.
	repositoryVariable = "MAVEN_REPOSITORY"
	mavenCentral       = "https://repo1.maven.org/maven2"

	fetchAtOnce  = 6
	fetchTries   = 4
	fetchBackoff = 500 * time.Millisecond
	jarPatience  = time.Minute
)

// repository is where jars are fetched from.
func repository() string {
	if named := os.Getenv(repositoryVariable); named != "" {
		return strings.TrimSuffix(named, "/")
	}
	return mavenCentral
}

// cacheDir is where the jars of a version are kept between runs.
func cacheDir(version string) string {
	base, err := os.UserCacheDir()
	if err != nil { // a system user without a home
		base = os.TempDir()
	}
	return filepath.Join(base, "alataw", "kafka-"+version)
}

// fetch brings into dir those jars that are not there whole. Many may do so at once: each file appears complete or not at all.
func fetch(ctx context.Context, from, dir string, jars []jar) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchAtOnce)
	for _, j := range jars {
		group.Go(func() error {
			if sum, err := sumOf(filepath.Join(dir, j.name())); err == nil && sum == j.sum {
				return nil
			}
			if err := fetchJar(ctx, from, dir, j); err != nil {
				return fmt.Errorf("fetch %s from %s (%s names another): %w", j.name(), from, repositoryVariable, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// fetchJar tries a few times: repositories turn crowds away for a moment.
func fetchJar(ctx context.Context, from, dir string, j jar) error {
	var err error
	for try := range fetchTries {
		if err = download(ctx, from+"/"+j.path, filepath.Join(dir, j.name()), j.sum); err == nil || !passing(err) {
			return err
		}
		select {
		case <-time.After(fetchBackoff << try):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
	return err
}

// passing tells of an error that may be gone the next time: everything but a wrong content or address.
func passing(err error) bool {
	status, is := errors.AsType[statusError](err)
	if is {
		return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
	}
	return !errors.Is(err, errContent)
}

var errContent = errors.New("the content is not what is pinned")

type statusError int

func (e statusError) Error() string { return http.StatusText(int(e)) }

// download writes what url gives to file, when its sum is right.
func download(ctx context.Context, url, file, sum string) error {
	ctx, cancel := context.WithTimeout(ctx, jarPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return statusError(response.StatusCode)
	}
	return keep(response.Body, file, sum)
}

// keep writes content beside file, and moves it there when it is whole.
func keep(content io.Reader, file, sum string) error {
	next, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(next.Name()) }() // it is gone when it has been moved
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(next, hash), content)
	if err = errors.Join(err, next.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != sum {
		return fmt.Errorf("%w: SHA-256 %s instead of %s", errContent, got, sum)
	}
	return os.Rename(next.Name(), file)
}
