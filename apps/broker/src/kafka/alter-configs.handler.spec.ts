// AlterConfigs and IncrementalAlterConfigs.
import { alterConfigsCodec, incrementalAlterConfigsCodec } from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

const TOPIC = 2;
const BROKER = 4;
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

type Answer = readonly [error: string, message: string | null];
type Config = readonly [name: string, value: string | null];
type Operation = readonly [name: string, operation: number, value: string | null];

let fixture: KafkaFixture;
beforeEach(async () => {
  fixture = await KafkaFixture.open();
  const configs = { 'retention.ms': '1000', 'segment.ms': '5000' };
  await fixture.topics.create({ name: 'orders', configs });
});
afterEach(() => fixture.close());

const configsNow = (): unknown => fixture.topics.require('orders').configs;
const resource = (name: string): { resourceType: number; resourceName: string } => ({
  resourceType: name === '1' || name === '' ? BROKER : TOPIC,
  resourceName: name,
});

describe('AlterConfigs', () => {
  const alter = async (
    named: readonly (readonly [name: string, configs: readonly Config[]])[],
    { version = 2, validateOnly = false } = {},
  ): Promise<readonly Answer[]> => {
    const resources = named.map(([name, configs]) => ({
      ...resource(name),
      configs: configs.map(([key, value]) => ({ name: key, value })),
    }));
    const request = { resources, validateOnly };
    const { throttleTimeMs, responses } = await fixture.ask(alterConfigsCodec, version, request);
    expect(throttleTimeMs).toBe(0);
    return responses.map(({ errorCode, errorMessage }) => [errorName(errorCode), errorMessage]);
  };

  it.each(advertisedVersions(alterConfigsCodec))(
    'leaves exactly what the request has, in version %d',
    async (version) => {
      const answers = await alter([['orders', [['retention.bytes', '7']]]], { version });
      expect(answers).toEqual([['NONE', null]]);
      expect(configsNow()).toEqual({ 'retention.bytes': '7' });
    },
  );

  it('takes everything back with no configs at all', async () => {
    await alter([['orders', []]]);
    expect(configsNow()).toEqual({});
  });

  it('changes nothing with validateOnly, and nothing where one config is bad', async () => {
    const before = configsNow();
    await alter([['orders', []]], { validateOnly: true });
    expect(configsNow()).toEqual(before);
    const [answer] = await alter([
      [
        'orders',
        [
          ['retention.ms', '5'],
          ['segment.ms', '1'],
        ],
      ],
    ]);
    expect(answer).toEqual(['INVALID_CONFIG', expect.stringContaining('segment.ms cannot be "1"')]);
    expect(configsNow()).toEqual(before);
  });

  it('refuses values that are missing, configs and resources that are there twice', async () => {
    const before = configsNow();
    const twice: readonly Config[] = [
      ['retention.ms', '1'],
      ['retention.ms', '1'],
    ];
    const answers = [
      ...(await alter([['orders', [['retention.ms', null]]]])),
      ...(await alter([['orders', twice]])),
      ...(await alter([
        ['orders', []],
        ['orders', []],
      ])),
    ];
    expect(answers).toEqual([
      ['INVALID_REQUEST', expect.stringContaining('retention.ms has no value')],
      ['INVALID_REQUEST', expect.stringContaining('the config retention.ms more than once')],
      ['INVALID_REQUEST', expect.stringContaining("the resource 'orders' more than once")],
    ]);
    expect(configsNow()).toEqual(before);
  });

  it('answers each resource for itself', async () => {
    const answers = await alter([
      ['none', []],
      ['1', [['num.partitions', '3']]],
      ['1x', []],
      ['orders', [['min.insync.replicas', '1']]],
    ]);
    expect(answers).toEqual([
      ['UNKNOWN_TOPIC_OR_PARTITION', "No topic 'none'."],
      ['INVALID_REQUEST', expect.stringContaining('start it with other flags')],
      ['UNKNOWN_TOPIC_OR_PARTITION', "No topic '1x'."],
      ['NONE', null],
    ]);
    expect(configsNow()).toEqual({ 'min.insync.replicas': '1' });
  });

  it('knows one broker and two kinds of resources', async () => {
    const resources = [
      { resourceType: BROKER, resourceName: '9', configs: [] },
      { resourceType: BROKER, resourceName: '1', configs: [] },
      { resourceType: 32, resourceName: 'group', configs: [] },
    ];
    const request = { resources, validateOnly: false };
    const { responses } = await fixture.ask(alterConfigsCodec, 2, request);
    expect(responses.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'INVALID_REQUEST',
      'NONE',
      'INVALID_REQUEST',
    ]);
  });
});

