// What clients with an admin part can do with topics, configs, offsets and groups.
import { newName } from '../client-broker';
import { has, WITHIN_MS, type ClientContext } from './client-context';
import { PolledGroup } from './polled-group';

const NO_TOPIC = { kafkaCode: 3 };
const HOUR_MS = 3_600_000;

export function describeAdmin(context: ClientContext): void {
  if (has(context, 'createTopic')) describeCreation(context);
  if (has(context, 'describeConfigs')) describeTopicConfigs(context);
  if (has(context, 'listOffset')) describeOffsets(context);
  describeCluster(context);
  if (has(context, 'join')) describeGroupAdmin(context);
}

function describeCreation(context: ClientContext): void {
  const { client, broker } = context;

  it('creates a topic with partitions and configs', async () => {
    const topic = newName('topic');
    const configs = {
      'retention.ms': String(HOUR_MS),
      'max.message.bytes': '123456',
      // As Kafka Streams and others set it, though blocks have one size here.
      'segment.bytes': '52428800',
    };
    await client().createTopic({ topic, partitions: 3, configs });
    const seen = await broker().admin.describeTopic(topic);
    expect(seen.partitions).toHaveLength(3);
    const valueOf = (name: string) => seen.configs.find((each) => each.name === name)?.value;
    expect(String(valueOf('retention.ms'))).toBe(String(HOUR_MS));
    expect(String(valueOf('max.message.bytes'))).toBe('123456');
    expect(String(valueOf('segment.bytes'))).toBe('52428800');
  });

  it('is told that a topic exists, or has a name that no topic may have', async () => {
    const topic = await broker().newTopic();
    const create = (name: string) =>
      client().createTopic({ topic: name, partitions: 1, configs: {} });
    await expect(create(topic)).rejects.toMatchObject({ kafkaCode: 36 });
    await expect(create('no topic/at all')).rejects.toMatchObject({ kafkaCode: 17 });
  });

  if (has(context, 'listTopics', 'describeTopic')) {
    it('lists topics, and says how many partitions one has', async () => {
      const topic = await broker().newTopic(4);
      expect(await client().listTopics()).toContain(topic);
      expect(await client().describeTopic({ topic })).toBe(4);
    });
  }

  if (has(context, 'createPartitions')) {
    it('adds partitions, and is told when there would be fewer', async () => {
      const topic = await broker().newTopic(2);
      await client().createPartitions({ topic, partitions: 5 });
      expect((await broker().admin.describeTopic(topic)).partitions).toHaveLength(5);
      const shrink = client().createPartitions({ topic, partitions: 3 });
      await expect(shrink).rejects.toMatchObject({ kafkaCode: 37 });
    });
  }

  if (has(context, 'deleteTopic')) {
    it('deletes a topic, and is told when there is none', async () => {
      const topic = await broker().newTopic();
      await client().deleteTopic({ topic });
      const left = await broker().admin.listTopics();
      expect(left.map(({ name }) => name)).not.toContain(topic);
      await expect(client().deleteTopic({ topic })).rejects.toMatchObject(NO_TOPIC);
    });
  }
}

function describeTopicConfigs(context: ClientContext): void {
  const { client, broker } = context;

  it('describes every config of a topic, defaults too', async () => {
    const topic = await broker().newTopic(1, { 'retention.ms': String(HOUR_MS) });
    const configs = await client().describeConfigs({ topic });
    expect(configs).toMatchObject({
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'message.timestamp.type': 'CreateTime',
      'retention.ms': String(HOUR_MS),
      'min.insync.replicas': '1',
      'segment.index.bytes': '10485760',
    });
  });

  if (has(context, 'alterConfigs')) {
    it('alters configs, and is told when a value cannot be', async () => {
      const topic = await broker().newTopic();
      await client().alterConfigs({ topic, configs: { 'retention.ms': '7200000' } });
      const seen = await client().describeConfigs({ topic });
      expect(seen['retention.ms']).toBe('7200000');
      const configs = { 'retention.ms': 'a fortnight' };
      const wrong = client().alterConfigs({ topic, configs });
      await expect(wrong).rejects.toMatchObject({ kafkaCode: 40 });
    });
  }
}

