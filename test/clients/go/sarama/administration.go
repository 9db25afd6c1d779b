package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
	"walrusmq.test/clients/lines"
)

type administration struct {
	client sarama.Client
	admin  sarama.ClusterAdmin
}

func pointersTo(configs map[string]string) map[string]*string {
	pointers := map[string]*string{}
	for name, value := range configs {
		pointers[name] = &value
	}
	return pointers
}

func (a *administration) createTopic(asked lines.Topic) (any, error) {
	detail := &sarama.TopicDetail{
		NumPartitions:     asked.Partitions,
		ReplicationFactor: 1,
		ConfigEntries:     pointersTo(asked.Configs),
	}
	return nil, a.admin.CreateTopic(asked.Topic, detail, false)
}

func (a *administration) deleteTopic(asked lines.Topic) (any, error) {
	return nil, a.admin.DeleteTopic(asked.Topic)
}

func (a *administration) createPartitions(asked lines.Topic) (any, error) {
	return nil, a.admin.CreatePartitions(asked.Topic, asked.Partitions, nil, false)
}

func (a *administration) listTopics(struct{}) (any, error) {
	listed, err := a.admin.ListTopics()
	names := []string{}
	for name := range listed {
		names = append(names, name)
	}
	return names, err
}

func (a *administration) describeTopic(asked lines.Topic) (any, error) {
	told, err := a.admin.DescribeTopics([]string{asked.Topic})
	if err != nil {
		return nil, err
	}
	if told[0].Err != sarama.ErrNoError {
		return nil, told[0].Err
	}
	return len(told[0].Partitions), nil
}

func (a *administration) describeConfigs(asked lines.Topic) (any, error) {
	resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: asked.Topic}
	told, err := a.admin.DescribeConfig(resource)
	configs := map[string]string{}
	for _, entry := range told {
		configs[entry.Name] = entry.Value
	}
	return configs, err
}

// alterConfigs changes single configs where the client's version of Kafka has that, else all.
func (a *administration) alterConfigs(asked lines.Topic) (any, error) {
	if !a.client.Config().Version.IsAtLeast(sarama.V2_3_0_0) {
		all := pointersTo(asked.Configs)
		return nil, a.admin.AlterConfig(sarama.TopicResource, asked.Topic, all, false)
	}
	entries := map[string]sarama.IncrementalAlterConfigsEntry{}
	for name, value := range pointersTo(asked.Configs) {
		entries[name] = sarama.IncrementalAlterConfigsEntry{
			Operation: sarama.IncrementalAlterConfigsOperationSet,
			Value:     value,
		}
	}
	return nil, a.admin.IncrementalAlterConfig(sarama.TopicResource, asked.Topic, entries, false)
}

func (a *administration) deleteRecords(asked lines.Place) (any, error) {
	below := map[int32]int64{asked.Partition: asked.Offset}
	return nil, a.admin.DeleteRecords(asked.Topic, below)
}

func (a *administration) listOffset(asked lines.At) (any, error) {
	at := sarama.OffsetNewest
	if milliseconds, ok := asked.At.(float64); ok {
		at = int64(milliseconds)
	} else if asked.At == "earliest" {
		at = sarama.OffsetOldest
	}
	return a.client.GetOffset(asked.Topic, asked.Partition, at)
}

func (a *administration) describeCluster(struct{}) (any, error) {
	brokers, controller, err := a.admin.DescribeCluster()
	if err != nil {
		return nil, err
	}
	seen := lines.Cluster{ControllerID: controller}
	for _, broker := range brokers {
		host, port, err := net.SplitHostPort(broker.Addr())
		if err != nil {
			return nil, err
		}
		number, err := strconv.ParseInt(port, 10, 32)
		if err != nil {
			return nil, err
		}
		known := lines.Broker{ID: broker.ID(), Host: host, Port: int32(number)}
		seen.Brokers = append(seen.Brokers, known)
	}
	return seen, nil
}

func (a *administration) listGroups(struct{}) (any, error) {
	listed, err := a.admin.ListConsumerGroups()
	names := []string{}
	for name := range listed {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

func (a *administration) describeGroup(asked lines.Group) (any, error) {
	told, err := a.admin.DescribeConsumerGroups([]string{asked.Group})
	if err != nil {
		return nil, err
	}
	group := told[0]
	if group.Err != sarama.ErrNoError {
		return nil, group.Err
	}
	state := strings.ToLower(strings.ReplaceAll(group.State, " ", ""))
	return lines.GroupSeen{Group: group.GroupId, State: state, Members: len(group.Members)}, nil
}

func (a *administration) deleteGroup(asked lines.Group) (any, error) {
	return nil, a.admin.DeleteConsumerGroup(asked.Group)
}

// offsetOf is the committed offset of a group, -1 where there is none.
func (a *administration) offsetOf(group string, place lines.Place) (int64, error) {
	asked := map[string][]int32{place.Topic: {place.Partition}}
	told, err := a.admin.ListConsumerGroupOffsets(group, asked)
	if err != nil {
		return 0, err
	}
	block := told.GetBlock(place.Topic, place.Partition)
	if block == nil {
		return 0, fmt.Errorf("no offset of %s [%d] was told", place.Topic, place.Partition)
	}
	if block.Err != sarama.ErrNoError {
		return 0, block.Err
	}
	return block.Offset, nil
}

func (a *administration) hasCommitted(group string, places []lines.Place) (bool, error) {
	for _, place := range places {
		offset, err := a.offsetOf(group, place)
		if err != nil || offset != place.Offset {
			return false, err
		}
	}
	return true, nil
}

func (a *administration) committed(asked lines.Group) (any, error) {
	offset, err := a.offsetOf(asked.Group, asked.Place)
	if err != nil || offset < 0 {
		return nil, err
	}
	return offset, nil
}

// alterCommitted commits as a consumer without a group does.
func (a *administration) alterCommitted(asked lines.Group) (any, error) {
	manager, err := sarama.NewOffsetManagerFromClient(asked.Group, a.client)
	if err != nil {
		return nil, err
	}
	partition, err := manager.ManagePartition(asked.Topic, asked.Partition)
	if err != nil {
		return nil, errors.Join(err, manager.Close())
	}
	partition.ResetOffset(asked.Offset, "")
	partition.MarkOffset(asked.Offset, "")
	manager.Commit()
	var failed error
	partition.AsyncClose()
	for err := range partition.Errors() {
		failed = errors.Join(failed, err)
	}
	return nil, errors.Join(failed, manager.Close())
}
