package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	// createTimeout bounds CreateTopics for a caller without a deadline; a cluster that is just starting gets that long.
	createTimeout = 30 * time.Second
	topicPoll     = 100 * time.Millisecond
)

// Topic is a topic to be there. Config holds settings by Kafka's names, over ours for min.insync.replicas,
// retention.ms and max.message.bytes.
type Topic struct {
	Name       string
	Partitions int // 0 is Config.Partitions
	Config     map[string]string
}

// CreateTopics makes every topic exist with at least its partitions and with its settings, and returns when each
// partition has a leader. Running it again, or from many processes at once, does no harm. Partitions are
// added, never taken away; adding moves keys to other partitions, so order within a key holds only on each side of it.
// Settings of an existing topic that we may not alter stay as they are, with a warning. Do this before any Run.
// When the cluster is away the error is a *fault.Error of kind Unavailable.
func (c *Client) CreateTopics(ctx context.Context, topics ...Topic) error {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	// A cluster that does not let us in is told of here: to CreateTopics kafka-go says "broker not available" whatever is wrong.
	if err := c.persist(ctx, func() error { return c.greet(ctx) }); err != nil {
		return notReached(ctx, fmt.Errorf("topics: %w", c.explain(err)))
	}
	for _, topic := range topics {
		topic.Name = c.named(topic.Name)
		topic.Partitions = orElse(topic.Partitions, c.cfg.Partitions)
		topic.Config = c.settings(topic)
		if err := c.createTopic(ctx, topic); err != nil {
			return notReached(ctx, fmt.Errorf("topic %s: %w", topic.Name, err))
		}
	}
	return nil
}

// notReached tells a cluster that is away from one that refuses: who waits for the first need not give up.
func notReached(ctx context.Context, err error) error {
	if passing(err) || ctx.Err() != nil {
		return unavailable(err)
	}
	return err
}

func (c *Client) settings(topic Topic) map[string]string {
	retention := int64(-1)
	if c.cfg.Retention > 0 {
		retention = c.cfg.Retention.Milliseconds()
	}
	all := map[string]string{
		"min.insync.replicas": strconv.Itoa(c.cfg.MinInsync),
		"retention.ms":        strconv.FormatInt(retention, 10),
		"max.message.bytes":   strconv.Itoa(1 << 20), // above maxRecordBytes, so that no batch of ours is refused for its size
	}
	maps.Copy(all, topic.Config)
	return all
}

func (c *Client) createTopic(ctx context.Context, topic Topic) error {
	err := c.persist(ctx, func() error { return c.askCreate(ctx, topic) })
	existed := errors.Is(err, kafka.TopicAlreadyExists)
	if err != nil && !existed {
		return fmt.Errorf("create with %d replicas: %w", c.cfg.Replication, c.explain(err))
	}
	partitions, err := c.awaitLeaders(ctx, topic.Name, 1)
	if err != nil || !existed {
		return err
	}
	if err := c.persist(ctx, func() error { return c.askSettings(ctx, topic) }); err != nil {
		if !forbidden(err) {
			return fmt.Errorf("settings: %w", err)
		}
		c.log.WarnContext(ctx, "topic settings left as they are", "topic", topic.Name, "error", err)
	}
	if len(partitions) >= topic.Partitions {
		return nil
	}
	err = c.persist(ctx, func() error { return c.askPartitions(ctx, topic) })
	// What we know may be a second old: another process can have added them already.
	if err != nil && !errors.Is(err, kafka.InvalidPartitionNumber) {
		return fmt.Errorf("raise to %d partitions: %w", topic.Partitions, err)
	}
	_, err = c.awaitLeaders(ctx, topic.Name, topic.Partitions)
	return err
}

func forbidden(err error) bool {
	return errors.Is(err, kafka.TopicAuthorizationFailed) || errors.Is(err, kafka.ClusterAuthorizationFailed)
}

func (c *Client) askCreate(ctx context.Context, topic Topic) error {
	config := kafka.TopicConfig{Topic: topic.Name, NumPartitions: topic.Partitions, ReplicationFactor: c.cfg.Replication}
	for _, name := range slices.Sorted(maps.Keys(topic.Config)) {
		config.ConfigEntries = append(config.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: topic.Config[name]})
	}
	answer, err := c.admin.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{config}})
	if err != nil {
		return err
	}
	return answer.Errors[topic.Name]
}

func (c *Client) askSettings(ctx context.Context, topic Topic) error {
	resource := kafka.IncrementalAlterConfigsRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic.Name}
	for _, name := range slices.Sorted(maps.Keys(topic.Config)) {
		resource.Configs = append(resource.Configs, kafka.IncrementalAlterConfigsRequestConfig{
			Name: name, Value: topic.Config[name], ConfigOperation: kafka.ConfigOperationSet,
		})
	}
	answer, err := c.admin.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
		Resources: []kafka.IncrementalAlterConfigsRequestResource{resource},
	})
	if err != nil {
		return err
	}
	for _, resource := range answer.Resources {
		if resource.Error != nil {
			return resource.Error
		}
	}
	return nil
}

func (c *Client) askPartitions(ctx context.Context, topic Topic) error {
	answer, err := c.admin.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: topic.Name, Count: int32(topic.Partitions)}},
	})
	if err != nil {
		return err
	}
	return answer.Errors[topic.Name]
}

// awaitLeaders polls until the topic has at least want partitions, each with a leader, and gives their numbers.
func (c *Client) awaitLeaders(ctx context.Context, topic string, want int) ([]int, error) {
	for {
		partitions, err := c.partitions(ctx, topic)
		if err == nil && len(partitions) >= want {
			return partitions, nil
		}
		if !pause(ctx, topicPoll) {
			return nil, fmt.Errorf("wait for leaders: %w", errors.Join(context.Cause(ctx), err))
		}
	}
}

// partitions gives the numbers of a topic's partitions, from metadata at most metadataTTL old.
func (c *Client) partitions(ctx context.Context, topic string) ([]int, error) {
	answer, err := c.admin.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	var numbers []int
	for _, found := range answer.Topics {
		if found.Error != nil {
			return nil, fmt.Errorf("metadata: %w", found.Error)
		}
		for _, p := range found.Partitions {
			if p.Error != nil || p.Leader.Port == 0 {
				return nil, fmt.Errorf("metadata: partition %d: %w", p.ID, errors.Join(kafka.LeaderNotAvailable, p.Error))
			}
			numbers = append(numbers, p.ID)
		}
	}
	return numbers, nil
}

// persist repeats ask until the cluster gives an answer that waiting would not change, or ctx ends.
func (c *Client) persist(ctx context.Context, ask func() error) error {
	for tries := 1; ; tries++ {
		err := insist(ctx, ask)
		if tries == 1 && passing(err) {
			c.log.WarnContext(ctx, "queue cannot say yet, asking again", "error", c.explain(err))
		}
		if !passing(err) || !pause(ctx, topicPoll) {
			return err
		}
	}
}
