package risk

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/alataw/alataw/internal/fault"
)

// versionOf names bytes by their content.
func versionOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func appendFloat(to []byte, x float64) []byte {
	return binary.BigEndian.AppendUint64(to, math.Float64bits(x))
}

// scanner reads what the functions above wrote. After the first thing that is wrong it reads nothing but zeros.
type scanner struct {
	raw []byte
	bad bool
}

// take gives the next n bytes.
func (s *scanner) take(n int) []byte {
	if s.bad || n < 0 || n > len(s.raw) {
		s.bad = true
		return nil
	}
	taken := s.raw[:n]
	s.raw = s.raw[n:]
	return taken
}

// number reads a whole number from 0 to highest.
func (s *scanner) number(highest uint64) int {
	n, size := binary.Uvarint(s.raw)
	if size <= 0 || n > highest {
		s.bad = true
	}
	if s.take(size); s.bad {
		return 0
	}
	return int(n)
}

// signed reads a whole number from -farthest to farthest.
func (s *scanner) signed(farthest int64) int32 {
	n, size := binary.Varint(s.raw)
	if size <= 0 || n > farthest || n < -farthest {
		s.bad = true
	}
	if s.take(size); s.bad {
		return 0
	}
	return int32(n)
}

// count reads how many things follow that take at least size bytes each: no more than there is room for.
func (s *scanner) count(size int) int { return s.number(uint64(len(s.raw) / size)) }

func (s *scanner) text() string { return string(s.take(s.number(maxText))) }

// float reads a finite number from 0 to highest.
func (s *scanner) float(highest float64) float64 {
	raw := s.take(8)
	if s.bad {
		return 0
	}
	x := math.Float64frombits(binary.BigEndian.Uint64(raw))
	s.need(x >= 0 && x <= highest)
	return x
}

func (s *scanner) fixed() uint64 {
	raw := s.take(8)
	if s.bad {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// tally reads a number of outcomes and how many were faults.
func (s *scanner) tally() tally {
	seen := s.number(math.MaxInt32)
	return tally{int32(seen), int32(s.number(uint64(seen)))}
}

func (s *scanner) need(ok bool) {
	if !ok {
		s.bad = true
	}
}

func (s *scanner) magic(want string) { s.need(string(s.take(len(want))) == want) }

// end tells what is wrong, if anything is or anything is left over.
func (s *scanner) end(what string) error {
	if s.bad || len(s.raw) > 0 {
		return fault.New(fault.Malformed, "risk_encoding", "this is no %s that this program wrote, or it is damaged", what)
	}
	return nil
}
