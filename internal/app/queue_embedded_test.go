//go:build !apache

package app

import "testing"

// useQueue leaves the queue to the program: the embedded one, or the one that KAFKA_BROKERS names.
func useQueue(*testing.T) {}

func closeQueue() error { return nil }
