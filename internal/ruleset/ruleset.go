// Package ruleset is the life of a rule set: drafted, tried on what was stored, run in the shadow, put in force by two people, retired.
package ruleset

import (
	"crypto/rand"
	"time"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// ID names a rule set. Printed as "rs_" and 26 characters of base 32.
type ID [16]byte

// BacktestID names a backtest. Printed as "bt_" and 26 characters of base 32.
type BacktestID [16]byte

// String prints the ID.
func (id ID) String() string { return "rs_" + parcel.ID(id).Base() }

// String prints the ID.
func (id BacktestID) String() string { return "bt_" + parcel.ID(id).Base() }

// NewID draws an ID.
func NewID() ID { return ID(drawn()) }

// NewBacktestID draws an ID.
func NewBacktestID() BacktestID { return BacktestID(drawn()) }

func drawn() (id [16]byte) {
	_, _ = rand.Read(id[:]) // it never fails
	return id
}

// ParseID reads what ID.String printed.
func ParseID(s string) (ID, error) {
	id, err := parcel.ParseIDWith("rs_", s)
	return ID(id), err
}

// ParseBacktestID reads what BacktestID.String printed.
func ParseBacktestID(s string) (BacktestID, error) {
	id, err := parcel.ParseIDWith("bt_", s)
	return BacktestID(id), err
}

// Person is who acts.
type Person struct {
	ID   account.ID `json:"id"`
	Name string     `json:"name"`
}

// RuleSet is a version of the rules of an office and direction. Once it has left draft, its document never changes.
type RuleSet struct {
	ID       ID
	Number   int // the version that people name
	Status   Status
	Revision int // counts changes of the draft, from 1
	Document screening.Document
	Hash     string    // of the document
	Proposal *Proposal // of the first of two people who put it in force
	Created  Stamp
	Changed  Stamp // the document, or else the status
}

// Stamp says who did something, and when.
type Stamp struct {
	By string
	At time.Time
}

// Proposal is the first of two people's word that a set shall be in force.
type Proposal struct {
	By Person    `json:"by"`
	At time.Time `json:"at"`
}

// Query selects rule sets, the newest first.
type Query struct {
	Status    Status // any when empty
	Office    string
	Direction screening.Direction
	Before    int // only those with a lower number; 0 for all
	Limit     int
	Heads     bool // of their documents only name, office and direction: whole ones have up to two megabytes each
}
