package api

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
)

const (
	chunkDelay      = 20 * time.Millisecond // how long a line may wait for others to be queued with
	trailerAccepted = "Alataw-Accepted"
	trailerRefused  = "Alataw-Refused"
	unlimited       = math.MaxInt64 / 2
)

// stream takes declarations line by line, and answers line by line while it still reads.
type stream struct {
	door    *door
	visit   *visit
	in      *incoming
	control *http.ResponseController
	out     http.ResponseWriter
	started bool // an answer has been written
	index   int  // of the next line
	chunks  int  // queued so far
	pending *lines
	spool   *spool
	stopped bool // the process ends
}

// declareStream opens a stream of declarations, one JSON document a line.
func (d *door) declareStream(c *gin.Context) (any, error) {
	in, err := openBody(c.Request, unlimited, unlimited)
	if err != nil {
		return nil, err
	}
	owner := caller(c).ID
	if err := d.turns.enter(owner, streamCounts, d.cfg.Posts); err != nil {
		in.Close()
		return nil, err
	}
	s := &stream{door: d, visit: visitOf(c), in: in, spool: newSpool(), control: http.NewResponseController(c.Writer)}
	// The server ends a request's context when reading fails. What came whole before that is still queued and answered for;
	// a client that is gone is noticed by writing to it.
	ctx := context.WithoutCancel(c.Request.Context())
	return streamed(func(w http.ResponseWriter) error {
		defer d.turns.leave(owner, streamCounts)
		defer in.Close()
		s.out = w
		return s.run(ctx)
	}), nil
}

// run reads in one goroutine, writes in another, and queues in this one. It waits for both before it returns.
func (s *stream) run(ctx context.Context) error {
	_ = s.control.EnableFullDuplex() // a recorder in a test always is
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan *lines, 1)
	var crash any
	go func() {
		defer close(read)
		defer func() { crash = recover() }() // a decoder's mistake must not end the process
		s.visit.bodyRead = s.read(ctx, read) && s.in.drained()
	}()
	var writing sync.WaitGroup
	writing.Go(func() { s.spool.drain(s.send) })
	whole, err := s.takeAll(ctx, read)
	cancel()
	if !whole { // the reader may be waiting for a client that waits for us
		_ = s.control.SetReadDeadline(s.door.deps.Now().Add(-time.Second))
	}
	for range read { // until the reader is gone
	}
	s.spool.end()
	writing.Wait()
	if crash != nil {
		panic(crash)
	}
	_ = s.control.SetReadDeadline(time.Time{})
	if !whole || !s.visit.bodyRead { // the deadline may have met the server's own reading, and with it all that would come on this connection
		closeAfter(s.out)
	}
	return s.finish(err)
}

// read reads lines until the end. Between two lines the client has the door's patience, twice: a stream may be slow, not stuck.
// It tells whether it came to the end.
func (s *stream) read(ctx context.Context, to chan<- *lines) bool {
	r := lineReader{in: bufio.NewReaderSize(s.in, 64<<10)}
	room := firstRoom
	for {
		_ = s.control.SetReadDeadline(s.door.deps.Now().Add(2 * s.door.cfg.Patience))
		if ctx.Err() != nil { // run may have set its own deadline just before
			return false
		}
		group := &lines{buf: make([]byte, 0, room)}
		err := r.next(group)
		room = cap(group.buf)
		if err != nil && err != io.EOF && !errors.Is(err, errBarren) { //nolint:errorlint // a wrapped EOF is no clean end
			group.fail(s.whyEnded(err))
			group.all[len(group.all)-1].broken = !r.partial
		}
		if len(group.all) > 0 {
			select {
			case to <- group:
			case <-ctx.Done():
				return false
			}
		}
		if err != nil {
			return true
		}
	}
}

// whyEnded is what the line gets in whose midst, or in whose place, the stream broke off.
func (s *stream) whyEnded(err error) *fault.Error {
	why, _ := errors.AsType[*fault.Error](s.in.explain(err)) // explain always gives one
	return why
}

