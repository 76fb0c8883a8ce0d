package kafka_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A goroutine that is still there when all tests are done has no owner.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
