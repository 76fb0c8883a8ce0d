package api

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/alataw/alataw/internal/fault"
)

// splitter cuts a batch document into its declarations without reading them: what is wrong within one is that one's error.
type splitter struct {
	data   []byte
	dec    *jsontext.Decoder
	orders [][]byte
	seen   bool // the member parcels
	wrong  []fault.Field
}

// splitBatch gives the declarations of a batch document, as parts of data. One that is nested deeper than the decoder goes is
// that one's error too.
func splitBatch(data []byte) ([][]byte, error) {
	orders, err := split(data, data)
	if fault.KindOf(err) != fault.Malformed {
		return orders, err
	}
	if flat, deep := flattened(data); deep {
		return split(data, flat)
	}
	return nil, err
}

// split cuts data where the declarations of shown, which is as long, begin and end.
func split(data, shown []byte) ([][]byte, error) {
	s := splitter{data: data}
	s.dec = jsontext.NewDecoder(bytes.NewBuffer(shown), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := s.document(); err != nil {
		return nil, malformedBatch(err)
	}
	if len(s.wrong) > 0 {
		err := fault.Fields(s.wrong)
		err.Code = "invalid_batch"
		return nil, err
	}
	return s.orders, nil
}

func malformedBatch(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed(syntax.Err.Error()+" at byte "+strconv.FormatInt(syntax.ByteOffset, 10), err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed("it ends too early", err)
	}
	return malformed(err.Error(), err)
}

func (s *splitter) refuse(pointer, code, detail string) {
	s.wrong = append(s.wrong, fault.Field{Pointer: pointer, Code: code, Detail: detail})
}

// document reads the whole document. The error is the grammar's.
func (s *splitter) document() error {
	if kind := s.dec.PeekKind(); kind == '{' {
		if err := s.members(); err != nil {
			return err
		}
	} else {
		if err := s.dec.SkipValue(); err != nil {
			return err
		}
		s.refuse("", "batch.type", `this must be an object with the member "parcels"`)
		s.seen = true
	}
	if !s.seen {
		s.refuse("/parcels", "parcels.required", "this is needed")
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the document")
	}
	return nil
}

func (s *splitter) members() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() == '"' {
		name, err := s.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := s.member(name.String()); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken() // the closing brace
	return err
}

func (s *splitter) member(name string) error {
	switch {
	case name != "parcels":
		s.refuse(string(jsontext.Pointer("").AppendToken(name)), "unknown_field", "there is no such field")
	case s.seen:
		s.refuse("/parcels", "duplicate_field", "the field is given twice")
	case s.dec.PeekKind() == '[':
		s.seen = true
		return s.array()
	default:
		s.seen = true
		s.refuse("/parcels", "parcels.type", "this must be an array")
	}
	return s.dec.SkipValue()
}

func (s *splitter) array() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	n := 0
	for ; s.dec.PeekKind() != ']'; n++ {
		raw, err := s.dec.ReadValue()
		if err != nil {
			return err
		}
		if n < mostInBatch {
			end := int(s.dec.InputOffset())
			s.orders = append(s.orders, s.data[end-len(raw):end:end])
		}
	}
	if n == 0 || n > mostInBatch {
		s.refuse("/parcels", "parcels.count", "1 to "+strconv.Itoa(mostInBatch)+" declarations are taken, not "+strconv.Itoa(n))
	}
	_, err := s.dec.ReadToken()
	return err
}