// takeAll queues and answers what is read. whole tells that everything was read.
func (s *stream) takeAll(ctx context.Context, read <-chan *lines) (whole bool, err error) {
	for {
		chunk, more := s.gather(read)
		if len(chunk) > 0 {
			goOn, err := s.take(ctx, chunk)
			if err != nil || !goOn {
				return false, err
			}
		}
		if s.stopped {
			return false, s.stop()
		}
		if !more {
			return true, nil
		}
	}
}

// stop ends the stream because the process ends. One line says that nothing from it on was taken.
func (s *stream) stop() error {
	closing := fault.New(fault.Unavailable, "closing", "the service is stopping; what has no answer was not taken, post it again")
	if !s.started {
		return closing
	}
	return s.write([]Result{{Index: s.index, Status: statusUnavailable, Errors: itemErrors(closing)}})
}

// gather waits for lines, and a moment more for others to go with them.
func (s *stream) gather(read <-chan *lines) (chunk []*lines, more bool) {
	count := 0
	var timeout <-chan time.Time
	add := func(group *lines) (fits bool) {
		if count+len(group.all) > chunkLines && count > 0 {
			s.pending = group
			return false
		}
		chunk, count = append(chunk, group), count+len(group.all)
		return count < chunkLines
	}
	if group := s.pending; group != nil {
		s.pending, timeout = nil, time.After(chunkDelay)
		if !add(group) {
			return chunk, true
		}
	}
	for {
		select {
		case group, open := <-read:
			if !open {
				return chunk, false
			}
			if timeout == nil {
				timeout = time.After(chunkDelay)
			}
			if !add(group) {
				return chunk, true
			}
		case <-timeout:
			return chunk, true
		case <-s.door.deps.Closing:
			s.stopped = true
			return chunk, false
		}
	}
}

// take queues a chunk and answers for it. When the queue is down, the chunk's lines say so and the stream ends; goOn is false.
// While nothing has been answered yet, that is an error of the whole request.
func (s *stream) take(ctx context.Context, chunk []*lines) (goOn bool, err error) {
	if first := chunk[0].all[0]; first.broken && !s.started {
		return false, first.fault
	}
	answers, err := s.queue(ctx, chunk)
	switch {
	case err != nil && !s.started:
		return false, err
	case err != nil:
		s.visit.err = err
		return false, s.write(s.unavailable(ctx, chunk, err))
	}
	err = s.write(s.answer(chunk, answers))
	return err == nil, err
}

// queue hands a chunk's readable lines to the intake, when the account's rate lets them in.
func (s *stream) queue(ctx context.Context, chunk []*lines) ([]parcel.Answer, error) {
	var orders [][]byte
	size := 0
	for _, group := range chunk {
		size += len(group.buf)
		for i, at := range group.all {
			if at.fault == nil {
				orders = append(orders, group.bytes(i))
			}
		}
	}
	if err := s.door.limits.await(ctx, s.visit.account.ID, len(orders)); err != nil {
		return nil, err
	}
	if err := s.door.mayTake(); err != nil {
		return nil, err
	}
	give, err := s.door.turns.take(ctx, s.visit.account.ID, int64(size)) // however long: who sends waits with us
	if err != nil {
		return nil, err
	}
	defer give()
	s.chunks++
	return s.door.queue(ctx, s.visit.account.ID, requestName(s.visit)+"-"+strconv.Itoa(s.chunks), orders)
}

// finish closes the answer. A stream without one declaration is as wrong as an empty batch.
func (s *stream) finish(err error) error {
	if err = cmp.Or(err, s.spool.failed()); err != nil {
		return err
	}
	if !s.started {
		err := fault.Fields([]fault.Field{{Pointer: "", Code: "parcels.count", Detail: "at least one declaration is needed"}})
		err.Code = "invalid_batch"
		return err
	}
	s.out.Header().Set(trailerAccepted, strconv.Itoa(s.visit.accepted))
	s.out.Header().Set(trailerRefused, strconv.Itoa(s.visit.refused))
	return nil
}
