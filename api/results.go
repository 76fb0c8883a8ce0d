package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/alataw/alataw/internal/parcel"
)

// answer gives the results of a chunk, in the order of its lines.
func (s *stream) answer(chunk []*lines, answers []parcel.Answer) []Result {
	var results []Result
	for _, group := range chunk {
		for _, at := range group.all {
			a := parcel.Answer{}
			if at.fault != nil {
				a.Err = at.fault
			} else {
				a, answers = answers[0], answers[1:]
			}
			s.visit.count(a)
			results = append(results, resultOf(s.index, a))
			s.index++
		}
	}
	return results
}

// unavailable gives the results of a chunk that the queue did not take. Posting its lines again is safe.
func (s *stream) unavailable(ctx context.Context, chunk []*lines, err error) []Result {
	var results []Result
	_, f := classified(ctx, err)
	for _, group := range chunk {
		for i, at := range group.all {
			r := Result{Index: s.index, Status: statusUnavailable, Errors: []FieldError{{Code: f.Code, Detail: f.Detail}}}
			if at.fault == nil {
				d, _ := parcel.Read(group.bytes(i)) // only its name is wanted
				r.OrderNo = d.OrderNo
			}
			results = append(results, r)
			s.index++
		}
	}
	return results
}

// write puts results where the client gets them from, one a line.
func (s *stream) write(results []Result) error {
	if !s.started {
		s.start()
	}
	var buf []byte
	for i := range results {
		data, err := json.Marshal(&results[i], answerOptions)
		if err != nil {
			return fmt.Errorf("encode result: %w", err)
		}
		buf = append(append(buf, data...), '\n')
	}
	s.extend() // a client that sends on may read later
	return s.spool.put(buf)
}

// send writes to the client.
func (s *stream) send(p []byte) error {
	s.extend()
	if _, err := s.out.Write(p); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("send results: %w", err)
	}
	return nil
}

// extend gives the client the door's patience, twice, to take what is being written.
func (s *stream) extend() {
	_ = s.control.SetWriteDeadline(s.door.deps.Now().Add(2 * s.door.cfg.Patience))
}

func (s *stream) start() {
	s.started = true
	h := s.out.Header()
	h.Set("Content-Type", typeNDJSON)
	h.Set("Trailer", trailerAccepted+", "+trailerRefused)
	h.Set("X-Accel-Buffering", "no") // proxies that gather answers would undo the streaming
	s.out.WriteHeader(http.StatusAccepted)
}
