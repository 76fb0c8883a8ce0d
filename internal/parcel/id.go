// Package parcel is what a platform declares and what may become of it: the declaration, its identity, its states, and its way into the queue.
package parcel

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"

	"github.com/alataw/alataw/internal/account"
)

// ID names a parcel for ever. It is derived from account and order number, so a repeated declaration names the same parcel
// without asking anybody. Printed as "pcl_" and 26 characters of base 32.
type ID [16]byte

const idPrefix = "pcl_"

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// DeriveID gives the ID of an account's order: the first 128 bits of a SHA-256 over both.
func DeriveID(owner account.ID, orderNo string) ID {
	buf := make([]byte, 0, 96)
	buf = append(buf, "alataw.parcel.v1\x00"...)
	buf = strconv.AppendInt(buf, int64(owner), 10)
	buf = append(buf, 0)
	buf = append(buf, orderNo...)
	sum := sha256.Sum256(buf)
	return ID(sum[:16])
}

// String prints the ID.
func (id ID) String() string { return idPrefix + id.Base() }

// Base is the ID without its prefix, for names derived from it.
func (id ID) Base() string { return base32Lower.EncodeToString(id[:]) }

// ParseID reads what String printed.
func ParseID(s string) (ID, error) { return ParseIDWith(idPrefix, s) }

// ParseIDWith reads an ID printed behind another prefix, as a case on an officer's desk has it.
func ParseIDWith(prefix, s string) (ID, error) {
	if len(s) != len(prefix)+26 || s[:len(prefix)] != prefix {
		return ID{}, fmt.Errorf("%q is not an id of the form %s…", s, prefix)
	}
	raw, err := base32Lower.DecodeString(s[len(prefix):])
	if err != nil {
		return ID{}, fmt.Errorf("id %q: %w", s, err)
	}
	if len(raw) != len(ID{}) { // a byte 0xFF, which no id has, is taken for padding
		return ID{}, fmt.Errorf("id %q: not as printed", s)
	}
	id := ID(raw)
	if id.Base() != s[len(prefix):] { // 26 characters hold 130 bits: the last two must be zero
		return ID{}, fmt.Errorf("id %q: not as printed", s)
	}
	return id, nil
}
