package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"walrusmq.test/clients/lines"
)

// What the client waits for more records of a batch.
const linger = 20 * time.Millisecond

// anyPartition leaves the choice to the client's own partitioner.
const anyPartition = -1

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var allAcks = map[int]kgo.Acks{-1: kgo.AllISRAcks(), 0: kgo.NoAck(), 1: kgo.LeaderAck()}

type producerKind struct {
	acks       int
	codec      string
	idempotent bool
}

// records writes and reads without groups. Producers are kept, so that the sequences of an
// idempotent one go on.
type records struct {
	seeds     kgo.Opt
	producers map[producerKind]*kgo.Client
}

// placed puts records where they ask to be, and others where the client's own partitioner does.
type placed struct{ own kgo.Partitioner }

func (p placed) ForTopic(topic string) kgo.TopicPartitioner {
	return placedInTopic{p.own.ForTopic(topic)}
}

type placedInTopic struct{ own kgo.TopicPartitioner }

func (p placedInTopic) RequiresConsistency(record *kgo.Record) bool {
	return record.Partition != anyPartition || p.own.RequiresConsistency(record)
}

func (p placedInTopic) Partition(record *kgo.Record, count int) int {
	if record.Partition != anyPartition {
		return int(record.Partition)
	}
	return p.own.Partition(record, count)
}

func (r *records) producer(kind producerKind) (*kgo.Client, error) {
	if known, ok := r.producers[kind]; ok {
		return known, nil
	}
	options := []kgo.Opt{
		r.seeds,
		kgo.RequiredAcks(allAcks[kind.acks]),
		kgo.ProducerBatchCompression(codecs[kind.codec]),
		kgo.ProducerLinger(linger),
		kgo.ProducerBatchMaxBytes(batchBytes),
		kgo.RecordPartitioner(placed{kgo.StickyKeyPartitioner(nil)}),
	}
	if !kind.idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	made, err := kgo.NewClient(options...)
	if err == nil {
		r.producers[kind] = made
	}
	return made, err
}

func (r *records) produce(asked lines.Produce) (any, error) {
	producer, err := r.producer(producerKind{asked.Acks, asked.Codec, asked.Idempotent})
	if err != nil {
		return nil, err
	}
	sent := make([]*kgo.Record, 0, len(asked.Records))
	for _, record := range asked.Records {
		sent = append(sent, toSend(asked.Topic, record))
	}
	ctx, cancel := limited()
	defer cancel()
	if err := producer.ProduceSync(ctx, sent...).FirstErr(); err != nil {
		return nil, err
	}
	if asked.Acks == 0 {
		return nil, nil
	}
	offsets := make([]int64, 0, len(sent))
	for _, record := range sent {
		offsets = append(offsets, record.Offset)
	}
	return offsets, nil
}

// produceTransaction sends before it commits: the client asks for its producer ID only then.
func (r *records) produceTransaction(asked lines.ProduceTransaction) (any, error) {
	producer, err := kgo.NewClient(r.seeds, kgo.TransactionalID(asked.TransactionalID))
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	if err := producer.BeginTransaction(); err != nil {
		return nil, err
	}
	ctx, cancel := limited()
	defer cancel()
	record := &kgo.Record{Topic: asked.Topic, Value: []byte("in a transaction")}
	if err := producer.ProduceSync(ctx, record).FirstErr(); err != nil {
		return nil, err
	}
	return nil, producer.EndTransaction(ctx, kgo.TryCommit)
}

func toSend(topic string, record lines.ToProduce) *kgo.Record {
	made := &kgo.Record{Topic: topic, Key: record.Key, Value: record.Value, Partition: anyPartition}
	if record.Partition != nil {
		made.Partition = *record.Partition
	}
	if record.TimestampMs != nil {
		made.Timestamp = time.UnixMilli(*record.TimestampMs)
	}
	for _, header := range record.Headers {
		made.Headers = append(made.Headers, kgo.RecordHeader{Key: header.Name, Value: header.Value})
	}
	return made
}

func (r *records) read(asked lines.Read) (any, error) {
	at := kgo.NewOffset().At(asked.Offset)
	consumer, err := kgo.NewClient(
		r.seeds,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			asked.Topic: {asked.Partition: at},
		}),
		// An offset out of range is an error.
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
	)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	within := time.Duration(asked.WithinMs) * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	found := []lines.Received{}
	for len(found) < asked.Count {
		fetches := consumer.PollRecords(ctx, asked.Count-len(found))
		if err := fetches.Err(); errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%d of %d records came", len(found), asked.Count)
		} else if err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) { found = append(found, received(record)) })
	}
	return found, nil
}

func (r *records) close() {
	for _, producer := range r.producers {
		producer.Close()
	}
}
