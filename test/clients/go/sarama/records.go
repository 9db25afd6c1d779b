package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"walrusmq.test/clients/lines"
)

// What the client waits for more records of a batch.
const linger = 20 * time.Millisecond

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

var allAcks = map[int]sarama.RequiredAcks{
	-1: sarama.WaitForAll,
	0:  sarama.NoResponse,
	1:  sarama.WaitForLocal,
}

type producerKind struct {
	acks       int
	codec      string
	idempotent bool
}

// records writes and reads without groups. Producers are kept, so that the sequences of an
// idempotent one go on.
type records struct {
	settings  settings
	producers map[producerKind]sarama.SyncProducer
}

// placed puts messages where their metadata asks for, and others where the client's own does.
type placed struct{ own sarama.Partitioner }

func newPlaced(topic string) sarama.Partitioner {
	return placed{sarama.NewHashPartitioner(topic)}
}

func (p placed) Partition(message *sarama.ProducerMessage, count int32) (int32, error) {
	if asked, ok := message.Metadata.(int32); ok {
		return asked, nil
	}
	return p.own.Partition(message, count)
}

func (p placed) RequiresConsistency() bool { return p.own.RequiresConsistency() }

func (r *records) producer(kind producerKind) (sarama.SyncProducer, error) {
	if known, ok := r.producers[kind]; ok {
		return known, nil
	}
	config := r.settings.config()
	config.Producer.RequiredAcks = allAcks[kind.acks]
	config.Producer.Compression = codecs[kind.codec]
	config.Producer.Return.Successes = true
	config.Producer.Return.Errors = true
	config.Producer.Partitioner = newPlaced
	config.Producer.Flush.Frequency = linger
	config.Producer.MaxMessageBytes = messageBytesMax
	if kind.idempotent {
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
	}
	made, err := sarama.NewSyncProducer(r.settings.bootstrap, config)
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
	sent := make([]*sarama.ProducerMessage, 0, len(asked.Records))
	for _, record := range asked.Records {
		sent = append(sent, toSend(asked.Topic, record))
	}
	if err := producer.SendMessages(sent); err != nil {
		return nil, err
	}
	if asked.Acks == 0 {
		return nil, nil
	}
	offsets := make([]int64, 0, len(sent))
	for _, message := range sent {
		offsets = append(offsets, message.Offset)
	}
	return offsets, nil
}

func (r *records) produceTransaction(asked lines.ProduceTransaction) (any, error) {
	config := r.settings.config()
	config.Producer.Transaction.ID = asked.TransactionalID
	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Return.Errors = true
	config.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer(r.settings.bootstrap, config)
	if err != nil {
		return nil, err
	}
	if err := writeInTransaction(producer, asked.Topic); err != nil {
		return nil, errors.Join(err, producer.Close())
	}
	return nil, producer.Close()
}

func writeInTransaction(producer sarama.SyncProducer, topic string) error {
	if err := producer.BeginTxn(); err != nil {
		return err
	}
	value := sarama.StringEncoder("in a transaction")
	message := &sarama.ProducerMessage{Topic: topic, Value: value}
	if _, _, err := producer.SendMessage(message); err != nil {
		return err
	}
	return producer.CommitTxn()
}

func toSend(topic string, record lines.ToProduce) *sarama.ProducerMessage {
	made := &sarama.ProducerMessage{Topic: topic}
	// An encoder of no bytes at all would write an empty key where none is meant.
	if record.Key != nil {
		made.Key = sarama.ByteEncoder(record.Key)
	}
	if record.Value != nil {
		made.Value = sarama.ByteEncoder(record.Value)
	}
	if record.Partition != nil {
		made.Metadata = *record.Partition
	}
	if record.TimestampMs != nil {
		made.Timestamp = time.UnixMilli(*record.TimestampMs)
	}
	for _, header := range record.Headers {
		named := sarama.RecordHeader{Key: []byte(header.Name), Value: header.Value}
		made.Headers = append(made.Headers, named)
	}
	return made
}

func (r *records) read(asked lines.Read) (any, error) {
	config := r.settings.config()
	config.Consumer.Return.Errors = true
	consumer, err := sarama.NewConsumer(r.settings.bootstrap, config)
	if err != nil {
		return nil, err
	}
	partition, err := consumer.ConsumePartition(asked.Topic, asked.Partition, asked.Offset)
	if err != nil {
		return nil, errors.Join(err, consumer.Close())
	}
	found, err := take(partition, asked)
	return found, errors.Join(err, partition.Close(), consumer.Close())
}

func take(partition sarama.PartitionConsumer, asked lines.Read) ([]lines.Received, error) {
	late := time.After(time.Duration(asked.WithinMs) * time.Millisecond)
	found := []lines.Received{}
	for len(found) < asked.Count {
		select {
		case message := <-partition.Messages():
			found = append(found, received(message))
		case err := <-partition.Errors():
			return nil, err
		case <-late:
			return nil, fmt.Errorf("%d of %d records came", len(found), asked.Count)
		}
	}
	return found, nil
}

func (r *records) close() error {
	var failed error
	for _, producer := range r.producers {
		failed = errors.Join(failed, producer.Close())
	}
	return failed
}
