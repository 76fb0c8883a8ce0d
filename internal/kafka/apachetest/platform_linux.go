package apachetest

import "syscall"

// dieWithParent has the kernel kill the child when the thread that started it ends, also by kill -9.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
