package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/alataw/alataw/internal/kafka"
)

// lateAge is how long an order may wait before somebody should look.
const lateAge = time.Minute

// examineQueue asks brokers, topics and groups, or says why it cannot.
func examineQueue(ctx context.Context, cfg *Config, g *ground) (findings []finding) {
	queue, err := kafka.New(g.queue, slog.New(slog.DiscardHandler), newRegistry())
	if err != nil {
		return []finding{{"queue", broken, oneLine(err), "see KAFKA_BROKERS and the other KAFKA_ settings"}}
	}
	defer func() {
		if err := queue.Close(context.WithoutCancel(ctx)); err != nil {
			findings = append(findings, finding{"queue", doubt, oneLine(err), ""})
		}
	}()
	brokers, err := queue.InspectBrokers(ctx)
	if err != nil {
		return []finding{{"queue", broken, oneLine(err), "see that a broker of KAFKA_BROKERS runs and can be reached from here, with the TLS and SASL settings it asks for"}}
	}
	findings = append(answering(brokers), understood(brokers))
	states, err := queue.InspectTopics(ctx, topics()...)
	if err != nil {
		return append(findings, unanswered("topics", err))
	}
	for _, s := range states {
		findings = append(findings, topicOf(s, len(cfg.Kafka.Brokers) == 0))
	}
	return append(findings, groups(ctx, queue, states, cfg)...)
}

func answering(brokers []kafka.Broker) (findings []finding) {
	up := 0
	for _, b := range brokers {
		if b.Err == nil {
			up++
			continue
		}
		findings = append(findings, finding{
			"queue", broken, fmt.Sprintf("broker %s does not answer: %s", b.Address, oneLine(b.Err)),
			"start it; if it runs, its advertised.listeners must name an address that can be reached from here",
		})
	}
	return append(findings, finding{"queue", fine, fmt.Sprintf("%d of %d brokers answer", up, len(brokers)), ""})
}

func understood(brokers []kafka.Broker) finding {
	f := finding{Check: "broker versions", Level: fine, Mend: "use Apache Kafka 2.4 to 4.x"}
	var like, lacking []string
	for _, b := range brokers {
		if b.Err != nil {
			continue
		}
		like = append(like, fmt.Sprintf("%s speaks like Kafka %s", b.Address, b.Release))
		if len(b.Lacks) > 0 {
			lacking = append(lacking, fmt.Sprintf("%s (like Kafka %s) does not understand %s", b.Address, b.Release, strings.Join(b.Lacks, ", ")))
		}
	}
	f.Detail = strings.Join(like, "; ")
	if len(lacking) > 0 {
		f.Level, f.Detail = broken, strings.Join(lacking, "; ")
	}
	return f
}

// topicOf compares a topic with what is configured. What loses orders when one broker dies is a failure, unless the broker is ours.
func topicOf(s kafka.TopicState, own bool) finding {
	f := finding{Check: "topic " + s.Name, Level: fine}
	if !s.Exists {
		f.Level, f.Detail = broken, "is not there"
		f.Mend = "start alataw serve, which creates it, or create it: " + fmt.Sprintf("%d partitions, %d replicas, min.insync.replicas=%d", s.Want.Partitions, s.Want.Replication, s.Want.MinInsync)
		return f
	}
	f.Detail = fmt.Sprintf("%d partitions, %d replicas, %d in sync, min.insync.replicas=%d", s.Partitions, s.Replication, s.InSync, s.MinInsync)
	worry := func(wrong bool, l level, detail, mend string) {
		if wrong && f.Level != broken {
			f.Level, f.Detail, f.Mend = l, f.Detail+": "+detail, mend
		}
	}
	worry(len(s.Leaderless) > 0, broken, fmt.Sprintf("partitions %v have no leader", s.Leaderless), "start the brokers that hold them")
	worry(s.MinInsync > 0 && s.InSync < s.MinInsync, broken, "too few copies in sync, nothing can be published", "start the brokers that are down")
	worry(s.Unclean, broken, "unclean.leader.election.enable: a copy that is behind may come to lead", "set it to false for this topic")
	worry(s.MinInsync == 1 && s.Replication > 1, broken, "an order may be on one broker only when it is answered for", "set min.insync.replicas to 2 (KAFKA_MIN_INSYNC, then restart)")
	worry(s.Replication < s.Want.Replication, broken, fmt.Sprintf("%d replicas are configured", s.Want.Replication), "reassign its partitions with more replicas (kafka-reassign-partitions.sh)")
	worry(s.MinInsync > 0 && s.MinInsync < s.Want.MinInsync, broken, fmt.Sprintf("%d are configured", s.Want.MinInsync), "restart alataw serve, which sets it, or set it by hand")
	worry(s.Replication == 1 && !own, doubt, "one copy: the loss of a disk loses what was answered for", "take three brokers, KAFKA_REPLICATION=3")
	worry(s.InSync < s.Replication, doubt, "some copies are behind", "see that all brokers run; wait, or look at under-replicated partitions")
	worry(s.Partitions < s.Want.Partitions, doubt, fmt.Sprintf("%d are configured", s.Want.Partitions), "restart alataw serve, which adds them")
	worry(s.MinInsync == 0, doubt, "its settings may not be read", "allow the user DescribeConfigs on the topic")
	return f
}

func groups(ctx context.Context, queue *kafka.Client, states []kafka.TopicState, cfg *Config) (findings []finding) {
	exists := map[string]bool{}
	for _, s := range states {
		exists[s.Name] = s.Exists && len(s.Leaderless) == 0
	}
	for _, stage := range []struct{ topic, group, role string }{
		{topicDeclared, groupScreening, roleScreen}, {topicDecided, groupBundling, roleBundle},
	} {
		if !exists[stage.topic] {
			continue
		}
		state, err := queue.InspectGroup(ctx, stage.topic, stage.group)
		if err != nil {
			findings = append(findings, unanswered("group "+stage.group, err))
			continue
		}
		findings = append(findings, groupOf(state, stage.role, cfg))
	}
	return findings
}

func groupOf(s kafka.GroupState, role string, cfg *Config) finding {
	f := finding{Check: "group " + s.Name, Level: fine}
	f.Detail = fmt.Sprintf("%d members, %d records wait, the oldest for %s", s.Members, s.Lag.Records, s.Lag.OldestAge.Round(time.Second))
	switch most := cfg.Kafka.MaxLag; {
	case s.Members == 0:
		f.Level, f.Detail = doubt, f.Detail+": nobody handles them"
		f.Mend = fmt.Sprintf("start a process with the role %s", role)
	case role == roleScreen && most > 0 && s.Lag.Records > most:
		f.Level, f.Detail = broken, f.Detail+fmt.Sprintf(": above KAFKA_MAX_LAG %d, orders are refused", most)
		f.Mend = "docs/runbook.md, screening is behind"
	case s.Lag.OldestAge > lateAge:
		f.Level, f.Mend = doubt, "docs/runbook.md, screening is behind; bundling is behind"
	}
	return f
}