describe('IncrementalAlterConfigs', () => {
  const alter = async (
    operations: readonly Operation[],
    { version = 1, validateOnly = false, name = 'orders' } = {},
  ): Promise<Answer | undefined> => {
    const configs = operations.map(([key, configOperation, value]) => ({
      name: key,
      configOperation,
      value,
    }));
    const { throttleTimeMs, responses } = await fixture.ask(incrementalAlterConfigsCodec, version, {
      resources: [{ ...resource(name), configs }],
      validateOnly,
    });
    expect(throttleTimeMs).toBe(0);
    const [answer] = responses;
    return answer && [errorName(answer.errorCode), answer.errorMessage];
  };

  it.each(advertisedVersions(incrementalAlterConfigsCodec))(
    'sets and takes back what is named, and leaves the rest, in version %d',
    async (version) => {
      const answer = await alter(
        [
          ['retention.ms', DELETE, null],
          ['retention.bytes', SET, '7'],
        ],
        { version },
      );
      expect(answer).toEqual(['NONE', null]);
      expect(configsNow()).toEqual({ 'segment.ms': '5000', 'retention.bytes': '7' });
    },
  );

  it('changes nothing with validateOnly', async () => {
    const before = configsNow();
    const validateOnly = true;
    expect(await alter([['retention.ms', SET, '9']], { validateOnly })).toEqual(['NONE', null]);
    expect(configsNow()).toEqual(before);
    const bad = await alter([['retention.ms', SET, 'x']], { validateOnly });
    expect(bad?.[0]).toBe('INVALID_CONFIG');
  });

  it('appends to lists what they lack, and subtracts what they have', async () => {
    expect(await alter([['cleanup.policy', APPEND, 'delete']])).toEqual(['NONE', null]);
    expect(configsNow()).toMatchObject({ 'cleanup.policy': 'delete' });
    const compact = await alter([['cleanup.policy', APPEND, 'compact']]);
    expect(compact).toEqual([
      'INVALID_CONFIG',
      expect.stringContaining('"delete,compact". Compaction does not exist yet'),
    ]);
    expect(await alter([['cleanup.policy', SUBTRACT, 'compact']])).toEqual(['NONE', null]);
    const empty = await alter([['cleanup.policy', SUBTRACT, 'delete']]);
    expect(empty).toEqual(['INVALID_CONFIG', expect.stringContaining('cannot be ""')]);
    expect(configsNow()).toMatchObject({ 'cleanup.policy': 'delete' });
  });

  it.each([
    ['INVALID_CONFIG', 'no list that can be appended to', ['retention.ms', APPEND, '1']],
    ['INVALID_CONFIG', 'no list that can be subtracted from', ['retention.ms', SUBTRACT, '1']],
    ['INVALID_CONFIG', 'Unknown topic config name: "x"', ['x', SET, '1']],
    ['INVALID_CONFIG', 'Unknown topic config name: "x"', ['x', DELETE, null]],
    ['INVALID_CONFIG', 'topic config name: "__proto__"', ['__proto__', SET, '1']],
    ['INVALID_CONFIG', 'There is one broker', ['min.insync.replicas', SET, '2']],
    ['INVALID_REQUEST', 'has no value', ['retention.ms', SET, null]],
    ['INVALID_REQUEST', 'has no value', ['cleanup.policy', APPEND, null]],
    ['INVALID_REQUEST', 'no operation 4', ['retention.ms', 4, '1']],
    ['INVALID_REQUEST', 'no operation -1', ['retention.ms', -1, '1']],
  ] as readonly [string, string, Operation][])(
    'answers %s: %s',
    async (error, words, operation) => {
      const before = configsNow();
      expect(await alter([operation])).toEqual([error, expect.stringContaining(words)]);
      expect(configsNow()).toEqual(before);
    },
  );

  it('refuses a config that is there twice', async () => {
    const answer = await alter([
      ['retention.ms', SET, '1'],
      ['retention.ms', DELETE, null],
    ]);
    expect(answer).toEqual(['INVALID_REQUEST', expect.stringContaining('more than once')]);
  });

  it('loses no change of two requests for different configs', async () => {
    await Promise.all([
      alter([['retention.bytes', SET, '1']]),
      alter([['max.message.bytes', SET, '2']]),
      alter([['retention.ms', DELETE, null]]),
    ]);
    expect(configsNow()).toEqual({
      'segment.ms': '5000',
      'retention.bytes': '1',
      'max.message.bytes': '2',
    });
  });

  it('changes no setting of the broker', async () => {
    const answer = await alter([['num.partitions', SET, '3']], { name: '1' });
    expect(answer).toEqual(['INVALID_REQUEST', expect.stringContaining('while it runs')]);
  });

  // kafka-reassign-partitions --verify takes its throttles back, whether it set any or not.
  it.each(['1', ''])('takes back what was never set of the broker "%s"', async (name) => {
    const throttle = 'leader.replication.throttled.rate';
    expect(await alter([[throttle, DELETE, null]], { name })).toEqual(['NONE', null]);
    const both: readonly Operation[] = [
      [throttle, DELETE, null],
      ['num.partitions', SET, '3'],
    ];
    expect((await alter(both, { name }))?.[0]).toBe('INVALID_REQUEST');
  });
});
