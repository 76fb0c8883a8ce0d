package watchlist

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/alataw/alataw/internal/fault"
)

const (
	maxLine  = 64 << 10
	maxParty = 1 << 20   // of XML or JSON about one party; the longest published has some 200 KB
	maxFile  = 128 << 20 // after decompressing; the longest list published is under 40 MB
	maxNames = 400_000   // of a list, and records of a file; the longest list published has some 60,000
)

// content is what a list's file holds, decompressed, bounded, and hashed as it is read.
type content struct {
	name string
	in   *bufio.Reader
	hash hash.Hash
}

// openContent looks at a file's first bytes: it decompresses gzip, and refuses what is empty or a web page, which is what
// a publisher's site answers with when the list has moved.
func openContent(file File) (*content, error) {
	c := &content{name: file.Name, hash: sha256.New()}
	raw := bufio.NewReader(file.Reader)
	plain := io.Reader(raw)
	magic, err := raw.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, c.readFault(err, 0)
	}
	if string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, c.readFault(err, 0)
		}
		plain = unzipped
	}
	c.in = bufio.NewReaderSize(io.TeeReader(&limited{plain, maxFile}, c.hash), maxLine)
	start, err := c.in.Peek(256)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, c.readFault(err, 0)
	}
	start = bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\ufeff"))))
	switch {
	case len(bytes.TrimRight(start, "\x1a")) == 0:
		return nil, fault.New(fault.Invalid, "list_empty", "%s is empty", c.name)
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return nil, fault.New(fault.Invalid, "list_malformed", "%s is a web page, not a list", c.name)
	}
	return c, nil
}

func (c *content) sum() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// fault says what is wrong with a line.
func (c *content) fault(line int, format string, args ...any) error {
	return fault.New(fault.Invalid, "list_malformed", "%s, line %d: %s", c.name, line, fmt.Sprintf(format, args...))
}

// truncated says that a file ends too early.
func (c *content) truncated(line int) error {
	return fault.New(fault.Invalid, "list_truncated", "%s, line %d: the file ends too early", c.name, line)
}

// readFault sorts out why a file could not be read on behind a line: only what is not the file's own fault stays unclassified.
func (c *content) readFault(err error, line int) error {
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return c.fault(line, "the line is longer than %d bytes", maxLine)
	case errors.Is(err, errTooLong):
		return c.fault(line, "the file is longer than %d bytes", maxFile)
	case errors.Is(err, errPartyTooLong):
		return c.fault(line, "more than %d bytes are about one party", maxParty)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), isDamage(err):
		return fault.Wrap(err, fault.Invalid, "list_truncated", "%s, after line %d: the file is cut off or damaged", c.name, line)
	}
	return fmt.Errorf("list file %s: %w", c.name, err)
}

var (
	errTooLong      = errors.New("file too long")
	errPartyTooLong = errors.New("too much about one party")
)

// isDamage tells whether decompressing met bytes that no compressor writes.
func isDamage(err error) bool {
	_, is := errors.AsType[flate.CorruptInputError](err)
	return is
}

// limited reads at most left bytes and then fails, where io.LimitReader would pretend that the file ends.
type limited struct {
	in   io.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.in.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// stretch reads on only maxParty bytes behind what has been settled, so that a decoder which keeps a party whole cannot be
// made to keep a file whole. It remembers why it could not be read on: what else a decoder complains of is the file's fault.
type stretch struct {
	in            io.Reader
	read, settled int64
	failed        error
}

func (s *stretch) Read(p []byte) (int, error) {
	room := s.settled + maxParty - s.read
	if room <= 0 {
		s.failed = errPartyTooLong
		return 0, s.failed
	}
	n, err := s.in.Read(p[:min(int64(len(p)), room)])
	s.read += int64(n)
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}
