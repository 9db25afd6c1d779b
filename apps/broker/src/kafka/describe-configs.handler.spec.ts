import {
  describeConfigsCodec,
  type Decoded,
  type DescribeConfigsResponse,
} from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { settingsTable } from '../config/settings-table';
import { topicConfigTable } from '../topic/topic-config-table';
import { brokerConfigName } from './broker-config-resource';
import { CONFIG_TYPE } from './config-resource';
import { BROKER_SYNONYMS } from './topic-config-resource';

const TOPIC = 2;
const BROKER = 4;
const TOPIC_SOURCE = 1;
const BROKER_SOURCE = 4;
const DEFAULT_SOURCE = 5;

type Result = Decoded<DescribeConfigsResponse.DescribeConfigsResult>;

describe('DescribeConfigs', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open({ retentionMs: 60_000, defaultPartitions: 7 });
    await fixture.topics.create({ name: 'orders', configs: { 'segment.ms': '5000' } });
  });
  afterEach(() => fixture.close());

  const describeAll = async (
    named: readonly (readonly [type: number, name: string, keys?: readonly string[] | null])[],
    { version = 4, includeSynonyms = true, includeDocumentation = true } = {},
  ): Promise<readonly Result[]> => {
    const resources = named.map(([resourceType, resourceName, configurationKeys = null]) => ({
      resourceType,
      resourceName,
      configurationKeys,
    }));
    const request = {
      resources,
      includeSynonyms,
      includeDocumentation: includeDocumentation && version >= 3,
    };
    const { throttleTimeMs, results } = await fixture.ask(describeConfigsCodec, version, request);
    expect(throttleTimeMs).toBe(0);
    return results;
  };
  const describeOne = async (
    ...[type, name, keys]: readonly [type: number, name: string, keys?: readonly string[]]
  ): Promise<Map<string, Result['configs'][number]>> => {
    const [result] = await describeAll([[type, name, keys ?? null]]);
    expect(result?.errorCode).toBe(0);
    return new Map(result?.configs.map((config) => [config.name, config]));
  };

  it('lists every config there is, each with a value, ordered by name', async () => {
    const configs = await describeOne(TOPIC, 'orders');
    const known = topicConfigTable.map(({ name }) => name).sort();
    expect([...configs.keys()]).toEqual(known);
    for (const { name, value, readOnly, configType, documentation } of configs.values()) {
      expect([name, value === '']).toEqual([name, name.endsWith('.throttled.replicas')]);
      expect(readOnly).toBe(false);
      expect(Object.values(CONFIG_TYPE)).toContain(configType);
      expect(documentation).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('tells where a value comes from, and what would hold without it', async () => {
    const configs = await describeOne(TOPIC, 'orders');
    const log = { name: 'log.roll.ms', value: String(7 * 86_400_000), source: DEFAULT_SOURCE };
    expect(configs.get('segment.ms')).toMatchObject({
      value: '5000',
      configSource: TOPIC_SOURCE,
      readOnly: false,
      isSensitive: false,
      synonyms: [{ name: 'segment.ms', value: '5000', source: TOPIC_SOURCE }, log],
    });
    expect(configs.get('retention.ms')).toMatchObject({
      value: '60000',
      configSource: BROKER_SOURCE,
      synonyms: [
        { name: 'log.retention.ms', value: '60000', source: BROKER_SOURCE },
        { name: 'log.retention.ms', value: String(7 * 86_400_000), source: DEFAULT_SOURCE },
      ],
    });
    expect(configs.get('cleanup.policy')).toMatchObject({
      value: 'delete',
      configSource: DEFAULT_SOURCE,
      configType: CONFIG_TYPE.list,
      synonyms: [{ name: 'log.cleanup.policy', value: 'delete', source: DEFAULT_SOURCE }],
    });
  });

  it('names a value of the broker for every config of a topic', () => {
    const named = topicConfigTable.map(({ name }) => name).sort();
    expect(Object.keys(BROKER_SYNONYMS).sort()).toEqual(named);
  });

  it("has Kafka's types, and says of what has no effect that it has none", async () => {
    const configs = await describeOne(TOPIC, 'orders');
    const types = ['segment.bytes', 'min.cleanable.dirty.ratio', 'preallocate', 'flush.ms'];
    expect(types.map((name) => configs.get(name)?.configType)).toEqual([
      CONFIG_TYPE.int,
      CONFIG_TYPE.double,
      CONFIG_TYPE.boolean,
      CONFIG_TYPE.long,
    ]);
    expect(configs.get('segment.bytes')).toMatchObject({
      value: String(10 * 2 ** 20),
      configSource: DEFAULT_SOURCE,
      documentation: expect.stringContaining('Has no effect: the size of a block') as string,
    });
    expect(configs.get('flush.messages')?.value).toBe('1');
  });

  it('lists every setting of the broker, with numbers that have no unit', async () => {
    const configs = await describeOne(BROKER, '1');
    for (const setting of settingsTable) {
      expect([...configs.keys()]).toContain(brokerConfigName(setting));
    }
    const names = [...configs.keys()];
    expect(names).toEqual([...names].sort());
    expect(configs.get('num.partitions')).toMatchObject({
      value: '7',
      readOnly: true,
      configSource: BROKER_SOURCE,
      configType: CONFIG_TYPE.long,
      documentation: expect.stringContaining('--default-partitions') as string,
      synonyms: [
        { name: 'num.partitions', value: '7', source: BROKER_SOURCE },
        { name: 'num.partitions', value: '1', source: DEFAULT_SOURCE },
      ],
    });
    expect(configs.get('message.max.bytes')).toMatchObject({
      value: '1048588',
      configSource: DEFAULT_SOURCE,
    });
    expect(configs.get('auto.create.topics.enable')).toMatchObject({
      value: 'true',
      configType: CONFIG_TYPE.boolean,
    });
    expect(configs.get('node.id')?.value).toBe('1');
  });

  it('shows each setting under one name', () => {
    const names = settingsTable.map(brokerConfigName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has nothing that was set at run time for all brokers', async () => {
    expect([...(await describeOne(BROKER, ''))]).toEqual([]);
  });

  it('lists only what is asked for, and all for no names and for an empty list', async () => {
    const some = await describeOne(TOPIC, 'orders', ['retention.ms', 'none', 'segment.ms']);
    expect([...some.keys()]).toEqual(['retention.ms', 'segment.ms']);
    const all = await describeOne(TOPIC, 'orders');
    expect([...(await describeOne(TOPIC, 'orders', [])).keys()]).toEqual([...all.keys()]);
  });

  it.each(advertisedVersions(describeConfigsCodec))('answers in version %d', async (version) => {
    const [result] = await describeAll([[TOPIC, 'orders']], { version, includeSynonyms: false });
    expect(result).toMatchObject({ resourceType: TOPIC, resourceName: 'orders', errorCode: 0 });
    const config = result?.configs.find(({ name }) => name === 'retention.bytes');
    expect(config).toMatchObject({ value: '-1', configSource: DEFAULT_SOURCE, synonyms: [] });
    expect(config?.configType).toBe(version >= 3 ? CONFIG_TYPE.long : 0);
    const told = expect.stringContaining('-1 for no limit') as string;
    const documentation = version >= 3 ? told : '';
    expect(config?.documentation).toEqual(documentation);
  });

  it('leaves documentation out where nobody asks for it', async () => {
    const [result] = await describeAll([[TOPIC, 'orders']], { includeDocumentation: false });
    expect(result?.configs.map(({ documentation }) => documentation)).toContain(null);
  });

  it('answers each resource for itself', async () => {
    const results = await describeAll([
      [TOPIC, 'none'],
      [BROKER, '2'],
      [BROKER, 'x'],
      [8, '1'],
      [16, 'metrics'],
      [TOPIC, 'orders'],
    ]);
    expect(
      results.map(({ errorCode, errorMessage }) => [errorName(errorCode), errorMessage]),
    ).toEqual([
      ['UNKNOWN_TOPIC_OR_PARTITION', "No topic 'none'."],
      ['INVALID_REQUEST', 'There is no broker "2"; the only one is "1".'],
      ['INVALID_REQUEST', 'There is no broker "x"; the only one is "1".'],
      ['INVALID_REQUEST', expect.stringContaining('resource type 8')],
      ['INVALID_REQUEST', expect.stringContaining('resource type 16')],
      ['NONE', null],
    ]);
    for (const { errorCode, configs } of results) expect(configs.length > 0).toBe(errorCode === 0);
  });

  it('describes a resource that the request has twice not even once', async () => {
    const results = await describeAll([
      [TOPIC, 'orders'],
      [TOPIC, 'orders'],
      [BROKER, '1'],
    ]);
    expect(results.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'INVALID_REQUEST',
      'NONE',
    ]);
  });
});
