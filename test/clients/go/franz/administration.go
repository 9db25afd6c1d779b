package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"walrusmq.test/clients/lines"
)

type administration struct {
	admin            *kadm.Client
	isNextGeneration bool
}

func (a *administration) createTopic(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	configs := map[string]*string{}
	for name, value := range asked.Configs {
		configs[name] = kadm.StringPtr(value)
	}
	_, err := a.admin.CreateTopic(ctx, asked.Partitions, 1, configs, asked.Topic)
	return nil, err
}

func (a *administration) deleteTopic(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	_, err := a.admin.DeleteTopic(ctx, asked.Topic)
	return nil, err
}

func (a *administration) createPartitions(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	told, err := a.admin.UpdatePartitions(ctx, int(asked.Partitions), asked.Topic)
	if err != nil {
		return nil, err
	}
	return nil, told.Error()
}

func (a *administration) listTopics(struct{}) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	listed, err := a.admin.ListTopics(ctx)
	return listed.Names(), err
}

func (a *administration) describeTopic(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	listed, err := a.admin.ListTopics(ctx, asked.Topic)
	if err != nil {
		return nil, err
	}
	topic := listed[asked.Topic]
	return len(topic.Partitions), topic.Err
}

func (a *administration) describeConfigs(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	told, err := a.admin.DescribeTopicConfigs(ctx, asked.Topic)
	if err != nil {
		return nil, err
	}
	described, err := told.On(asked.Topic, nil)
	if err == nil {
		err = described.Err
	}
	configs := map[string]string{}
	for _, config := range described.Configs {
		configs[config.Key] = config.MaybeValue()
	}
	return configs, err
}

func (a *administration) alterConfigs(asked lines.Topic) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	var alterations []kadm.AlterConfig
	for name, value := range asked.Configs {
		set := kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: kadm.StringPtr(value)}
		alterations = append(alterations, set)
	}
	told, err := a.admin.AlterTopicConfigs(ctx, alterations, asked.Topic)
	if err != nil {
		return nil, err
	}
	altered, err := told.On(asked.Topic, nil)
	if err != nil {
		return nil, err
	}
	return nil, altered.Err
}

func (a *administration) deleteRecords(asked lines.Place) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	told, err := a.admin.DeleteRecords(ctx, adminOffsets(asked))
	if err != nil {
		return nil, err
	}
	return nil, told.Error()
}

func (a *administration) listOffset(asked lines.At) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	var listed kadm.ListedOffsets
	var err error
	switch at := asked.At.(type) {
	case float64:
		listed, err = a.admin.ListOffsetsAfterMilli(ctx, int64(at), asked.Topic)
	default:
		if at == "earliest" {
			listed, err = a.admin.ListStartOffsets(ctx, asked.Topic)
		} else {
			listed, err = a.admin.ListEndOffsets(ctx, asked.Topic)
		}
	}
	if err != nil {
		return nil, err
	}
	found, ok := listed.Lookup(asked.Topic, asked.Partition)
	if !ok {
		return nil, fmt.Errorf("no offset of %s [%d] was told", asked.Topic, asked.Partition)
	}
	return found.Offset, found.Err
}

func (a *administration) describeCluster(struct{}) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	metadata, err := a.admin.BrokerMetadata(ctx)
	if err != nil {
		return nil, err
	}
	seen := lines.Cluster{ControllerID: metadata.Controller, ClusterID: &metadata.Cluster}
	for _, broker := range metadata.Brokers {
		host := lines.Broker{ID: broker.NodeID, Host: broker.Host, Port: broker.Port}
		seen.Brokers = append(seen.Brokers, host)
	}
	return seen, nil
}

func (a *administration) listGroups(struct{}) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	listed, err := a.admin.ListGroups(ctx)
	return listed.Groups(), err
}

func (a *administration) describeGroup(asked lines.Group) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	if a.isNextGeneration {
		told, err := a.admin.DescribeConsumerGroups(ctx, asked.Group)
		group := told[asked.Group]
		return groupSeen(asked.Group, group.State, len(group.Members)), errors.Join(err, group.Err)
	}
	told, err := a.admin.DescribeGroups(ctx, asked.Group)
	group := told[asked.Group]
	return groupSeen(asked.Group, group.State, len(group.Members)), errors.Join(err, group.Err)
}

func groupSeen(name, state string, members int) lines.GroupSeen {
	plain := strings.ToLower(strings.ReplaceAll(state, " ", ""))
	return lines.GroupSeen{Group: name, State: plain, Members: members}
}

func (a *administration) deleteGroup(asked lines.Group) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	_, err := a.admin.DeleteGroup(ctx, asked.Group)
	return nil, err
}

func (a *administration) committed(asked lines.Group) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	told, err := a.admin.FetchOffsetsForTopics(ctx, asked.Group, asked.Topic)
	if err != nil {
		return nil, err
	}
	found, ok := told.Lookup(asked.Topic, asked.Partition)
	if !ok || found.At < 0 {
		return nil, found.Err
	}
	return found.At, found.Err
}

func (a *administration) alterCommitted(asked lines.Group) (any, error) {
	ctx, cancel := limited()
	defer cancel()
	return nil, a.admin.CommitAllOffsets(ctx, asked.Group, adminOffsets(asked.Place))
}

func adminOffsets(place lines.Place) kadm.Offsets {
	offsets := kadm.Offsets{}
	offsets.AddOffset(place.Topic, place.Partition, place.Offset, -1)
	return offsets
}
