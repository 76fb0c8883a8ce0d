package apachetest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// A broker comes back on its old ports, so they lie below those that systems hand out by themselves: in the meantime
// nobody is given them, and nobody who dials a broker that is down is connected to himself.
const lowestPort, highestPort = 20000, 32000

// freePorts gives ports of 127.0.0.1 that nobody listens on.
func freePorts(count int) ([]int, error) {
	var found []int
	for range 100 * count {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		held, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer held.Close() // when all are found: no port comes twice
		if found = append(found, port); len(found) == count {
			return found, nil
		}
	}
	return nil, errors.New("no free ports found")
}
