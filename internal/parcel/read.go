package parcel

import (
	"errors"
	"slices"
	"strconv"
	"unsafe"

	"github.com/alataw/alataw/internal/fault"
)

// MaxDocument is the largest declaration taken, in bytes. 99 items of the longest texts fit.
const MaxDocument = 128 << 10

// Read reads one declaration and checks every rule of it. It is used on both sides of the queue, so that both read the same.
// The error is a *fault.Error: Malformed when raw is no JSON object, Invalid with every wrong field at once otherwise.
//
// The declaration's texts share memory with one copy of raw, which is not kept.
func Read(raw []byte) (Declaration, error) { return read(string(raw)) }

// read reads a declaration whose texts are parts of doc.
func read(doc string) (d Declaration, err error) {
	if len(doc) > MaxDocument {
		return d, fault.New(fault.TooLarge, "declaration_too_large", "a declaration has at most %d bytes", MaxDocument)
	}
	r := reader{scanner: scanner{text: doc}}
	r.declaration(&d)
	if err := r.finish(); err != nil {
		return d, err
	}
	check(&d, &r)
	if len(r.wrong) > 0 {
		return d, fault.Fields(r.wrong)
	}
	return d, nil
}

// view is raw as a text, without a copy: raw must not change as long as the text or a part of it lives. Of a record's journey the two
// copies that this saves are a tenth of the reading.
func view(raw []byte) string { return unsafe.String(unsafe.SliceData(raw), len(raw)) }

// reader walks a document by the members it knows. The scanner guards grammar, UTF-8 and depth; so one pass tells all unknown, doubled and
// wrongly typed members instead of the first. Measured in docs/adr/0017.
type reader struct {
	scanner
	path  path
	wrong []fault.Field
}

// finish tells whether the document was JSON, whole, and with nothing behind it.
func (r *reader) finish() error {
	if r.err == nil && !r.end() {
		r.err = errors.New("something stands behind the document")
	}
	if r.err == nil {
		return nil
	}
	return fault.Wrap(r.err, fault.Malformed, "malformed_json", "not a JSON document: %s", r.err)
}

// object walks an object. read reads the value of the i-th of its members, and must read exactly one value.
func (r *reader) object(m *members, read func(i int)) {
	if !r.opens('{') {
		return
	}
	var seen uint64
	i := -1
	here := r.path.down()
	for more := r.first('}'); more; more = r.more('}') {
		r.peek()
		r.path.steps[here] = step(r.at)
		i = r.member(m, i+1) // most documents keep the order of the contract
		switch {
		case i < 0:
			r.fault("unknown_field", "there is no such field")
			r.skip(r.path.depth)
		case seen&(1<<i) != 0:
			r.fault("duplicate_field", "the field is given twice")
			r.skip(r.path.depth)
		default:
			seen |= 1 << i
			read(i)
		}
	}
	r.path.depth = here
}

// member reads a member's name and the colon behind it, and gives which of m's it is, -1 for none. It tries the expected one first.
func (r *reader) member(m *members, expected int) int {
	if expected < len(m.keys) && r.takeText(m.keys[expected]) {
		return expected
	}
	name := r.memberName()
	for i := expected; i < len(m.names); i++ {
		if m.names[i] == name {
			return i
		}
	}
	return slices.Index(m.names[:expected], name)
}

// array walks an array. element reads one value. Elements past most are skipped and reported.
func (r *reader) array(most int, element func()) {
	if !r.opens('[') {
		return
	}
	n := 0
	here := r.path.down()
	for more := r.first(']'); more; more = r.more(']') {
		r.path.steps[here] = index(n)
		if n++; n <= most {
			element()
		} else {
			r.skip(r.path.depth)
		}
	}
	r.path.depth = here
	if n > most {
		r.wrongly("count", "at most "+strconv.Itoa(most)+" are taken, not "+strconv.Itoa(n))
	}
}

// opens reads the start of an object or array; of anything else it reads all, reports it (null is as good as absent), and tells no.
func (r *reader) opens(start byte) bool {
	if r.take(start) {
		return true
	}
	absent := r.peek() == 'n' && r.path.depth > 0
	r.skip(r.path.depth)
	switch {
	case absent:
	case start == '{':
		r.wrongly("type", "this must be an object")
	default:
		r.wrongly("type", "this must be an array")
	}
	return false
}

// textInto reads a string; null leaves it empty.
func (r *reader) textInto(into *string) {
	switch r.peek() {
	case '"':
		*into = r.string()
	case 'n':
		r.literal("null")
	default:
		r.skip(r.path.depth)
		r.wrongly("type", "this must be a string")
	}
}

// decimalInto reads a decimal from a string or a number, digit by digit.
func (r *reader) decimalInto(into *Decimal) {
	var text string
	switch c := r.peek(); {
	case c == '"':
		text = r.string()
	case c == '-' || c-'0' <= 9:
		text = r.number()
	case c == 'n':
		r.literal("null")
		return
	default:
		r.skip(r.path.depth)
		r.wrongly("type", "this must be a decimal, as a string or a number")
		return
	}
	d, err := ParseDecimal(text)
	if err != nil {
		r.wrongly("format", ErrDecimal.Error())
		return
	}
	*into = d
}

// wholeInto reads a whole number written without point or exponent.
func wholeInto[T ~int64](r *reader, into *T) {
	switch c := r.peek(); {
	case c == '-' || c-'0' <= 9:
		n, err := strconv.ParseInt(r.number(), 10, 64)
		if err != nil {
			r.wrongly("format", "this must be a whole number of a sensible size")
			return
		}
		*into = T(n)
	case c == 'n':
		r.literal("null")
	default:
		r.skip(r.path.depth)
		r.wrongly("type", "this must be a whole number")
	}
}

// wrongly reports the field the walk stands at by a code that begins with its name.
func (r *reader) wrongly(what, detail string) {
	if r.err == nil {
		r.fault(r.path.name(r.text)+"."+what, detail)
	}
}

// fault reports the field the walk stands at. In a text that is no JSON no field is worth reporting.
func (r *reader) fault(code, detail string) {
	if r.err == nil {
		r.faultAt(r.path.pointer(r.text), code, detail)
	}
}

// faultAt reports a field; it is reported once, by the first rule it breaks.
func (r *reader) faultAt(pointer, code, detail string) {
	if slices.ContainsFunc(r.wrong, func(f fault.Field) bool { return f.Pointer == pointer }) {
		return
	}
	r.wrong = append(r.wrong, fault.Field{Pointer: pointer, Code: code, Detail: detail})
}
