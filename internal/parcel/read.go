package parcel

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/alataw/alataw/internal/fault"
)

// MaxDocument is the largest declaration taken, in bytes. 99 items of the longest texts fit.
const MaxDocument = 128 << 10

// Read reads one declaration and checks every rule of it. It is used on both sides of the queue, so that both read the same.
// The error is a *fault.Error: Malformed when raw is no JSON object, Invalid with every wrong field at once otherwise.
//
// The declaration's texts share memory with one copy of raw, which is not kept.
func Read(raw []byte) (Declaration, error) {
	if len(raw) > MaxDocument {
		return Declaration{}, fault.New(fault.TooLarge, "declaration_too_large", "a declaration has at most %d bytes", MaxDocument)
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.reset(raw)
	var d Declaration
	r.declaration(&d)
	if err := r.finish(); err != nil {
		return d, err
	}
	check(&d, r)
	if len(r.wrong) > 0 {
		return d, fault.Fields(slices.Clone(r.wrong))
	}
	return d, nil
}

var readers = sync.Pool{New: func() any { return &reader{dec: new(jsontext.Decoder)} }}

// reader walks a document token by token. jsontext guards the grammar, UTF-8 and depth; the walk knows the members,
// so one pass tells all unknown, doubled and wrongly typed ones instead of the first. Measured in docs/adr/0003.
type reader struct {
	dec   *jsontext.Decoder
	in    bytes.Buffer
	text  string // the document, of which every string without an escape is a part
	path  []segment
	wrong []fault.Field
	err   error // the grammar's: nothing more can be read
}

// segment is one step of a JSON pointer: a member's name, or an index.
type segment struct {
	name  string
	index int
}

func (r *reader) reset(raw []byte) {
	r.text = string(raw)
	r.in.Reset()
	r.in.Write(raw)
	// The walk finds doubled members itself, with their pointers.
	r.dec.Reset(&r.in, jsontext.AllowDuplicateNames(true))
	r.path, r.wrong, r.err = r.path[:0], r.wrong[:0], nil
}

// finish tells whether the document was JSON, whole, and with nothing behind it.
func (r *reader) finish() error {
	if r.err == nil {
		if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
			r.err = errors.New("something stands behind the document")
		}
	}
	if r.err == nil {
		return nil
	}
	return fault.Wrap(r.err, fault.Malformed, "malformed_json", "not a JSON document: %s", explain(r.err))
}

// explain turns a grammar error into a sentence without the library's name in it.
func explain(err error) string {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return "it ends too early"
		}
		return err.Error()
	}
	return syntax.Err.Error() + " at byte " + strconv.FormatInt(syntax.ByteOffset, 10)
}

