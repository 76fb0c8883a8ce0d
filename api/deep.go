package api

import "bytes"

// deepest is how deep the decoder goes into a document.
const deepest = 10_000

// flattened is a copy of a document in which each value that is nested deeper than the decoder goes is a 0 with blanks up to its
// end: every other byte keeps its place. deep tells whether there was one. It looks at nothing but brackets and texts, so the
// decoder must still read what it gives.
func flattened(data []byte) (flat []byte, deep bool) {
	flat = bytes.Clone(data)
	depth, quoted, escaped := 0, false, false
	for i, b := range flat {
		blank := depth > deepest
		switch {
		case quoted:
			quoted = escaped || b != '"'
			escaped = !escaped && b == '\\'
		case b == '"':
			quoted = true
		case b == '[' || b == '{':
			if depth++; depth == deepest+1 {
				flat[i], deep = '0', true
			}
		case b == ']' || b == '}':
			depth--
		}
		if blank {
			flat[i] = ' '
		}
	}
	return flat, deep
}
