package apachetest

import (
	"os/exec"
	goruntime "runtime"
	"syscall"
)

// process is a child of ours.
type process struct {
	command *exec.Cmd
	done    chan struct{} // closed when it has ended
}

// launch starts command on a thread that lives as long as the child: the kernel ties the child's life to that thread.
// It gets a process group of its own, so that Ctrl-C reaches only us.
func launch(command *exec.Cmd) (*process, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(command.SysProcAttr)
	p := &process{command: command, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		goruntime.LockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // how a broker ended is in its log
			close(p.done)
		}
	}()
	return p, <-started
}