// object walks an object. member reads the value of the i-th of names, and must read exactly one value.
func (r *reader) object(names []string, member func(i int)) {
	if !r.opens('{') {
		return
	}
	var seen uint64
	expected := 0 // most documents keep the order of the contract
	for r.err == nil && r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue() // a name, or the grammar fails
		if err != nil {
			r.err = err
			return
		}
		name := r.unquote(raw)
		i := expected
		if i >= len(names) || names[i] != name {
			i = slices.Index(names, name)
		}
		expected = i + 1
		r.path = append(r.path, segment{name: name, index: -1})
		switch {
		case i < 0:
			r.fault("unknown_field", "there is no such field")
			r.skip()
		case seen&(1<<i) != 0:
			r.fault("duplicate_field", "the field is given twice")
			r.skip()
		default:
			seen |= 1 << i
			member(i)
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.delimiter()
}

// array walks an array. element reads one value. Elements past most are skipped and reported.
func (r *reader) array(most int, element func(i int)) {
	if !r.opens('[') {
		return
	}
	n := 0
	for ; r.err == nil && r.dec.PeekKind() != ']'; n++ {
		if n >= most {
			r.skip()
			continue
		}
		r.path = append(r.path, segment{index: n})
		element(n)
		r.path = r.path[:len(r.path)-1]
	}
	if n > most {
		r.fault(r.name()+".count", "at most "+strconv.Itoa(most)+" are taken, not "+strconv.Itoa(n))
	}
	r.delimiter()
}

// opens reads the start of an object or array; of anything else it reads all, reports it (null is as good as absent), and tells no.
func (r *reader) opens(start jsontext.Kind) bool {
	kind := r.dec.PeekKind()
	if kind == start {
		r.delimiter()
		return r.err == nil
	}
	r.skip()
	if kind != 'n' || len(r.path) == 0 {
		what := map[jsontext.Kind]string{'{': "an object", '[': "an array"}[start]
		r.fault(r.name()+".type", "this must be "+what)
	}
	return false
}

// delimiter reads the start or the end of an object or array.
func (r *reader) delimiter() {
	if r.err == nil {
		_, r.err = r.dec.ReadToken()
	}
}

func (r *reader) skip() {
	if r.err == nil {
		r.err = r.dec.SkipValue()
	}
}

// text reads a string; null leaves it empty.
func (r *reader) textInto(into *string) {
	raw, kind := r.value()
	switch kind {
	case '"':
		*into = r.unquote(raw)
	case 'n', 0:
	default:
		r.fault(r.name()+".type", "this must be a string")
	}
}

// decimalInto reads a decimal from a string or a number, digit by digit.
func (r *reader) decimalInto(into *Decimal) {
	raw, kind := r.value()
	var text string
	switch kind {
	case '"':
		text = r.unquote(raw)
	case '0':
		text = string(raw)
	case 'n', 0:
		return
	default:
		r.fault(r.name()+".type", "this must be a decimal, as a string or a number")
		return
	}
	d, err := ParseDecimal(text)
	if err != nil {
		r.fault(r.name()+".format", ErrDecimal.Error())
		return
	}
	*into = d
}

// wholeInto reads a whole number written without point or exponent.
func wholeInto[T ~int64](r *reader, into *T) {
	raw, kind := r.value()
	switch kind {
	case '0':
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			r.fault(r.name()+".format", "this must be a whole number of a sensible size")
			return
		}
		*into = T(n)
	case 'n', 0:
	default:
		r.fault(r.name()+".type", "this must be a whole number")
	}
}

// value reads any one value; kind 0 means that the grammar failed.
func (r *reader) value() (jsontext.Value, jsontext.Kind) {
	if r.err != nil {
		return nil, 0
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		r.err = err
		return nil, 0
	}
	return raw, raw.Kind()
}

// unquote gives a JSON string's text: the part of the document it stands in, or a decoded copy when it has escapes.
func (r *reader) unquote(raw jsontext.Value) string {
	if len(raw) < 2 {
		return ""
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		end := int(r.dec.InputOffset()) - 1
		return r.text[end-(len(raw)-2) : end]
	}
	decoded, err := jsontext.AppendUnquote(nil, raw)
	if err != nil && r.err == nil {
		r.err = err
	}
	return string(decoded)
}

// fault reports the field the walk stands at; a field is reported once, by the first rule it breaks.
func (r *reader) fault(code, detail string) { r.faultAt(pointer(r.path), code, detail) }

func (r *reader) faultAt(pointer, code, detail string) {
	if slices.ContainsFunc(r.wrong, func(f fault.Field) bool { return f.Pointer == pointer }) {
		return
	}
	r.wrong = append(r.wrong, fault.Field{Pointer: pointer, Code: code, Detail: detail})
}

// name is the nearest member's name, the first word of a code.
func (r *reader) name() string {
	for i := len(r.path) - 1; i >= 0; i-- {
		if r.path[i].index < 0 {
			return r.path[i].name
		}
	}
	return "declaration"
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// pointer prints a path as an RFC 6901 JSON pointer.
func pointer(path []segment) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		if s.index >= 0 {
			b.WriteString(strconv.Itoa(s.index))
		} else {
			b.WriteString(escapePointer.Replace(s.name))
		}
	}
	return b.String()
}
