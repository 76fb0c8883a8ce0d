package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/segmentio/kafka-go"
)

// Broker is a member of the cluster, or an address that should lead to one.
type Broker struct {
	Address string
	Rack    string
	Release string   // of Apache Kafka that speaks like it, a guess: e.g. 4.1; "" when Err is set
	Lacks   []string // requests of ours that it does not understand
	Err     error    // it does not answer
}

// InspectBrokers asks every broker that the cluster names, at the address by which it wants to be called, whether it answers
// and understands us. The error tells that no broker of the configuration answers at all.
func (c *Client) InspectBrokers(ctx context.Context) ([]Broker, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := c.metadata(ctx)
	if err != nil {
		return nil, unavailable(fmt.Errorf("inspect brokers: %w", err))
	}
	brokers := make([]Broker, len(answer.Brokers))
	var asking sync.WaitGroup
	for i, b := range answer.Brokers {
		asking.Go(func() {
			brokers[i] = c.inspectBroker(ctx, net.JoinHostPort(b.Host, strconv.Itoa(b.Port)))
			brokers[i].Rack = b.Rack
		})
	}
	asking.Wait()
	slices.SortFunc(brokers, func(a, b Broker) int { return cmp.Compare(a.Address, b.Address) })
	return brokers, nil
}

func (c *Client) metadata(ctx context.Context, topics ...string) (answer *kafka.MetadataResponse, err error) {
	err = insist(ctx, func() error {
		answer, err = c.admin.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
		return err
	})
	return answer, err
}

func (c *Client) inspectBroker(ctx context.Context, address string) Broker {
	b := Broker{Address: address}
	var spoken versions
	b.Err = insist(ctx, func() error {
		answer, err := c.admin.ApiVersions(ctx, &kafka.ApiVersionsRequest{Addr: kafka.TCP(address)})
		if err == nil {
			err = answer.Error
		}
		if err == nil {
			spoken = versionsOf(answer)
		}
		return err
	})
	if b.Err == nil {
		b.Release, b.Lacks = spoken.release(), spoken.lacks()
	}
	return b
}

// TopicState is a topic as it is. Beside it in Want stands what CreateTopics would make of it.
type TopicState struct {
	Name        string
	Exists      bool
	Partitions  int
	Replication int   // copies of the partition that has the fewest
	InSync      int   // copies in sync of the partition that has the fewest
	Leaderless  []int // partitions that nobody leads
	MinInsync   int   // min.insync.replicas; 0 when we may not read it
	Retention   int64 // retention.ms; 0 when we may not read it
	Unclean     bool  // unclean.leader.election.enable: a copy that is behind may come to lead, and loses the rest
	Want        TopicWant
}

// TopicWant is what the configuration asks of a topic.
type TopicWant struct{ Partitions, Replication, MinInsync int }

// InspectTopics looks at topics without changing them. One that does not exist is no error.
func (c *Client) InspectTopics(ctx context.Context, topics ...Topic) ([]TopicState, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	states := make([]TopicState, len(topics))
	for i, topic := range topics {
		s, err := c.inspectTopic(ctx, topic.Name)
		if err != nil {
			return nil, unavailable(fmt.Errorf("inspect topic %s: %w", topic.Name, err))
		}
		s.Want = TopicWant{orElse(topic.Partitions, c.cfg.Partitions), c.cfg.Replication, c.cfg.MinInsync}
		states[i] = s
	}
	return states, nil
}

func (c *Client) inspectTopic(ctx context.Context, name string) (TopicState, error) {
	s := TopicState{Name: name}
	answer, err := c.metadata(ctx, c.named(name))
	if err != nil {
		return s, err
	}
	for _, found := range answer.Topics {
		if errors.Is(found.Error, kafka.UnknownTopicOrPartition) {
			return s, nil
		}
		if found.Error != nil {
			return s, found.Error
		}
		s.Exists = true
		s.count(found.Partitions)
	}
	return s, c.readSettings(ctx, &s)
}

func (s *TopicState) count(partitions []kafka.Partition) {
	s.Partitions = len(partitions)
	for i, p := range partitions {
		if i == 0 || len(p.Replicas) < s.Replication {
			s.Replication = len(p.Replicas)
		}
		if i == 0 || len(p.Isr) < s.InSync {
			s.InSync = len(p.Isr)
		}
		if p.Leader.Port == 0 {
			s.Leaderless = append(s.Leaderless, p.ID)
		}
	}
}

// readSettings leaves what we may not read at zero: describing settings is a right of its own.
func (c *Client) readSettings(ctx context.Context, s *TopicState) error {
	var answer *kafka.DescribeConfigsResponse
	err := insist(ctx, func() (err error) {
		answer, err = c.admin.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: c.named(s.Name),
			ConfigNames: []string{"min.insync.replicas", "retention.ms", "unclean.leader.election.enable"},
		}}})
		return err
	})
	if err != nil {
		return err
	}
	for _, resource := range answer.Resources {
		if resource.Error != nil && !forbidden(resource.Error) {
			return resource.Error
		}
		for _, entry := range resource.ConfigEntries {
			s.set(entry.ConfigName, entry.ConfigValue)
		}
	}
	return nil
}

func (s *TopicState) set(name, value string) {
	number, _ := strconv.ParseInt(value, 10, 64) // 0 for what is no number: not known
	switch name {
	case "min.insync.replicas":
		s.MinInsync = int(number)
	case "retention.ms":
		s.Retention = number
	case "unclean.leader.election.enable":
		s.Unclean = value == "true"
	}
}

// GroupState is a consumer group as its coordinator knows it.
type GroupState struct {
	Name    string
	State   string // Kafka's word: Stable, Empty, Dead, PreparingRebalance, CompletingRebalance
	Members int
	Lag     Lag
}

// InspectGroup tells who is in a group and how far it is behind on a topic.
func (c *Client) InspectGroup(ctx context.Context, topic, group string) (GroupState, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	state := GroupState{Name: group}
	err := insist(ctx, func() error {
		answer, err := c.admin.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{c.named(group)}})
		if err != nil {
			return err
		}
		for _, g := range answer.Groups {
			if g.Error != nil && !errors.Is(g.Error, kafka.GroupIdNotFound) {
				return g.Error
			}
			state.State, state.Members = g.GroupState, len(g.Members)
		}
		return nil
	})
	if err == nil {
		state.Lag, err = c.Lag(ctx, topic, group)
	}
	if err != nil {
		return state, unavailable(fmt.Errorf("inspect group %s: %w", group, err))
	}
	return state, nil
}
