//go:build linux || darwin

package app

import (
	"fmt"
	"syscall"
)

// freeSpace tells how many bytes may be written below dir, and how large its disk is.
func freeSpace(dir string) (free, all int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("disk of %s: %w", dir, err)
	}
	block := int64(s.Bsize) //nolint:unconvert // it is narrower on other systems
	return int64(s.Bavail) * block, int64(s.Blocks) * block, nil
}
