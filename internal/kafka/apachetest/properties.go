package apachetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// listener is a door of a broker.
type listener int

const (
	plaintext  listener = iota // for clients and the other brokers
	controller                 // for the controllers of the cluster
	secure                     // TLS and SASL
)

var listeners = [...]string{plaintext: "PLAINTEXT", controller: "CONTROLLER", secure: "SECURE"}

// properties are the settings of one broker: Kafka's own, but for what makes it quick to start and small.
func (c *Cluster) properties(b *broker, o Options) string {
	copies, insync := strconv.Itoa(len(c.brokers)), strconv.Itoa(max(1, len(c.brokers)-1))
	all := map[string]string{
		"process.roles":                            "broker,controller",
		"node.id":                                  strconv.Itoa(b.id),
		"log.dirs":                                 b.data(),
		"controller.listener.names":                listeners[controller],
		"controller.quorum.voters":                 c.voters(),
		"inter.broker.listener.name":               listeners[plaintext],
		"listener.security.protocol.map":           "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
		"auto.create.topics.enable":                "false",
		"default.replication.factor":               copies,
		"min.insync.replicas":                      insync,
		"offsets.topic.replication.factor":         copies,
		"offsets.topic.num.partitions":             "3",
		"transaction.state.log.replication.factor": copies,
		"transaction.state.log.min.isr":            insync,
		"group.initial.rebalance.delay.ms":         "0",
		"num.network.threads":                      "2",
		"num.io.threads":                           "2",
		"log.cleaner.dedupe.buffer.size":           "10485760",
		"log.index.size.max.bytes":                 "1048576",
	}
	all["listeners"] = b.listens(plaintext, controller)
	if c.secured {
		all["listeners"] = b.listens(plaintext, controller, secure)
		maps.Copy(all, c.securityOf(o.Users))
	}
	maps.Copy(all, o.Properties)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&text, "%s=%s\n", name, all[name])
	}
	return text.String()
}

func (b *broker) listens(doors ...listener) string {
	var all []string
	for _, door := range doors {
		all = append(all, listeners[door]+"://"+b.address(door))
	}
	return strings.Join(all, ",")
}

func (c *Cluster) voters() string {
	var all []string
	for _, b := range c.brokers {
		all = append(all, fmt.Sprintf("%d@%s", b.id, b.address(controller)))
	}
	return strings.Join(all, ",")
}

// securityOf are the settings of the secure door.
func (c *Cluster) securityOf(users map[string]string) map[string]string {
	const door = "listener.name.secure."
	known := "org.apache.kafka.common.security.plain.PlainLoginModule required"
	for _, name := range slices.Sorted(maps.Keys(users)) {
		known += fmt.Sprintf(` user_%s="%s"`, name, users[name])
	}
	return map[string]string{
		door + "ssl.keystore.type":                     "PEM",
		door + "ssl.keystore.location":                 brokerFile(c.dir),
		door + "sasl.enabled.mechanisms":               "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		door + "plain.sasl.jaas.config":                known + ";",
		door + "scram-sha-256.sasl.jaas.config":        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
		door + "scram-sha-512.sasl.jaas.config":        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
		door + "ssl.endpoint.identification.algorithm": "",
	}
}

// logging has log4j write warnings to the broker's output.
const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRefs = console
rootLogger.appenderRef.console.ref = console
`
