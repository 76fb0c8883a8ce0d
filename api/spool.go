package api

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const (
	spoolMemory = 1 << 20   // bytes of unread answers that stay in memory
	spoolFile   = 512 << 20 // bytes of unread answers that a file takes: some five million lines
	spoolPiece  = 64 << 10  // bytes read back at a time
)

// spool holds answers that the client has not read yet. Many clients send a whole body before they read a byte: waiting for
// them to read would keep both sides waiting for ever. What memory does not take goes to a file without a name.
type spool struct {
	mu     sync.Mutex
	change sync.Cond
	memory []byte // goes out before the file
	file   *os.File
	unread int64 // where the unread part of the file begins
	size   int64 // of the file
	done   bool  // nothing more comes
	err    error // of who takes
}

func newSpool() *spool {
	s := new(spool)
	s.change.L = &s.mu
	return s
}

var errSpoolFull = errors.New("the client reads none of its answers")

// put adds an answer. The error is the taker's, or the file's.
func (s *spool) put(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change.Signal()
	switch {
	case s.err != nil:
		return s.err
	case s.size == 0 && len(s.memory)+len(p) <= spoolMemory:
		s.memory = append(s.memory, p...)
		return nil
	case s.size+int64(len(p)) > spoolFile:
		return errSpoolFull
	}
	return s.putInFile(p)
}

func (s *spool) putInFile(p []byte) error {
	if s.file == nil {
		file, err := os.CreateTemp("", "alataw-answers-")
		if err != nil {
			return fmt.Errorf("spool answers: %w", err)
		}
		s.file = file
		if err := os.Remove(file.Name()); err != nil { // it lives as long as it is open
			return fmt.Errorf("spool answers: %w", err)
		}
	}
	n, err := s.file.WriteAt(p, s.size)
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("spool answers: %w", err)
	}
	return nil
}

// end says that nothing more comes.
func (s *spool) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	s.change.Signal()
}

// drain gives everything to write, in order, until the end. It stops at the first error, which every later put gives too.
func (s *spool) drain(write func([]byte) error) {
	var piece []byte
	for {
		var err error
		if piece, err = s.take(piece); err == nil {
			err = write(piece)
		}
		if err != nil {
			s.fail(err)
			return
		}
	}
}

// take waits for answers and gives the oldest. It takes used as room for the next ones. The error at the end is io.EOF.
func (s *spool) take(used []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.memory) == 0 && s.size == 0 && !s.done {
		s.change.Wait()
	}
	switch {
	case len(s.memory) > 0:
		piece := s.memory
		s.memory = used[:0]
		return piece, nil
	case s.size > 0:
		return s.takeFromFile(used)
	}
	return nil, io.EOF
}

func (s *spool) takeFromFile(used []byte) ([]byte, error) {
	n := min(s.size-s.unread, spoolPiece)
	if int64(cap(used)) < n {
		used = make([]byte, n)
	}
	piece := used[:n]
	if _, err := s.file.ReadAt(piece, s.unread); err != nil {
		return nil, fmt.Errorf("read spooled answers: %w", err)
	}
	if s.unread += n; s.unread == s.size {
		s.unread, s.size = 0, 0
		if err := s.file.Truncate(0); err != nil {
			return nil, fmt.Errorf("empty the spool: %w", err)
		}
	}
	return piece, nil
}

func (s *spool) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	if s.file != nil {
		_ = s.file.Close() // its content is of no use any more
		s.file, s.size = nil, 0
	}
}

// failed is why not everything was taken; nil when it was.
func (s *spool) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}
