// franz-go for the test suites: franz PROTOCOL HOST:PORT, where PROTOCOL is that of groups, classic
// or consumer (KIP-848).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"walrusmq.test/clients/lines"
)

const (
	waitMax      = 30 * time.Second
	batchBytes   = 40 << 20
	moduleTested = "github.com/twmb/franz-go"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(protocol, bootstrap string) error {
	seeds := kgo.SeedBrokers(bootstrap)
	plain, err := kgo.NewClient(seeds)
	if err != nil {
		return err
	}
	admin := &administration{kadm.NewClient(plain), protocol == "consumer"}
	records := &records{seeds: seeds, producers: map[producerKind]*kgo.Client{}}
	groups := &groups{seeds: seeds, isNextGeneration: protocol == "consumer"}
	return lines.Serve(lines.Client{
		Version: moduleVersion(),
		Commands: map[string]lines.Handler{
			"produce":            lines.Handle(records.produce),
			"produceTransaction": lines.Handle(records.produceTransaction),
			"read":               lines.Handle(records.read),
			"join":               lines.Handle(groups.join),
			"poll":               lines.Handle(groups.poll),
			"assignment":         lines.Handle(groups.assignment),
			"commit":             lines.Handle(groups.commit),
			"seek":               lines.Handle(groups.seek),
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
			groups.close()
			records.close()
			plain.Close()
			return nil
		},
	})
}

func codeOf(err error) *int {
	var known *kerr.Error
	if !errors.As(err, &known) {
		return nil
	}
	code := int(known.Code)
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

func received(record *kgo.Record) lines.Received {
	headers := make([]lines.Header, 0, len(record.Headers))
	for _, header := range record.Headers {
		headers = append(headers, lines.Header{Name: header.Key, Value: header.Value})
	}
	return lines.Received{
		Topic:       record.Topic,
		Partition:   record.Partition,
		Offset:      record.Offset,
		Key:         record.Key,
		Value:       record.Value,
		Headers:     headers,
		TimestampMs: record.Timestamp.UnixMilli(),
	}
}

// limited is the context of one command.
func limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), waitMax)
}
