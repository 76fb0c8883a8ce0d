package kafka_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// A goroutine that is still there when all tests are done has no owner.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(program{m})
}

// program runs the tests and then stops the broker they shared.
type program struct{ *testing.M }

func (p program) Run() int {
	code := p.M.Run()
	if err := closeBroker(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the tests' broker:", err)
		return max(code, 1)
	}
	return code
}
