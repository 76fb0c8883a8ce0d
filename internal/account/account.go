// Package account says who may speak: platforms, carriers, officers and admins, and the keys they speak with.
package account

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
)

// ID names an account. It is small because millions of rows carry it.
type ID int32

// Role is what an account's keys may do. An account has exactly one.
type Role string

// The roles. Admin may do what any other may.
const (
	Platform Role = "platform" // posts parcels, reads its own
	Carrier  Role = "carrier"  // reads and scans consignments of the routes it serves
	Officer  Role = "officer"  // sees everything, decides held parcels, releases
	Admin    Role = "admin"    // keeps accounts and the timetable
)

// Roles are all roles, in the order they are printed.
var Roles = []Role{Platform, Carrier, Officer, Admin}

// Account is one customer, carrier or authority.
type Account struct {
	ID     ID
	Name   string
	Role   Role
	Routes []string // for a carrier: the codes of the routes it serves
}

// KeyHash is the SHA-256 of a key. Keys have over 128 random bits, so a fast hash is enough to store; the key itself is kept nowhere.
type KeyHash [sha256.Size]byte

// Key is a stored key, without the secret.
type Key struct {
	Hash    KeyHash
	Hint    string // the first characters, enough to recognise a key in a list
	Account Account
	Created time.Time
	Revoked *time.Time
}

const (
	keyPrefix   = "alataw_"
	secretChars = 30 // of base 62: 178 bits
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewKey makes a key: a prefix that secret scanners and people recognise, 178 random bits, and a checksum that tells a typing error from a guess.
func NewKey() string {
	var b strings.Builder
	b.WriteString(keyPrefix)
	for range secretChars {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand never fails on supported systems
		}
		b.WriteByte(alphabet[n.Int64()])
	}
	return b.String() + checksum(b.String())
}

// WellFormed tells whether s can be a key at all, without asking anybody.
func WellFormed(s string) bool {
	body := len(keyPrefix) + secretChars
	return len(s) == body+6 && strings.HasPrefix(s, keyPrefix) && s[body:] == checksum(s[:body])
}

// Hash gives what is stored of a key.
func Hash(key string) KeyHash { return sha256.Sum256([]byte(key)) }

// Hint gives the part of a key that may be shown in a list.
func Hint(key string) string { return key[:len(keyPrefix)+4] + "…" }

func checksum(s string) string {
	sum := crc32.ChecksumIEEE([]byte(s))
	out := make([]byte, 6)
	for i := range out {
		out[5-i] = alphabet[sum%62]
		sum /= 62
	}
	return string(out)
}
