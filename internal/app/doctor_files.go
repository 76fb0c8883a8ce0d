package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/alataw/alataw/internal/embedded"
)

// Of the disk under the data directory, what should be free.
const (
	leastFree   = 1 << 30
	scarceFree  = 5 << 30
	scarceShare = 10 // in a hundred
)

// examineFiles looks at the data directory of an embedded installation.
func examineFiles(cfg *Config) []finding {
	if len(cfg.Kafka.Brokers) > 0 && cfg.Database.URL != "" {
		return nil
	}
	return []finding{secretFiles(cfg.DataDir), space(cfg.DataDir)}
}

// secretFiles must be read by their owner only.
func secretFiles(dir string) finding {
	var open []string
	for _, name := range append([]string{keysName, whereaboutsName}, embedded.Secrets()...) {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return unanswered("secret files", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%04o)", filepath.Join(dir, name), info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		return finding{"secret files", broken, "others may read " + strings.Join(open, ", "), "chmod 600 them, and revoke the keys if somebody has"}
	}
	return finding{"secret files", fine, "read by their owner only", ""}
}

func space(dir string) finding {
	free, all, err := freeSpace(dir)
	if err != nil {
		return finding{"disk", doubt, "its space is not known: " + oneLine(err), "look yourself"}
	}
	f := finding{"disk", fine, fmt.Sprintf("%s free of %s", bytesText(free), bytesText(all)), "free some, or move the data directory"}
	switch {
	case free < leastFree:
		f.Level = broken
	case free < scarceFree && free*100 < all*scarceShare:
		f.Level = doubt
	}
	return f
}
