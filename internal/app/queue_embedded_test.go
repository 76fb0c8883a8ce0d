//go:build !apache

package app

import "testing"

// queueFlags leave the queue to the program: the embedded one, or the one that KAFKA_BROKERS names.
func queueFlags(*testing.T) []string { return nil }

func closeQueue() error { return nil }
