package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// producerTest gives what the queue takes from the broker's own producer test with the same bytes, in records a second; from our own
// bare producer where Apache Kafka's tools are not at hand.
func (r *benchRun) producerTest(ctx context.Context, s *stand) (name string, rate float64, err error) {
	if r.cmd.Tools == "" {
		r.say("KAFKA_TOOLS names no class path: our own bare produce is the baseline")
		rate, err = r.bareProduce(ctx, s, r.brief())
		return "bare produce of the same bytes", rate, err
	}
	rate, err = r.apacheProducer(ctx, s)
	return "Kafka's own producer test, same bytes", rate, err
}

// producerTopic is where Kafka's own test writes.
const producerTopic = "bench.producer"

// apacheProducer runs org.apache.kafka.tools.ProducerPerformance.
func (r *benchRun) apacheProducer(ctx context.Context, s *stand) (rate float64, err error) {
	queue, log, err := s.queue(ctx, r.dir, producerTopic)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	defer func() { err = errors.Join(err, queue.Close(context.WithoutCancel(ctx))) }()
	payload := filepath.Join(r.dir, "payload")
	if err := r.writePayload(payload); err != nil {
		return 0, err
	}
	records := int(20_000 * r.brief().Seconds())
	r.say("Kafka's own producer test with %d records", records)
	command := exec.CommandContext(ctx, "java", "-Xmx256m", "-cp", r.cmd.Tools, "org.apache.kafka.tools.ProducerPerformance",
		"--topic", producerTopic, "--num-records", strconv.Itoa(records), "--throughput", "-1", "--payload-file", payload,
		"--producer-props", "bootstrap.servers="+strings.Join(s.brokers, ","), "acks=all", "compression.type=lz4", "linger.ms=2")
	command.Stderr = log
	said, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("producer test: %w: %s", err, said)
	}
	return recordsPerSecond(string(said))
}

// writePayload writes the orders in memory, one a line.
func (r *benchRun) writePayload(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	for i := range r.pool.Len() {
		_, _ = w.Write(append(r.pool.Held(i), '\n')) // Flush tells
	}
	return errors.Join(w.Flush(), file.Close())
}

var perSecond = regexp.MustCompile(`([0-9.]+) records/sec`)

// recordsPerSecond reads the last line of the producer test, which sums up.
func recordsPerSecond(said string) (float64, error) {
	all := perSecond.FindAllStringSubmatch(said, -1)
	if len(all) == 0 {
		return 0, fmt.Errorf("producer test: no rate in %q", said)
	}
	return strconv.ParseFloat(all[len(all)-1][1], 64)
}
