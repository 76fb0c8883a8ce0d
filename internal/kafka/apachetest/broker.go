package apachetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// runtime is a Java with Kafka's jars.
type runtime struct{ program, classPath string }

// small makes a broker fit beside others on a small machine; Kafka's own scripts would take a gigabyte for each.
var small = []string{"-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"}

// broker is one broker, which is a controller too.
type broker struct {
	id    int
	dir   string
	java  runtime
	ports [len(listeners)]int

	process *process // nil before the first start
	asked   bool     // to end: then it has not ended by itself
}

func (b *broker) settings() string { return filepath.Join(b.dir, "server.properties") }
func (b *broker) logging() string  { return filepath.Join(b.dir, "log4j2.properties") }
func (b *broker) log() string      { return filepath.Join(b.dir, "broker.log") }
func (b *broker) data() string     { return filepath.Join(b.dir, "data") }

func (b *broker) address(which listener) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.ports[which]))
}

func (b *broker) command(main string, args ...string) []string {
	all := append([]string{b.java.program}, small...)
	all = append(all, "-Dlog4j2.configurationFile="+b.logging(), "-cp", b.java.classPath, main)
	return append(all, args...)
}

// tool runs one of Kafka's tools and gives what it said.
func (b *broker) tool(ctx context.Context, main string, args ...string) (string, error) {
	line := b.command(main, args...)
	said, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput()
	return string(said), err
}

// start starts the broker's process; it serves some seconds later.
func (b *broker) start() error {
	if b.running() {
		return errors.New("it runs already")
	}
	log, err := os.OpenFile(b.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own
	line := b.command("kafka.Kafka", b.settings())
	command := exec.Command(line[0], line[1:]...) //nolint:noctx // it lives until it is told to end
	command.Dir, command.Stdout, command.Stderr = b.dir, log, log
	b.asked = false
	b.process, err = launch(command)
	return err
}

func (b *broker) running() bool {
	if b.process == nil {
		return false
	}
	select {
	case <-b.process.done:
		return false
	default:
		return true
	}
}

// ended tells of a broker that is down and was not asked to be.
func (b *broker) ended() bool { return b.process != nil && !b.asked && !b.running() }

// kill ends the process without warning and waits until it is gone.
func (b *broker) kill() error {
	if err := b.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-b.process.done
	return nil
}

// stop asks the process to end, and kills it when it does not before ctx ends.
func (b *broker) stop(ctx context.Context) error {
	if err := b.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-b.process.done:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("it did not stop and was killed: %w", context.Cause(ctx)), b.kill())
	}
}

func (b *broker) signal(how syscall.Signal) error {
	if !b.running() {
		return errors.New("it is down already")
	}
	b.asked = true
	if err := b.process.command.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// lastWords is the end of the broker's log.
func (b *broker) lastWords() string {
	const most = 40
	text, err := os.ReadFile(b.log())
	if err != nil {
		return fmt.Sprintf("broker %d said nothing", b.id)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Sprintf("broker %d at last:\n%s", b.id, strings.Join(lines[max(0, len(lines)-most):], "\n"))
}
