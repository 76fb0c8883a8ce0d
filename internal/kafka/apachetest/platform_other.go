//go:build !linux

package apachetest

import "syscall"

// dieWithParent does nothing where the kernel cannot tie a child to its parent: after kill -9 of the tests, brokers stay.
func dieWithParent(*syscall.SysProcAttr) {}
