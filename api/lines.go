package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

const (
	chunkLines = 500      // lines that are queued in one go
	chunkBytes = 1 << 20  // bytes after which lines are handed on, however few
	barrenCap  = 16 << 20 // bytes read without one line that could be taken: an encoded bomb of blanks, or one endless line
)

// line is one line of a stream: a declaration's bytes, or why there are none.
type line struct {
	start, end int
	fault      *fault.Error
	broken     bool // no line at all: the stream broke off here
}

// lines are lines on their way from the reader to the queue.
type lines struct {
	buf []byte
	all []line
}

func (l *lines) full() bool { return len(l.all) >= chunkLines || len(l.buf) >= chunkBytes }

func (l *lines) bytes(i int) []byte {
	at := l.all[i]
	return l.buf[at.start:at.end:at.end]
}

func (l *lines) fail(err *fault.Error) { l.all = append(l.all, line{fault: err}) }

var errBarren = fault.New(fault.TooLarge, "declaration_too_large", "%d bytes came without one declaration; the stream ends here", barrenCap)

// lineReader cuts a stream into lines, in bounded memory whatever comes.
type lineReader struct {
	in      *bufio.Reader
	barren  int  // bytes since the last line that could be taken
	partial bool // the stream broke off within a line
}

// next reads lines: at least one, and with it those that are there already. The error is io.EOF at the end, or the reader's;
// lines read before it are in into.
func (r *lineReader) next(into *lines) error {
	for !into.full() {
		if len(into.all) > 0 && !r.ready() {
			return nil
		}
		if err := r.line(into); err != nil {
			return err
		}
	}
	return nil
}

// ready tells whether a whole line can be read without waiting.
func (r *lineReader) ready() bool {
	there, _ := r.in.Peek(r.in.Buffered())
	return bytes.IndexByte(there, '\n') >= 0
}

// line reads one line. An empty one is passed over. What stands behind the last newline is a line too, unless the reader
// says that more should have come.
func (r *lineReader) line(into *lines) error {
	start, tooLong := len(into.buf), false
	for {
		part, err := r.in.ReadSlice('\n')
		r.barren += len(part)
		into.buf = append(into.buf, part...)
		if blank := len(bytes.TrimSpace(into.buf[start:])) == 0; blank || tooLong || len(into.buf)-start > parcel.MaxDocument+2 {
			tooLong = tooLong || !blank
			into.buf = into.buf[:start] // not kept
		}
		if r.barren > barrenCap {
			into.fail(errBarren)
			return errBarren
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		r.add(into, start, tooLong, err)
		return err
	}
}

// add notes the line that ended with err, which is nil behind a newline.
func (r *lineReader) add(into *lines, start int, tooLong bool, err error) {
	text := bytes.TrimSpace(into.buf[start:])
	switch {
	case err != nil && err != io.EOF: //nolint:errorlint // a wrapped EOF is no clean end
		r.partial = tooLong || len(text) > 0
		into.buf = into.buf[:start]
		return // it is not whole; whoever sees err says so
	case tooLong:
		into.fail(fault.New(fault.TooLarge, "declaration_too_large", "a declaration has at most %d bytes", parcel.MaxDocument))
		return
	case len(text) == 0:
		return
	}
	r.barren = 0
	copy(into.buf[start:], text)
	into.buf = into.buf[:start+len(text)]
	into.all = append(into.all, line{start: start, end: len(into.buf)})
}
