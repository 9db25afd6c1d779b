// The configs that Kafka's tools set, from the request to the disk and back after a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  alterConfigsCodec,
  createTopicsCodec,
  describeConfigsCodec,
  incrementalAlterConfigsCodec,
} from '@walrusmq/kafka-protocol';
import { openWalStorage } from '@walrusmq/storage';
import { errorName, KafkaFixture } from '../../test/kafka-fixture';
import type { BrokerSettings } from '../config/settings-table';

const TOPIC = { resourceType: 2, resourceName: 't' };
const TOPIC_SOURCE = 1;
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];
const LONG_MAX = '9223372036854775807';
const THROTTLED = 'leader.replication.throttled.replicas';

/** What Kafka Streams makes its repartition topics with. */
const REPARTITION_TOPIC = {
  'cleanup.policy': 'delete',
  'message.timestamp.type': 'CreateTime',
  'retention.bytes': '-1',
  'retention.ms': '-1',
  'segment.bytes': '52428800',
};

/** Every config that there was in a topic of Kafka 4, at its default, as Terraform writes them. */
const EVERY_DEFAULT = {
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
  'delete.retention.ms': '86400000',
  'file.delete.delay.ms': '60000',
  'flush.messages': LONG_MAX,
  'flush.ms': LONG_MAX,
  'follower.replication.throttled.replicas': '',
  'index.interval.bytes': '4096',
  [THROTTLED]: '',
  'max.compaction.lag.ms': LONG_MAX,
  'max.message.bytes': '1048588',
  'message.timestamp.after.max.ms': LONG_MAX,
  'message.timestamp.before.max.ms': LONG_MAX,
  'message.timestamp.type': 'CreateTime',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'min.insync.replicas': '1',
  preallocate: 'false',
  'retention.bytes': '-1',
  'retention.ms': '604800000',
  'segment.bytes': '1073741824',
  'segment.index.bytes': '10485760',
  'segment.jitter.ms': '0',
  'segment.ms': '604800000',
  'unclean.leader.election.enable': 'false',
};

type Configs = Readonly<Record<string, string>>;
type Operation = readonly [name: string, configOperation: number, value: string | null];

describe("configs of topics that Kafka's tools set", () => {
  let fixture: KafkaFixture;
  let dataDir: string;
  const start = async (settings: Partial<BrokerSettings> = {}): Promise<void> => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open({ dataDir, ...blocks, ...settings }, openWalStorage);
  };
  const restart = async (settings: Partial<BrokerSettings> = {}): Promise<void> => {
    await fixture.services.close();
    await start(settings);
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-kafka-configs-'));
    await start();
  });
  afterEach(async () => {
    await fixture.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const listed = (configs: Configs) =>
    Object.entries(configs).map(([name, value]) => ({ name, value }));
  const create = async (configs: Configs): Promise<string> => {
    const counts = { numPartitions: 1, replicationFactor: 1, assignments: [] };
    const topics = [{ name: 't', ...counts, configs: listed(configs) }];
    const request = { topics, timeoutMs: 1_000, validateOnly: false };
    const answer = await fixture.ask(createTopicsCodec, 7, request);
    return errorName(answer.topics[0]?.errorCode ?? 0);
  };
  const replace = async (configs: Configs): Promise<string> => {
    const resources = [{ ...TOPIC, configs: listed(configs) }];
    const answer = await fixture.ask(alterConfigsCodec, 2, { resources, validateOnly: false });
    return errorName(answer.responses[0]?.errorCode ?? 0);
  };
  const alter = async (...operations: readonly Operation[]): Promise<string> => {
    const configs = operations.map(([name, configOperation, value]) => ({
      ...{ name, configOperation, value },
    }));
    const request = { resources: [{ ...TOPIC, configs }], validateOnly: false };
    const answer = await fixture.ask(incrementalAlterConfigsCodec, 1, request);
    return errorName(answer.responses[0]?.errorCode ?? 0);
  };
  /** What is told as set by the topic. */
  const told = async (): Promise<Configs> => {
    const { results } = await fixture.ask(describeConfigsCodec, 4, {
      resources: [{ ...TOPIC, configurationKeys: null }],
      includeSynonyms: false,
      includeDocumentation: false,
    });
    const configs = results[0]?.configs ?? [];
    const own = configs.filter(({ configSource }) => configSource === TOPIC_SOURCE);
    return Object.fromEntries(own.map(({ name, value }) => [name, value ?? '']));
  };

  it.each([
    ["Kafka Streams' repartition topics", REPARTITION_TOPIC],
    ['every config at its default', EVERY_DEFAULT],
  ])('are told as they were created, over a restart: %s', async (_, configs) => {
    expect(await create(configs)).toBe('NONE');
    expect(await told()).toEqual(configs);
    await restart();
    expect(await told()).toEqual(configs);
  });

  it('are replaced by AlterConfigs', async () => {
    await create(REPARTITION_TOPIC);
    const configs = { 'segment.bytes': '1048576', 'file.delete.delay.ms': '0' };
    expect(await replace(configs)).toBe('NONE');
    await restart();
    expect(await told()).toEqual(configs);
  });

  it('are set, taken back, added to and subtracted from by IncrementalAlterConfigs', async () => {
    await create(REPARTITION_TOPIC);
    const changes: readonly Operation[] = [
      ['segment.bytes', DELETE, null],
      ['segment.index.bytes', SET, '65536'],
      [THROTTLED, APPEND, '0:1,1:1'],
    ];
    expect(await alter(...changes)).toBe('NONE');
    expect(await alter([THROTTLED, SUBTRACT, '1:1'])).toBe('NONE');
    const { 'segment.bytes': _, ...rest } = REPARTITION_TOPIC;
    await restart();
    expect(await told()).toEqual({ ...rest, 'segment.index.bytes': '65536', [THROTTLED]: '0:1' });
  });

  it.each([
    ['min.insync.replicas', '2'],
    ['unclean.leader.election.enable', 'true'],
    ['cleanup.policy', 'compact'],
    ['segment.bytes', '14'],
    ['message.downconversion.enable', 'false'],
    ['confluent.value.schema.validation', 'true'],
  ])('change nothing where one is refused: %s=%s', async (name, value) => {
    expect(await create({ ...REPARTITION_TOPIC, [name]: value })).toBe('INVALID_CONFIG');
    await create(REPARTITION_TOPIC);
    expect(await replace({ [name]: value })).toBe('INVALID_CONFIG');
    expect(await alter(['segment.jitter.ms', SET, '5'], [name, SET, value])).toBe('INVALID_CONFIG');
    await restart();
    expect(await told()).toEqual(REPARTITION_TOPIC);
  });

  it('promise no sync that a later schedule does not keep', async () => {
    await create({ 'flush.messages': '10', 'flush.ms': '1000' });
    expect(await told()).toEqual({ 'flush.messages': '10', 'flush.ms': '1000' });
    await restart({ fsync: { kind: 'milliseconds', intervalMs: 200 } });
    expect(await told()).toEqual({ 'flush.ms': '1000' });
    expect(await alter(['flush.ms', SET, '100'])).toBe('INVALID_CONFIG');
    await restart();
    expect(await told()).toEqual({ 'flush.messages': '10', 'flush.ms': '1000' });
  });
});
