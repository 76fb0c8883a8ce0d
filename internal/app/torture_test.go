package app

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The short form of 'make torture': its seed is fixed, so that it does the same in every run. ALATAW_TORTURE_SEED sets another.
func TestNothingIsLostOrTwiceUnderTorture(t *testing.T) {
	bin := filepath.Join(binaries, "alataw-torture")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-tags", "failpoints", "-o", bin, module[:len(module)-1]).CombinedOutput()
	require.NoError(t, err, "%s", out)
	seed := os.Getenv("ALATAW_TORTURE_SEED")
	if seed == "" {
		seed = "3"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "torture", "--parcels", "3000", "--duration", "24s", "--seed", seed, "--drain", "1m")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it ends what it started
	cmd.WaitDelay = 30 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Run(), "%s", &said)
	require.Regexp(t, `\nlost +0\n`, said.String())
	require.Regexp(t, `\ndoubled +0\n`, said.String())
}