function describeOffsets(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  it('finds offsets by their place and by time', async () => {
    const topic = await broker().newTopic();
    const records = [1_000, 2_000, 3_000].map((timestamp) => ({
      ...{ topic, partition: 0, value: 'v', timestamp },
    }));
    await broker().producer.sendMany(records);
    const at = (place: 'earliest' | 'latest' | number) =>
      client().listOffset({ topic, partition: 0, at: place });
    expect([await at('earliest'), await at('latest'), await at(1_500), await at(2_000)]).toEqual([
      0, 3, 1, 1,
    ]);
  });

  if (capabilities.commands.includes('deleteRecords')) {
    it('deletes records up to an offset', async () => {
      const topic = await broker().newTopic();
      await broker().write(topic, 0, ['a', 'b', 'c', 'd']);
      await client().deleteRecords({ topic, partition: 0, offset: 3 });
      expect(await client().listOffset({ topic, partition: 0, at: 'earliest' })).toBe(3);
      const read = await client().read({
        ...{ topic, partition: 0, offset: 3, count: 1, withinMs: WITHIN_MS },
      });
      expect(read[0]?.value?.toString()).toBe('d');
    });
  }
}

function describeCluster(context: ClientContext): void {
  const { client, broker } = context;
  if (!has(context, 'describeCluster')) return;

  it('sees one broker, at the address that it was told', async () => {
    const { brokers, controllerId, clusterId } = await client().describeCluster();
    const seen = brokers.map(({ host, port }) => `${host}:${port}`);
    expect(seen).toEqual([broker().addresses.kafka]);
    expect([null, brokers[0]?.id]).toContain(controllerId);
    expect(clusterId ?? 'not told').not.toBe('');
  });
}

function describeGroupAdmin(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  /** A group with one member that has read and committed. */
  async function withMember() {
    const topic = await broker().newTopic();
    await broker().write(topic, 0, ['a', 'b', 'c']);
    const [group, member, polled] = [newName('group'), newName('m'), new PolledGroup(client())];
    const assignor = capabilities.assignors[0]!;
    await client().join({ member, group, topics: [topic], assignor, instanceId: null });
    await polled.until([member], () => polled.recordsOf(member).length >= 3, 'three records');
    await client().commit({ member, offsets: [{ topic, partition: 0, offset: 2 }] });
    return { topic, group, member };
  }

  if (has(context, 'listGroups', 'describeGroup')) {
    it('lists and describes groups', async () => {
      const { group, member } = await withMember();
      expect(await client().listGroups()).toContain(group);
      const stable = await client().describeGroup({ group });
      expect(stable).toEqual({
        group,
        state: 'stable',
        members: stable.members === null ? null : 1,
      });
      await client().leave({ member });
      const empty = await client().describeGroup({ group });
      expect(empty).toEqual({ group, state: 'empty', members: empty.members === null ? null : 0 });
    });
  }

  if (has(context, 'deleteGroup')) {
    it('deletes a group once nobody is in it', async () => {
      const { group, member } = await withMember();
      await expect(client().deleteGroup({ group })).rejects.toMatchObject({ kafkaCode: 68 });
      await client().leave({ member });
      await client().deleteGroup({ group });
      await expect(client().deleteGroup({ group })).rejects.toMatchObject({ kafkaCode: 69 });
      const left = await broker().admin.listGroups();
      expect(left.map((each) => each.group)).not.toContain(group);
    });
  }

  if (has(context, 'committed')) {
    it('tells what a group has committed, and that it has committed nothing', async () => {
      const { topic, group, member } = await withMember();
      expect(await client().committed({ group, topic, partition: 0 })).toBe(2);
      await client().leave({ member });
      const nobody = { group: newName('group'), topic, partition: 0 };
      expect(await client().committed(nobody)).toBeNull();
    });
  }

  if (has(context, 'committed', 'alterCommitted')) {
    it('moves the committed offset of a group that has no members', async () => {
      const { topic, group, member } = await withMember();
      await client().leave({ member });
      await client().alterCommitted({ group, topic, partition: 0, offset: 1 });
      expect(await client().committed({ group, topic, partition: 0 })).toBe(1);
    });
  }
}
