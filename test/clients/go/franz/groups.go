package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"walrusmq.test/clients/lines"
)

// Members learn of a rebalance by a heartbeat.
const heartbeats = 300 * time.Millisecond

// What the client asks for before it uses the consumer protocol.
const nextGeneration = "opt_in_kafka_next_gen_balancer_beta"

var balancers = map[string]kgo.GroupBalancer{
	"cooperative-sticky": kgo.CooperativeStickyBalancer(),
	"sticky":             kgo.StickyBalancer(),
	"range":              kgo.RangeBalancer(),
	"roundrobin":         kgo.RoundRobinBalancer(),
	// The broker's assignors of the consumer protocol go by these.
	"uniform": kgo.StickyBalancer(),
}

type groups struct {
	seeds            kgo.Opt
	isNextGeneration bool
	mutex            sync.Mutex
	members          map[string]*member
}

// member is one membership; the client calls back from a goroutine of its own.
type member struct {
	client *kgo.Client
	mutex  sync.Mutex
	owned  map[lines.Owned]bool
}

func (m *member) add(_ context.Context, _ *kgo.Client, added map[string][]int32) {
	m.note(added, func(owned lines.Owned) { m.owned[owned] = true })
}

func (m *member) remove(_ context.Context, _ *kgo.Client, removed map[string][]int32) {
	m.note(removed, func(owned lines.Owned) { delete(m.owned, owned) })
}

func (m *member) note(changed map[string][]int32, each func(lines.Owned)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for topic, partitions := range changed {
		for _, partition := range partitions {
			each(lines.Owned{Topic: topic, Partition: partition})
		}
	}
}

func (g *groups) join(asked lines.Join) (any, error) {
	made := &member{owned: map[lines.Owned]bool{}}
	options := []kgo.Opt{
		g.seeds,
		kgo.ConsumerGroup(asked.Group),
		kgo.ConsumeTopics(asked.Topics...),
		kgo.Balancers(balancers[asked.Assignor]),
		kgo.HeartbeatInterval(heartbeats),
		kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(made.add),
		kgo.OnPartitionsRevoked(made.remove),
		kgo.OnPartitionsLost(made.remove),
	}
	if asked.InstanceID != nil {
		options = append(options, kgo.InstanceID(*asked.InstanceID))
	}
	if g.isNextGeneration {
		opted := context.WithValue(context.Background(), nextGeneration, true) //nolint:staticcheck
		options = append(options, kgo.WithContext(opted))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	made.client = client
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.members == nil {
		g.members = map[string]*member{}
	}
	g.members[asked.Member] = made
	return nil, nil
}

func (g *groups) find(name string) (*member, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	found, ok := g.members[name]
	if !ok {
		return nil, fmt.Errorf("there is no member %s", name)
	}
	return found, nil
}

func (g *groups) poll(asked lines.Poll) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	within := time.Duration(asked.WithinMs) * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	fetches := member.client.PollRecords(ctx, asked.RecordsMax)
	if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	found := []lines.Received{}
	fetches.EachRecord(func(record *kgo.Record) { found = append(found, received(record)) })
	return found, nil
}

func (g *groups) assignment(asked lines.Member) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	member.mutex.Lock()
	defer member.mutex.Unlock()
	owned := []lines.Owned{}
	for each := range member.owned {
		owned = append(owned, each)
	}
	return owned, nil
}

func (g *groups) commit(asked lines.Commit) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	ctx, cancel := limited()
	defer cancel()
	var failed error
	done := func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse,
		err error) {
		failed = err
		if response == nil {
			return
		}
		for _, topic := range response.Topics {
			for _, partition := range topic.Partitions {
				failed = errors.Join(failed, kerr.ErrorForCode(partition.ErrorCode))
			}
		}
	}
	member.client.CommitOffsetsSync(ctx, offsetsOf(asked.Offsets...), done)
	return nil, failed
}

func (g *groups) seek(asked lines.Member) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	member.client.SetOffsets(offsetsOf(asked.Place))
	return nil, nil
}

func (g *groups) leave(asked lines.Member) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	// Leaves, too.
	member.client.Close()
	g.mutex.Lock()
	defer g.mutex.Unlock()
	delete(g.members, asked.Member)
	return nil, nil
}

func (g *groups) close() {
	for _, member := range g.members {
		member.client.Close()
	}
}

func offsetsOf(places ...lines.Place) map[string]map[int32]kgo.EpochOffset {
	offsets := map[string]map[int32]kgo.EpochOffset{}
	for _, place := range places {
		if offsets[place.Topic] == nil {
			offsets[place.Topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[place.Topic][place.Partition] = kgo.EpochOffset{Epoch: -1, Offset: place.Offset}
	}
	return offsets
}
