// Sarama for the test suites: sarama VERSION HOST:PORT, where VERSION is that of Kafka which the
// client is configured for (2.1.0 if nobody does), or max.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"walrusmq.test/clients/lines"
)

const (
	waitMax         = 30 * time.Second
	messageBytesMax = 40 << 20
	moduleTested    = "github.com/IBM/sarama"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(version, bootstrap string) error {
	kafka := sarama.MaxVersion
	if version != "max" {
		parsed, err := sarama.ParseKafkaVersion(version)
		if err != nil {
			return err
		}
		kafka = parsed
	}
	settings := settings{bootstrap: []string{bootstrap}, kafka: kafka}
	client, err := sarama.NewClient(settings.bootstrap, settings.config())
	if err != nil {
		return err
	}
	cluster, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		return err
	}
	admin := &administration{client: client, admin: cluster}
	records := &records{settings: settings, producers: map[producerKind]sarama.SyncProducer{}}
	groups := &groups{settings: settings, admin: admin, members: map[string]*member{}}
	return lines.Serve(lines.Client{
		Version: fmt.Sprintf("%s as of Kafka %s", moduleVersion(), kafka),
		Commands: map[string]lines.Handler{
			"produce":            lines.Handle(records.produce),
			"produceTransaction": lines.Handle(records.produceTransaction),
			"read":               lines.Handle(records.read),
			"join":               lines.Handle(groups.join),
			"poll":               lines.Handle(groups.poll),
			"assignment":         lines.Handle(groups.assignment),
			"commit":             lines.Handle(groups.commit),
			"leave":              lines.Handle(groups.leave),
			"createTopic":        lines.Handle(admin.createTopic),
			"deleteTopic":        lines.Handle(admin.deleteTopic),
			"createPartitions":   lines.Handle(admin.createPartitions),
			"listTopics":         lines.Handle(admin.listTopics),
			"describeTopic":      lines.Handle(admin.describeTopic),
			"describeConfigs":    lines.Handle(admin.describeConfigs),
			"alterConfigs":       lines.Handle(admin.alterConfigs),
			"deleteRecords":      lines.Handle(admin.deleteRecords),
			"listOffset":         lines.Handle(admin.listOffset),
			"describeCluster":    lines.Handle(admin.describeCluster),
			"listGroups":         lines.Handle(admin.listGroups),
			"describeGroup":      lines.Handle(admin.describeGroup),
			"deleteGroup":        lines.Handle(admin.deleteGroup),
			"committed":          lines.Handle(admin.committed),
			"alterCommitted":     lines.Handle(admin.alterCommitted),
		},
		CodeOf: codeOf,
		Close: func() error {
			// The cluster's administrator closes the client below it.
			return errors.Join(groups.close(), records.close(), cluster.Close())
		},
	})
}

// settings of every client that is made.
type settings struct {
	bootstrap []string
	kafka     sarama.KafkaVersion
}

func (s settings) config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = s.kafka
	config.Admin.Timeout = waitMax
	return config
}

func codeOf(err error) *int {
	var failed sarama.ProducerErrors
	if errors.As(err, &failed) && len(failed) > 0 {
		err = failed[0].Err
	}
	var known sarama.KError
	if !errors.As(err, &known) {
		return nil
	}
	code := int(known)
	return &code
}

func moduleVersion() string {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range built.Deps {
		if module.Path == moduleTested {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}

func received(message *sarama.ConsumerMessage) lines.Received {
	headers := make([]lines.Header, 0, len(message.Headers))
	for _, header := range message.Headers {
		headers = append(headers, lines.Header{Name: string(header.Key), Value: header.Value})
	}
	return lines.Received{
		Topic:       message.Topic,
		Partition:   message.Partition,
		Offset:      message.Offset,
		Key:         message.Key,
		Value:       message.Value,
		Headers:     headers,
		TimestampMs: message.Timestamp.UnixMilli(),
	}
}
