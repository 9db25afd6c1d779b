"""confluent-kafka, which is librdkafka, for the suites: confluent_client.py PROTOCOL HOST:PORT

PROTOCOL is that of groups: classic, or consumer (KIP-848).
"""

import sys
import time

import confluent_kafka
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

from json_lines import ClientFailure, headers_of, received, serve, to_bytes

WAIT_S = 30
MESSAGE_BYTES_MAX = 40_000_000
# Members learn of a rebalance by a heartbeat.
HEARTBEATS_MS = 300
CODECS = {'none': 'none', 'gzip': 'gzip', 'snappy': 'snappy', 'lz4': 'lz4', 'zstd': 'zstd'}
# What librdkafka calls states of groups, where it is not what the broker calls them.
STATES = {
    'preparingrebalancing': 'preparingrebalance',
    'completingrebalancing': 'completingrebalance',
}


def _result(futures):
    """The value of the only future."""
    (future,) = futures.values()
    return future.result(WAIT_S)


def _record(message):
    _, timestamp_ms = message.timestamp()
    place = message.topic(), message.partition(), message.offset()
    return received(*place, message.key(), message.value(), message.headers(), timestamp_ms)


def _checked(partitions):
    """Raises the error of the first partition that has one."""
    for partition in partitions:
        if partition.error is not None:
            raise KafkaException(partition.error)
    return partitions


