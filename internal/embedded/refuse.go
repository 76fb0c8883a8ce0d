//go:build failpoints

package embedded

import (
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// refusals are a fault of a broker.
type refusals struct {
	controlled bool
	refusing   atomic.Bool
}

// Refuse makes the broker refuse records from now on as a cluster does that has too few replicas in sync, or take them again.
// It is for tests, in the build that has failpoints, and for one goroutine.
func (b *Broker) Refuse(refuse bool) {
	if !b.controlled {
		b.controlled = true
		b.cluster.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			produce, ok := request.(*kmsg.ProduceRequest)
			if !ok || !b.refusing.Load() {
				return nil, nil, false
			}
			return refusal(produce), nil, true
		})
	}
	b.refusing.Store(refuse)
}

// refusal answers every partition of a request alike.
func refusal(request *kmsg.ProduceRequest) kmsg.Response {
	answer, _ := request.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range request.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, kerr.NotEnoughReplicas.Code
			t.Partitions = append(t.Partitions, p)
		}
		answer.Topics = append(answer.Topics, t)
	}
	return answer
}
