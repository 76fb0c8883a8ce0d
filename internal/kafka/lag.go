package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"
)

// Lag is what a group has not done yet of a topic.
type Lag struct {
	Records    int64         // in all partitions
	OldestAge  time.Duration // since the oldest of them was published; 0 when there is none
	Partitions []PartitionLag
}

// PartitionLag is the lag of one partition: the records from offset Next up to End.
type PartitionLag struct {
	Partition int
	Next      int64 // the committed offset, or the first there is
	End       int64 // the offset the next record will get
	Records   int64
}

// Lag measures how far group is behind on topic, and sets the lag gauges. It asks the cluster a handful of
// small questions: good for once a second. The answer is a moment old, never negative.
func (c *Client) Lag(ctx context.Context, topic, group string) (Lag, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	topic, group = c.named(topic), c.named(group)
	var lag Lag
	err := insist(ctx, func() (err error) {
		lag, err = c.measure(ctx, topic, group)
		return err
	})
	if err != nil {
		return Lag{}, fmt.Errorf("lag of %s on %s: %w", group, topic, err)
	}
	for _, p := range lag.Partitions {
		c.metrics.lag.WithLabelValues(c.label(topic), c.label(group), strconv.Itoa(p.Partition)).Set(float64(p.Records))
	}
	c.metrics.lagAge.WithLabelValues(c.label(topic), c.label(group)).Set(lag.OldestAge.Seconds())
	return lag, nil
}

func (c *Client) measure(ctx context.Context, topic, group string) (Lag, error) {
	numbers, err := c.partitions(ctx, topic)
	if err != nil {
		return Lag{}, err
	}
	// Committed before end: the other way round a commit in between would make the difference negative.
	committed, err := c.committed(ctx, topic, group, numbers)
	if err != nil {
		return Lag{}, err
	}
	bounds, err := c.bounds(ctx, topic, numbers)
	if err != nil {
		return Lag{}, err
	}
	var lag Lag
	for _, number := range numbers {
		p := PartitionLag{Partition: number, End: bounds[number].last}
		p.Next = max(committed[number], bounds[number].first) // nothing may be committed, or retention may have passed what is
		p.Records = max(0, p.End-p.Next)
		lag.Records += p.Records
		lag.Partitions = append(lag.Partitions, p)
	}
	lag.OldestAge, err = c.oldest(ctx, topic, lag.Partitions)
	return lag, err
}

func (c *Client) committed(ctx context.Context, topic, group string, numbers []int) (map[int]int64, error) {
	answer, err := c.admin.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: numbers}})
	if err == nil {
		err = answer.Error
	}
	if errors.Is(err, kafka.GroupIdNotFound) {
		return map[int]int64{}, nil // the group never committed: nothing is done yet
	}
	if err != nil {
		return nil, fmt.Errorf("committed offsets: %w", err)
	}
	offsets := make(map[int]int64, len(numbers))
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("committed offset of partition %d: %w", p.Partition, p.Error)
		}
		offsets[p.Partition] = p.CommittedOffset
	}
	return offsets, nil
}

type bounds struct{ first, last int64 }

func (c *Client) bounds(ctx context.Context, topic string, numbers []int) (map[int]bounds, error) {
	var requests []kafka.OffsetRequest
	for _, number := range numbers {
		requests = append(requests, kafka.FirstOffsetOf(number), kafka.LastOffsetOf(number))
	}
	answer, err := c.admin.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: requests}})
	if err != nil {
		return nil, fmt.Errorf("end offsets: %w", err)
	}
	found := make(map[int]bounds, len(numbers))
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("end offset of partition %d: %w", p.Partition, p.Error)
		}
		found[p.Partition] = bounds{first: p.FirstOffset, last: p.LastOffset}
	}
	return found, nil
}

// oldest reads the first unhandled record of each partition that has one, for its time.
func (c *Client) oldest(ctx context.Context, topic string, partitions []PartitionLag) (time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	ages := make([]time.Duration, len(partitions))
	for i, p := range partitions {
		if p.Records == 0 {
			continue
		}
		group.Go(func() (err error) {
			ages[i], err = c.age(ctx, topic, p)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	var oldest time.Duration
	for _, age := range ages {
		oldest = max(oldest, age)
	}
	return oldest, nil
}

func (c *Client) age(ctx context.Context, topic string, p PartitionLag) (time.Duration, error) {
	answer, err := c.admin.Fetch(ctx, &kafka.FetchRequest{
		Topic: topic, Partition: p.Partition, Offset: p.Next,
		MinBytes: 1, MaxBytes: 1, // a broker gives the whole first batch all the same, and not more
		MaxWait: 100 * time.Millisecond,
	})
	if err == nil {
		err = answer.Error
	}
	if err != nil {
		return 0, fmt.Errorf("oldest record of partition %s: %w", strconv.Itoa(p.Partition), err)
	}
	for {
		record, err := answer.Records.ReadRecord()
		if err != nil {
			return 0, nil //nolint:nilerr // the record has expired or was compacted away since: no age to tell
		}
		closeBytes(record.Key, record.Value)
		if record.Offset >= p.Next { // a batch may begin before the offset asked for
			return max(0, time.Since(record.Time)), nil
		}
	}
}

func closeBytes(all ...kafka.Bytes) {
	for _, bytes := range all {
		if bytes != nil {
			bytes.Close()
		}
	}
}
