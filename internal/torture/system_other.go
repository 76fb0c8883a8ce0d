//go:build !linux

package torture

import (
	"errors"
	"os/exec"
)

// tie does nothing where the kernel cannot tie a child to its parent.
func tie(*exec.Cmd) {}

// canFill tells whether this system lets one process bound another's files.
const canFill = false

func fill(int, uint64) error { return errors.ErrUnsupported }

func unfill(int) error { return errors.ErrUnsupported }

// family is a process; its children are not known here.
func family(pid int) []int { return []int{pid} }
