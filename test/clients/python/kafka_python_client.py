"""kafka-python, a client in plain Python, for the suites: kafka_python_client.py HOST:PORT"""

import re
import sys
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import KafkaError, NoError
from kafka.structs import OffsetAndMetadata

from json_lines import ClientFailure, headers_of, received, serve, to_bytes

WAIT_S = 30
REQUEST_BYTES_MAX = 40_000_000
# Members learn of a rebalance by a heartbeat.
HEARTBEATS_MS = 300
ASSIGNORS = {
    'range': RangePartitionAssignor,
    'roundrobin': RoundRobinPartitionAssignor,
    'sticky': StickyPartitionAssignor,
    'cooperative-sticky': CooperativeStickyAssignor,
}
EARLIEST = -2
LATEST = -1


def _record(record):
    place = record.topic, record.partition, record.offset
    return received(*place, record.key, record.value, record.headers, record.timestamp)


def _check(error):
    """Raises the error of one item of a response, given as its class, unless it is none."""
    if error is not NoError:
        raise error()


class KafkaPythonClient:
    version = kafka.__version__

    def __init__(self, bootstrap):
        self._common = {'bootstrap_servers': bootstrap}
        self._admin = KafkaAdminClient(**self._common)
        self._producers = {}
        self._members = {}

    @staticmethod
    def code_of(error):
        # The client's own have none, or -1.
        code = getattr(error, 'errno', None) if isinstance(error, KafkaError) else None
        return code if code is not None and code >= 0 else None

    def close(self):
        for consumer in self._members.values():
            consumer.close(autocommit=False)
        for producer in self._producers.values():
            producer.close(timeout=WAIT_S)
        self._admin.close()

    # Records

    def _producer(self, acks, codec, idempotent):
        # One that is kept: its sequences go on from request to request.
        kind = acks, codec, idempotent
        if kind not in self._producers:
            self._producers[kind] = KafkaProducer(
                **self._common,
                acks=acks,
                compression_type=None if codec == 'none' else codec,
                enable_idempotence=idempotent,
                linger_ms=20,
                batch_size=1 << 20,
                max_request_size=REQUEST_BYTES_MAX,
            )
        return self._producers[kind]

    def do_produce(self, topic, acks, codec, idempotent, records):
        producer = self._producer(acks, codec, idempotent)
        sent = [
            producer.send(
                topic,
                key=to_bytes(record['key']),
                value=to_bytes(record['value']),
                headers=headers_of(record),
                partition=record['partition'],
                timestamp_ms=record['timestampMs'],
            )
            for record in records
        ]
        producer.flush(timeout=WAIT_S)
        offsets = [future.get(timeout=WAIT_S).offset for future in sent]
        # Without an answer there is no offset.
        return None if acks == 0 else offsets

    def do_produceTransaction(self, topic, transactionalId):
        producer = KafkaProducer(**self._common, transactional_id=transactionalId)
        try:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(topic, value=b'in a transaction')
            producer.commit_transaction()
        finally:
            producer.close(timeout=WAIT_S)

    def do_read(self, topic, partition, offset, count, withinMs):
        consumer = KafkaConsumer(
            **self._common, enable_auto_commit=False, auto_offset_reset='none')
        try:
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            consumer.seek(place, offset)
            records = []
            deadline = time.monotonic() + withinMs / 1000
            while len(records) < count:
                left_ms = int(1000 * (deadline - time.monotonic()))
                if left_ms <= 0:
                    raise ClientFailure('%d of %d records came' % (len(records), count))
                polled = consumer.poll(left_ms, max_records=count - len(records))
                for found in polled.values():
                    records += [_record(each) for each in found]
            return records
        finally:
            consumer.close()

    # Groups

    def do_join(self, member, group, topics, assignor, instanceId):
        consumer = self._members[member] = KafkaConsumer(
            *topics,
            **self._common,
            group_id=group,
            group_instance_id=instanceId,
            heartbeat_interval_ms=HEARTBEATS_MS,
            enable_auto_commit=False,
            auto_offset_reset='earliest',
            partition_assignment_strategy=[ASSIGNORS[assignor]],
        )
        # A leader that assigned before it knew the partitions joins once more when it does. A poll
        # that ends during that join loses it: need_rejoin() is false by then and, unlike Java's
        # rejoinNeededOrPending(), does not look for the join under way. The member would never own
        # anything, so it knows the partitions before it joins.
        for topic in topics:
            if not consumer.partitions_for_topic(topic):
                raise ClientFailure('topic %s has no partitions' % topic)

    def do_poll(self, member, recordsMax, withinMs):
        polled = self._members[member].poll(withinMs, max_records=recordsMax)
        return [_record(each) for found in polled.values() for each in found]

    def do_assignment(self, member):
        owned = sorted(self._members[member].assignment())
        return [{'topic': each.topic, 'partition': each.partition} for each in owned]

    def do_commit(self, member, offsets):
        self._members[member].commit({
            TopicPartition(each['topic'], each['partition']):
                OffsetAndMetadata(each['offset'], '', -1)
            for each in offsets
        })

    def do_seek(self, member, topic, partition, offset):
        self._members[member].seek(TopicPartition(topic, partition), offset)

    def do_leave(self, member):
        self._members.pop(member).close(autocommit=False)

    # Administration

    def do_createTopic(self, topic, partitions, configs):
        self._admin.create_topics({
            topic: {'num_partitions': partitions, 'replication_factor': 1, 'configs': configs},
        })

    def do_deleteTopic(self, topic):
        self._admin.delete_topics([topic])

    def do_createPartitions(self, topic, partitions):
        self._admin.create_partitions({topic: partitions})

    def do_listTopics(self):
        return self._admin.list_topics()

    def do_describeTopic(self, topic):
        (described,) = self._admin.describe_topics([topic])
        _check(kafka.errors.for_code(described['error_code']))
        return len(described['partitions'])

    def do_describeConfigs(self, topic):
        asked = [ConfigResource('topic', topic)]
        configs = self._admin.describe_configs(asked, config_filter='all')['topic'][topic]
        return {name: config['value'] for name, config in configs.items()}

    def do_alterConfigs(self, topic, configs):
        told = self._admin.alter_configs([ConfigResource('topic', topic, configs)])
        result = told['topic'][topic]
        if result != 'OK':
            raise ClientFailure(result, int(re.match(r'\[Error (\d+)\]', result).group(1)))

    def do_deleteRecords(self, topic, partition, offset):
        self._admin.delete_records({TopicPartition(topic, partition): offset})

    def do_listOffset(self, topic, partition, at):
        place = TopicPartition(topic, partition)
        wanted = {'earliest': EARLIEST, 'latest': LATEST}.get(at, at)
        return self._admin.list_partition_offsets({place: wanted})[place].offset

    def do_describeCluster(self):
        cluster = self._admin.describe_cluster()
        brokers = [{'id': each['broker_id'], 'host': each['host'], 'port': each['port']}
                   for each in cluster['brokers']]
        return {
            'brokers': brokers,
            'controllerId': cluster['controller_id'],
            'clusterId': cluster['cluster_id'],
        }

    def do_listGroups(self):
        return [group['group_id'] for group in self._admin.list_groups()]

    def do_describeGroup(self, group):
        described = self._admin.describe_groups([group])[group]
        if described['error'] is not None:
            raise ClientFailure(described['error'])
        state, members = described['group_state'].lower(), described['members']
        return {'group': group, 'state': state, 'members': len(members)}

    def do_deleteGroup(self, group):
        told = self._admin.delete_groups([group])[group]
        if told != 'OK':
            raise getattr(kafka.errors, told)()

    def do_committed(self, topic, partition, group):
        place = TopicPartition(topic, partition)
        found = self._admin.list_group_offsets({group: [place]})[group].get(place)
        return found.offset if found is not None and found.offset >= 0 else None

    def do_alterCommitted(self, topic, partition, offset, group):
        place = TopicPartition(topic, partition)
        told = self._admin.alter_group_offsets(group, {place: OffsetAndMetadata(offset, '', -1)})
        _check(told[place])


if __name__ == '__main__':
    serve(KafkaPythonClient(sys.argv[1]))
