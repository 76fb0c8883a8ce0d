package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

// How large bodies may be, in bytes. A batch of a thousand orders of the customary 700 bytes has 0.7 MB.
const (
	maxOrderBody   = parcel.MaxDocument // a declaration, before and after decoding
	maxSmallBody   = 64 << 10           // everything else that is not a batch, before and after decoding
	maxBatchBody   = 32 << 20           // a JSON batch after decoding, and before it when it is not encoded
	maxPackedBatch = 8 << 20            // a JSON batch that is encoded
	serverReads    = 256 << 10          // what net/http reads away behind a handler
	firstRoom      = 4 << 10            // for a body that does not say how long it is
)

// bodies is the memory that request bodies stand in, bounded over all requests and for each account: one cannot take the room
// of all by announcing what it does not send. It is not used twice: the queue may look at an order's bytes for longer than a
// request lasts.
type bodies struct {
	most int64
	each int64
	mu   sync.Mutex
	held int64
	of   map[account.ID]int64
}

func newBodies(most int64) *bodies {
	return &bodies{most: most, each: max(most/4, min(most, 2*(maxBatchBody+1))), of: map[account.ID]int64{}}
}

// body is a request's body, decoded. release must follow.
type body struct {
	data []byte
	from *bodies
	of   account.ID
	held int64
}

// take gives an empty body with room for size bytes.
func (b *bodies) take(of account.ID, size int64) (*body, error) {
	taken := &body{from: b, of: of}
	return taken, taken.resize(size)
}

func (b *body) release() { _ = b.from.claim(b.of, -b.held) } // giving back never fails

// claim takes more room for an account, or gives some back.
func (b *bodies) claim(of account.ID, more int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case more > 0 && b.held+more > b.most:
		return busy()
	case more > 0 && b.of[of]+more > b.each:
		return tooManyPosts("the bodies you have under way take up all the room you may have")
	}
	b.held += more
	if b.of[of] += more; b.of[of] == 0 {
		delete(b.of, of)
	}
	return nil
}

func busy() error {
	err := fault.New(fault.Unavailable, "busy", "too much at once; try again")
	err.RetryAfter = time.Second
	return err
}

// readFrom reads r to its end.
func (b *body) readFrom(r io.Reader) error {
	for {
		if len(b.data) == cap(b.data) {
			if err := b.grow(); err != nil {
				return err
			}
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if err == io.EOF { // a wrapped EOF is no clean end
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grow doubles the room.
func (b *body) grow() error { return b.resize(2 * int64(cap(b.data))) }

// resize gives the body more room, unless all requests together would hold too much.
func (b *body) resize(size int64) error {
	if err := b.from.claim(b.of, size-b.held); err != nil {
		return err
	}
	b.held = size
	b.data = append(make([]byte, 0, size), b.data...)
	return nil
}

// bound gives the client the door's patience to send its body and to take its answer. A request without a body gets no
// deadline for reading: the server reads on to notice that a client leaves, and a deadline would look like that.
func (d *door) bound(c *gin.Context) {
	control := http.NewResponseController(c.Writer)
	now := d.deps.Now()
	until := time.Time{}
	if c.Request.ContentLength != 0 {
		until = now.Add(d.cfg.Patience)
	}
	_ = control.SetReadDeadline(until) // a recorder in a test has no deadlines
	_ = control.SetWriteDeadline(now.Add(2 * d.cfg.Patience))
}

// readBody reads a whole body: at most packed bytes as sent when it is encoded, at most most bytes decoded.
func (d *door) readBody(c *gin.Context, packed, most int64) (*body, error) {
	in, err := openBody(c.Request, packed, most)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := d.bodies.take(caller(c).ID, in.size())
	if err != nil {
		return nil, err
	}
	if err := b.readFrom(in); err != nil {
		b.release()
		return nil, in.explain(err)
	}
	visitOf(c).bodyRead = true
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
	return b, nil
}

// leaveBody prepares an answer for a client whose body nobody has read to its end. The server reads a small rest away by itself.
// For a large or endless one it would keep the answer back, so then it is told not to.
func leaveBody(c *gin.Context) {
	length := c.Request.ContentLength
	if visitOf(c).bodyRead || length == 0 || length > 0 && length <= serverReads {
		return
	}
	_ = http.NewResponseController(c.Writer).EnableFullDuplex()
	closeAfter(c.Writer)
}

// closeAfter has the server close the connection behind this answer, with a moment for the client to read it first. That is what
// it does when a http.MaxBytesReader meets its limit; there is no other way to ask for it once an answer has begun.
func closeAfter(w http.ResponseWriter) {
	for {
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = inner.Unwrap()
	}
	_, _ = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}

// capped stops a reader behind its left bytes.
type capped struct {
	r    io.Reader
	left int64
	over bool
}

var errTooLong = errors.New("longer than allowed")

func (c *capped) Read(p []byte) (int, error) {
	if c.over {
		return 0, errTooLong
	}
	if c.left >= 0 && int64(len(p)) > c.left+1 { // one more tells the end from the limit
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		c.over = true
		return n - 1, errTooLong
	}
	return n, err
}

// explain turns an error of reading a body into what the client may know of it.
func (in *incoming) explain(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	switch {
	case in.sent.over || in.decoded.over:
		return tooLarge(in.most)
	case in.tooDemanding(err):
		return fault.New(fault.TooLarge, "body_too_large", "zstd with a window of over %d MiB is not taken: compress without --long", zstdWindow>>20)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return statusError{http.StatusRequestTimeout, fault.Wrap(err, fault.Malformed, "body_too_slow", "the body did not come in time")}
	case errors.Is(err, io.ErrUnexpectedEOF) || in.encoding == identity:
		return fault.Wrap(err, fault.Malformed, "body_incomplete", "the body ends too early")
	}
	return fault.Wrap(err, fault.Malformed, "malformed_encoding", "the body is not what Content-Encoding says")
}

func tooLarge(most int64) error {
	return fault.New(fault.TooLarge, "body_too_large", "at most %d bytes are taken here, decoded", most)
}
