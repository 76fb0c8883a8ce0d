package api

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpoolKeepsOrderThroughItsFile(t *testing.T) {
	t.Parallel()
	s := newSpool()
	var want, have bytes.Buffer
	put := func(n int) {
		p := bytes.Repeat([]byte(fmt.Sprintf("%08d\n", n)), 1000)
		want.Write(p)
		require.NoError(t, s.put(p))
	}
	for n := range 1000 { // 9 MB before anybody takes
		put(n)
	}
	require.Positive(t, s.size, "the file is used")
	var taking sync.WaitGroup
	taking.Go(func() { s.drain(func(p []byte) error { have.Write(p); return nil }) })
	for n := range 1000 {
		put(1000 + n)
	}
	s.end()
	taking.Wait()
	require.NoError(t, s.failed())
	require.True(t, bytes.Equal(want.Bytes(), have.Bytes()))
}

func TestSpoolPassesItsTakersErrorOn(t *testing.T) {
	t.Parallel()
	s := newSpool()
	gone := errors.New("the client is gone")
	require.NoError(t, s.put([]byte("a")))
	s.drain(func([]byte) error { return gone })
	require.ErrorIs(t, s.put([]byte("b")), gone)
	require.ErrorIs(t, s.failed(), gone)
}

func TestSpoolIsBounded(t *testing.T) {
	t.Parallel()
	s := newSpool()
	require.NoError(t, s.put(make([]byte, spoolMemory)))
	require.NoError(t, s.put([]byte("a")))
	require.ErrorIs(t, s.put(make([]byte, spoolFile)), errSpoolFull)
	s.fail(errSpoolFull)
	require.Nil(t, s.file, "its file is closed")
}
