//go:build !failpoints

package embedded

// refusals are a fault that this build cannot have.
type refusals struct{}
