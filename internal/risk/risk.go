// Package risk learns from officers' outcomes how likely a declaration is to be at fault, and from cleared goods what such goods cost, and says why.
package risk

import "time"

// Factor is one thing that is known of a declaration: which, and what, e.g. "seller" and a registration number.
// The value "" is one like others: it was not given, which may tell something. What is not known at all is left out.
type Factor struct {
	Name  string
	Value string
}

// Sample is a declaration that an officer has decided.
type Sample struct {
	Factors []Factor
	AtFault bool      // detained, returned or refused; false: released
	At      time.Time // of the outcome; only its distance from the newest counts, and only where Options.HalfLife is set
}

// Score is how likely a declaration is to be at fault, and why.
type Score struct {
	P       float64        // 0 to 1
	LogOdds float64        // ln(P/(1-P)), in steps of 1/10000: the model's Base and the contributions add up to it
	Because []Contribution // what moved it, the furthest first
}

// Contribution is what one term of a model adds to the log-odds, because of the outcomes of declarations with the same values.
type Contribution struct {
	Term      int     // its number in the model; Model.Name says what it is
	LogOdds   float64 // positive: more likely at fault
	Inspected int     // outcomes with the same values
	AtFault   int     // how many of those were at fault
}