class ConfluentClient:
    version = '%s (librdkafka %s)' % (confluent_kafka.version(), confluent_kafka.libversion()[0])

    def __init__(self, bootstrap, protocol):
        self._common = {'bootstrap.servers': bootstrap}
        self._protocol = protocol
        self._admin = AdminClient(self._common)
        self._producers = {}
        self._members = {}

    @staticmethod
    def code_of(error):
        if not isinstance(error, KafkaException):
            return None
        code = error.args[0].code()
        # Below zero are librdkafka's own.
        return code if code >= 0 else None

    def close(self):
        for consumer in self._members.values():
            consumer.close()

    # Records

    def _producer(self, acks, codec, idempotent):
        # One that is kept: its sequences go on from request to request.
        kind = acks, codec, idempotent
        if kind not in self._producers:
            self._producers[kind] = Producer({
                **self._common,
                'acks': acks,
                'compression.type': CODECS[codec],
                'enable.idempotence': idempotent,
                'linger.ms': 20,
                'message.max.bytes': MESSAGE_BYTES_MAX,
                'delivery.timeout.ms': WAIT_S * 1000,
            })
        return self._producers[kind]

    def do_produce(self, topic, acks, codec, idempotent, records):
        producer = self._producer(acks, codec, idempotent)
        reports = [None] * len(records)

        def reporter(at):
            def report(error, message):
                reports[at] = message.offset() if error is None else error
            return report

        for at, record in enumerate(records):
            given = {}
            if record['partition'] is not None:
                given['partition'] = record['partition']
            if record['timestampMs'] is not None:
                given['timestamp'] = record['timestampMs']
            producer.produce(
                topic,
                key=to_bytes(record['key']),
                value=to_bytes(record['value']),
                headers=headers_of(record),
                on_delivery=reporter(at),
                **given,
            )
        if producer.flush(WAIT_S) > 0:
            raise ClientFailure('records are still not delivered after %d s' % WAIT_S)
        for report in reports:
            if isinstance(report, KafkaError):
                raise KafkaException(report)
        # Without an answer there is no offset.
        return None if acks == 0 else reports

    def do_produceTransaction(self, topic, transactionalId):
        producer = Producer({**self._common, 'transactional.id': transactionalId})
        producer.init_transactions(WAIT_S)
        producer.begin_transaction()
        producer.produce(topic, value=b'in a transaction')
        producer.commit_transaction(WAIT_S)

    def do_read(self, topic, partition, offset, count, withinMs):
        consumer = Consumer({
            **self._common,
            # Asked for, and not used: nothing is committed, no group is joined.
            'group.id': 'reads-without-a-group',
            'enable.auto.commit': False,
            'auto.offset.reset': 'error',
        })
        try:
            consumer.assign([TopicPartition(topic, partition, offset)])
            records = []
            deadline = time.monotonic() + withinMs / 1000
            while len(records) < count:
                message = consumer.poll(max(0, deadline - time.monotonic()))
                if message is None:
                    raise ClientFailure('%d of %d records came' % (len(records), count))
                if message.error() is not None:
                    raise KafkaException(message.error())
                records.append(_record(message))
            return records
        finally:
            consumer.close()

    # Groups

    def do_join(self, member, group, topics, assignor, instanceId):
        configs = {
            **self._common,
            'group.id': group,
            'group.protocol': self._protocol,
            'enable.auto.commit': False,
            'auto.offset.reset': 'earliest',
        }
        if self._protocol == 'consumer':
            configs['group.remote.assignor'] = assignor
        else:
            configs['partition.assignment.strategy'] = assignor
            configs['heartbeat.interval.ms'] = HEARTBEATS_MS
        if instanceId is not None:
            configs['group.instance.id'] = instanceId
        consumer = Consumer(configs)
        consumer.subscribe(topics)
        self._members[member] = consumer

    def do_poll(self, member, recordsMax, withinMs):
        consumer = self._members[member]
        first = consumer.poll(withinMs / 1000)
        if first is None:
            return []
        messages = [first]
        if recordsMax > 1:
            messages += consumer.consume(recordsMax - 1, 0)
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
        return [_record(message) for message in messages]

    def do_assignment(self, member):
        owned = self._members[member].assignment()
        return [{'topic': each.topic, 'partition': each.partition} for each in owned]

    def do_commit(self, member, offsets):
        wanted = [TopicPartition(each['topic'], each['partition'], each['offset'])
                  for each in offsets]
        _checked(self._members[member].commit(offsets=wanted, asynchronous=False))

    def do_seek(self, member, topic, partition, offset):
        # A partition that was only just assigned is not read yet, and cannot seek before it is.
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                self._members[member].seek(TopicPartition(topic, partition, offset))
                return
            except KafkaException as error:
                is_early = error.args[0].code() == KafkaError._STATE
                if not is_early or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def do_leave(self, member):
        self._members.pop(member).close()

    # Administration

    def do_createTopic(self, topic, partitions, configs):
        _result(self._admin.create_topics([NewTopic(topic, partitions, 1, config=configs)]))

    def do_deleteTopic(self, topic):
        _result(self._admin.delete_topics([topic]))

    def do_createPartitions(self, topic, partitions):
        _result(self._admin.create_partitions([NewPartitions(topic, partitions)]))

    def do_listTopics(self):
        return list(self._admin.list_topics(timeout=WAIT_S).topics)

    def do_describeTopic(self, topic):
        return len(_result(self._admin.describe_topics(TopicCollection([topic]))).partitions)

    def do_describeConfigs(self, topic):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        entries = _result(self._admin.describe_configs([resource]))
        return {name: entry.value for name, entry in entries.items()}

    def do_alterConfigs(self, topic, configs):
        operation = AlterConfigOpType.SET
        entries = [ConfigEntry(name, value, incremental_operation=operation)
                   for name, value in configs.items()]
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
        _result(self._admin.incremental_alter_configs([resource]))

    def do_deleteRecords(self, topic, partition, offset):
        _result(self._admin.delete_records([TopicPartition(topic, partition, offset)]))

    def do_listOffset(self, topic, partition, at):
        named = {'earliest': OffsetSpec.earliest, 'latest': OffsetSpec.latest}
        spec = named[at]() if at in named else OffsetSpec.for_timestamp(at)
        return _result(self._admin.list_offsets({TopicPartition(topic, partition): spec})).offset

    def do_describeCluster(self):
        cluster = self._admin.describe_cluster().result(WAIT_S)
        brokers = [{'id': node.id, 'host': node.host, 'port': node.port} for node in cluster.nodes]
        controller = cluster.controller
        return {
            'brokers': brokers,
            'controllerId': None if controller is None else controller.id,
            'clusterId': cluster.cluster_id,
        }

    def do_listGroups(self):
        listed = self._admin.list_consumer_groups().result(WAIT_S)
        for error in listed.errors:
            raise error
        return [group.group_id for group in listed.valid]

    def do_describeGroup(self, group):
        described = _result(self._admin.describe_consumer_groups([group]))
        state = described.state.name.lower().replace('_', '')
        members = len(described.members)
        return {'group': group, 'state': STATES.get(state, state), 'members': members}

    def do_deleteGroup(self, group):
        _result(self._admin.delete_consumer_groups([group]))

    def do_committed(self, topic, partition, group):
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition)])
        told = _result(self._admin.list_consumer_group_offsets([asked]))
        (found,) = _checked(told.topic_partitions)
        return found.offset if found.offset >= 0 else None

    def do_alterCommitted(self, topic, partition, offset, group):
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
        told = _result(self._admin.alter_consumer_group_offsets([wanted]))
        _checked(told.topic_partitions)


if __name__ == '__main__':
    serve(ConfluentClient(bootstrap=sys.argv[2], protocol=sys.argv[1]))
