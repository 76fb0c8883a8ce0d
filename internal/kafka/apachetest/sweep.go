package apachetest

import (
	"os"
	"path/filepath"
	"time"
)

// dirPattern names the directories of clusters.
const dirPattern = "alataw-apachetest-"

// abandoned is the age of a directory that no test can still be using.
const abandoned = 6 * time.Hour

// sweep removes the directories of tests that did not come to removing them.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPattern+"*")) // the pattern is well-formed
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.RemoveAll(dir) // another user's is not ours to remove
		}
	}
}
