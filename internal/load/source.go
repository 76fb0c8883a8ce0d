package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Source gives orders one by one.
type Source interface {
	// Next gives the JSON object of the next order, io.EOF after the last one.
	// The bytes are the source's own and hold until the next call. It is called by one goroutine at a time.
	Next() (order []byte, err error)
}

// Measured is a Source that knows how far it has come, for a progress bar. Done and total are in one unit of the source's choice
// (bytes, orders); total 0 is unknown. Far may be called by another goroutine than Next.
type Measured interface {
	Far() (done, total int64)
}

// maxLine is the longest order read from a file, in bytes: far more than any door takes.
const maxLine = 4 << 20

// Stdin is the path that names the standard input.
const Stdin = "-"

// FileSource reads NDJSON files one after the other: plain, gzip or zstd, told apart by their first bytes.
// Blank lines are passed over. A line that is no whole JSON object, and a compressed file that is cut off, end it with an error
// that names file and line; the orders before it have been given.
type FileSource struct {
	stdin io.Reader
	paths []string
	total int64
	read  atomic.Int64

	open *lines
}

// Files makes a source of the named files; the path "-" is stdin. A file that is not there is told now, not when its turn comes.
func Files(stdin io.Reader, paths ...string) (*FileSource, error) {
	f := &FileSource{stdin: stdin, paths: paths}
	known := true
	for _, path := range paths {
		if path == Stdin {
			known = false
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("orders: %w", err)
		}
		if info.IsDir() {
			return nil, fmt.Errorf("orders: %s is a folder", path)
		}
		known = known && info.Mode().IsRegular()
		f.total += info.Size()
	}
	if !known {
		f.total = 0
	}
	return f, nil
}

// Next gives the next line.
func (f *FileSource) Next() ([]byte, error) {
	for {
		if f.open == nil {
			if len(f.paths) == 0 {
				return nil, io.EOF
			}
			if err := f.openNext(); err != nil {
				return nil, err
			}
		}
		line, err := f.open.next()
		if !errors.Is(err, io.EOF) {
			return line, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// Far gives the bytes read, as they stand in the files, and the size of all files; 0 when stdin is one of them.
func (f *FileSource) Far() (done, total int64) { return f.read.Load(), f.total }

// Close closes the file being read, if any.
func (f *FileSource) Close() error {
	if f.open == nil {
		return nil
	}
	open := f.open
	f.open = nil
	return open.close()
}

func (f *FileSource) openNext() error {
	path := f.paths[0]
	f.paths = f.paths[1:]
	if path == Stdin {
		return f.start("standard input", io.NopCloser(f.stdin))
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return f.start(path, file)
}

func (f *FileSource) start(name string, file io.ReadCloser) error {
	open, err := openLines(name, file, &f.read)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.open = open
	return nil
}

// lines reads one file.
type lines struct {
	name   string
	number int // of the line last read, from 1
	in     *bufio.Reader
	long   []byte // a line longer than the reader's buffer
	closes []func() error
}

func openLines(name string, file io.ReadCloser, read *atomic.Int64) (*lines, error) {
	l := &lines{name: name, closes: []func() error{file.Close}}
	packed := bufio.NewReaderSize(counting{file, read}, 64<<10)
	plain, err := l.unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.in = bufio.NewReaderSize(plain, 256<<10)
	if start, err := l.in.Peek(3); err == nil && string(start) == "\xef\xbb\xbf" { // a byte order mark, as Windows' editors write it
		_, _ = l.in.Discard(3)
	}
	return l, nil
}

// unpack looks at the first bytes. A file too short to tell, or that cannot be read, is left to the reading of lines.
func (l *lines) unpack(packed *bufio.Reader) (io.Reader, error) {
	start, _ := packed.Peek(4)
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		in, err := gzip.NewReader(packed)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", torn(err))
		}
		return in, nil
	case bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		in, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(512<<20))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", torn(err))
		}
		l.closes = append(l.closes, func() error { in.Close(); return nil })
		return in, nil
	default:
		return packed, nil
	}
}

// next gives the next line that is not blank.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.line()
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return nil, fmt.Errorf("%s:%d: %w", l.name, l.number, torn(err))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if !wholeObject(line) {
				return nil, fmt.Errorf("%s:%d: %w", l.name, l.number, ErrNotAnOrder)
			}
			return line, nil
		}
		if ended {
			return nil, io.EOF
		}
	}
}

// ErrNotAnOrder tells that a line of a file is no whole JSON object: cut off, or not NDJSON at all.
var ErrNotAnOrder = errors.New("this line is not one whole JSON object")

// line reads up to the next line feed. The last line may have none, and comes with io.EOF.
func (l *lines) line() ([]byte, error) {
	l.number++
	l.long = l.long[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			if len(l.long) == 0 {
				return part, err
			}
			l.long = append(l.long, part...)
			return l.long, err
		}
		l.long = append(l.long, part...)
		if len(l.long) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
	}
}

func (l *lines) close() error {
	var errs []error
	for i := len(l.closes) - 1; i >= 0; i-- {
		errs = append(errs, l.closes[i]())
	}
	return errors.Join(errs...)
}

// ErrTorn tells that a compressed file ends in its middle.
var ErrTorn = errors.New("the compressed file is cut off")

func torn(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return err
}

// counting counts what is read of a file, packed as it is.
type counting struct {
	in   io.Reader
	read *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.read.Add(int64(n))
	return n, err
}
