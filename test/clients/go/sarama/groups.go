package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"walrusmq.test/clients/lines"
)

// Members learn of a rebalance by a heartbeat.
const heartbeats = 300 * time.Millisecond

// Until the broker tells of a commit what was committed.
const commitChecks = 100

var strategies = map[string]func() sarama.BalanceStrategy{
	"range":      sarama.NewBalanceStrategyRange,
	"roundrobin": sarama.NewBalanceStrategyRoundRobin,
	"sticky":     sarama.NewBalanceStrategySticky,
}

type groups struct {
	settings settings
	admin    *administration
	mutex    sync.Mutex
	members  map[string]*member
}

// member is one membership. Its goroutine consumes session after session; the client calls it back
// from goroutines of its own, one per partition, which hand over one message at a time.
type member struct {
	group   string
	client  sarama.ConsumerGroup
	topics  []string
	cancel  context.CancelFunc
	ended   chan struct{}
	records chan *sarama.ConsumerMessage
	failed  chan error
	mutex   sync.Mutex
	session sarama.ConsumerGroupSession
}

// Setup is called by the client before it consumes what the session owns.
func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.session = session
	return nil
}

// Cleanup is called by the client once nothing is consumed any more.
func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.session = nil
	return nil
}

// ConsumeClaim hands over the messages of one partition until the session ends.
func (m *member) ConsumeClaim(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim,
) error {
	for {
		select {
		case message, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			select {
			case m.records <- message:
			case <-session.Context().Done():
				return nil
			}
		case <-session.Context().Done():
			return nil
		}
	}
}

func (m *member) consume(ctx context.Context) {
	defer close(m.ended)
	for ctx.Err() == nil {
		if err := m.client.Consume(ctx, m.topics, m); err != nil && ctx.Err() == nil {
			m.fail(err)
			return
		}
	}
}

// fail keeps the first error for the command that comes next.
func (m *member) fail(err error) {
	select {
	case m.failed <- err:
	default:
	}
}

func (m *member) current() sarama.ConsumerGroupSession {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.session
}

func (g *groups) join(asked lines.Join) (any, error) {
	config := g.settings.config()
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Return.Errors = true
	config.Consumer.Group.Heartbeat.Interval = heartbeats
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{
		strategies[asked.Assignor](),
	}
	if asked.InstanceID != nil {
		config.Consumer.Group.InstanceId = *asked.InstanceID
	}
	client, err := sarama.NewConsumerGroup(g.settings.bootstrap, asked.Group, config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	made := &member{
		group:   asked.Group,
		client:  client,
		topics:  asked.Topics,
		cancel:  cancel,
		ended:   make(chan struct{}),
		records: make(chan *sarama.ConsumerMessage),
		failed:  make(chan error, 1),
	}
	go made.consume(ctx)
	go func() {
		for err := range client.Errors() {
			made.fail(err)
		}
	}()
	g.mutex.Lock()
	defer g.mutex.Unlock()
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
	late := time.After(time.Duration(asked.WithinMs) * time.Millisecond)
	found := []lines.Received{}
	for len(found) < asked.RecordsMax {
		// Behind the first one only what comes at once.
		if len(found) > 0 {
			late = time.After(linger)
		}
		select {
		case message := <-member.records:
			found = append(found, received(message))
		case err := <-member.failed:
			return nil, err
		case <-late:
			return found, nil
		}
	}
	return found, nil
}

func (g *groups) assignment(asked lines.Member) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	owned := []lines.Owned{}
	if session := member.current(); session != nil {
		for topic, partitions := range session.Claims() {
			for _, partition := range partitions {
				owned = append(owned, lines.Owned{Topic: topic, Partition: partition})
			}
		}
	}
	return owned, nil
}

// commit marks the offsets, in whichever direction they lie, and commits. The client reports no
// result, only errors at some time, so the broker is asked for what it has.
func (g *groups) commit(asked lines.Commit) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	session := member.current()
	if session == nil {
		return nil, errors.New("a rebalance is under way")
	}
	for _, place := range asked.Offsets {
		session.ResetOffset(place.Topic, place.Partition, place.Offset, "")
		session.MarkOffset(place.Topic, place.Partition, place.Offset, "")
	}
	session.Commit()
	for check := 0; check < commitChecks; check++ {
		select {
		case err := <-member.failed:
			return nil, err
		case <-time.After(linger):
		}
		if isThere, err := g.admin.hasCommitted(member.group, asked.Offsets); err != nil || isThere {
			return nil, err
		}
	}
	return nil, errors.New("the broker does not tell of the committed offsets")
}

func (g *groups) leave(asked lines.Member) (any, error) {
	member, err := g.find(asked.Member)
	if err != nil {
		return nil, err
	}
	g.mutex.Lock()
	delete(g.members, asked.Member)
	g.mutex.Unlock()
	return nil, member.leave()
}

func (m *member) leave() error {
	m.cancel()
	<-m.ended
	return m.client.Close()
}

func (g *groups) close() error {
	var failed error
	for _, member := range g.members {
		failed = errors.Join(failed, member.leave())
	}
	return failed
}
