//go:build !failpoints

package app

// faultCmds are commands of the build that is made to be tortured. This one has none.
type faultCmds struct{}
