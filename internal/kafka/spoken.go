package kafka

import (
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// The numbers of Kafka's requests (protocol guide, "API keys").
const (
	apiProduce                 = 0
	apiFetch                   = 1
	apiListOffsets             = 2
	apiMetadata                = 3
	apiOffsetCommit            = 8
	apiOffsetFetch             = 9
	apiFindCoordinator         = 10
	apiJoinGroup               = 11
	apiHeartbeat               = 12
	apiLeaveGroup              = 13
	apiSyncGroup               = 14
	apiDescribeGroups          = 15
	apiVersions                = 18
	apiCreateTopics            = 19
	apiAddPartitionsToTxn      = 24
	apiDescribeConfigs         = 32
	apiDescribeLogDirs         = 35
	apiCreatePartitions        = 37
	apiIncrementalAlterConfigs = 44
)

// span is the versions of a request from least to most.
type span struct{ least, most int }

// ours are the versions of each request of which a broker must know one (kafka-go v0.4.51). Its groups and readers send most
// requests in one version only; what its writers and its client send has the highest that both sides know.
var ours = map[int]span{
	apiProduce:                 {0, 8},
	apiFetch:                   {2, 10},
	apiListOffsets:             {1, 1},
	apiMetadata:                {1, 6},
	apiOffsetCommit:            {2, 2},
	apiOffsetFetch:             {1, 1},
	apiFindCoordinator:         {0, 0},
	apiJoinGroup:               {1, 2},
	apiHeartbeat:               {0, 0},
	apiLeaveGroup:              {0, 0},
	apiSyncGroup:               {0, 0},
	apiDescribeGroups:          {0, 5},
	apiVersions:                {0, 2},
	apiCreateTopics:            {0, 5},
	apiDescribeConfigs:         {0, 3},
	apiCreatePartitions:        {0, 1},
	apiIncrementalAlterConfigs: {0, 0},
}

// versions are those that a broker understands of each request.
type versions map[int]span

func versionsOf(answer *kafka.ApiVersionsResponse) versions {
	v := make(versions, len(answer.ApiKeys))
	for _, k := range answer.ApiKeys {
		v[k.ApiKey] = span{k.MinVersion, k.MaxVersion}
	}
	return v
}

// lacks names the requests of ours of which no version is common: a broker before 0.10 or one that has dropped what we speak.
func (v versions) lacks() (missing []string) {
	for key := range apiIncrementalAlterConfigs + 1 {
		our, sent := ours[key]
		if !sent {
			continue
		}
		their, known := v[key]
		switch {
		case !known:
			missing = append(missing, name(key))
		case their.most < our.least, their.least > our.most:
			missing = append(missing, fmt.Sprintf("%s (we send %d to %d, it takes %d to %d)", name(key), our.least, our.most, their.least, their.most))
		}
	}
	return missing
}

// marks are where a release of Apache Kafka can first be told from the one before, among the requests that every broker
// answers, newest first (from the release notes' protocol changes). A broker of another make is like one of them.
var marks = []struct {
	release   string
	key, most int
}{
	{"4.4 or later", apiVersions, 5}, {"4.3", apiDescribeLogDirs, 5}, {"4.2", apiOffsetCommit, 10}, {"4.1", apiFetch, 18},
	{"4.0", apiProduce, 12}, {"3.9", apiFetch, 17}, {"3.8", apiProduce, 11}, {"3.7", apiProduce, 10},
	{"3.6", apiAddPartitionsToTxn, 4}, {"3.5", apiFetch, 15}, {"3.1 to 3.4", apiFetch, 13}, {"3.0", apiListOffsets, 7},
	{"2.8", apiProduce, 9}, {"2.7", apiFetch, 12}, {"2.4 to 2.6", apiProduce, 8},
}

func (v versions) release() string {
	for _, mark := range marks {
		if v[mark.key].most >= mark.most {
			return mark.release
		}
	}
	return "before 2.4"
}

func name(key int) string { return protocol.ApiKey(key).String() }
