import fc from 'fast-check';
import { encodeFrame } from './encode-frame';
import { FrameDecoder } from './frame-decoder';
import * as parsers from './operation-parsers';
import type { Operations as BasicOperations } from './operations';
import { ProtocolError } from './protocol-error';
import * as topicParsers from './topic-operation-parsers';
import type { TopicOperations } from './topic-operations';

type Fields = Readonly<Record<string, unknown>>;
/** Those of subscriptions have a spec of their own. */
type Operations = BasicOperations & TopicOperations;
type OperationName = keyof Operations;

const PARSERS: { readonly [name in OperationName]: (fields: Fields) => unknown } = {
  hello: parsers.parseHello,
  metadata: parsers.parseMetadata,
  createTopic: parsers.parseCreateTopic,
  deleteTopic: parsers.parseDeleteTopic,
  produce: (fields) => parsers.parseProduce(fields, false),
  initProducerId: parsers.parseInitProducerId,
  fetch: parsers.parseFetch,
  listOffsets: parsers.parseListOffsets,
  readerCommit: parsers.parseReaderCommit,
  readerFetch: parsers.parseReaderFetch,
  alterTopic: topicParsers.parseAlterTopic,
  describeTopic: topicParsers.parseDescribeTopic,
  describeConfigs: topicParsers.parseDescribeConfigs,
  listTopics: topicParsers.parseListTopics,
  deleteRecords: topicParsers.parseDeleteRecords,
  readerPin: topicParsers.parseReaderPin,
  readerUnpin: topicParsers.parseReaderUnpin,
};

function overTheWire<Name extends OperationName>(
  name: Name,
  request: Operations[Name]['request'],
): unknown {
  const stream = Buffer.concat(encodeFrame(name, 1, request));
  const [frame] = new FrameDecoder({ frameBytesMax: 1024 * 1024 }).push(stream);
  return PARSERS[name](frame!.fields);
}

/** The topic ids of a request, as they are parsed. */
function parsedIds(request: object): object {
  if (!('topicIds' in request)) return {};
  return { topicIds: new Map(request.topicIds as [string, string][]) };
}

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Whether it ends in an object or in a ProtocolError. */
function isAnswered(run: () => unknown): boolean {
  try {
    return typeof run() === 'object';
  } catch (error) {
    return error instanceof ProtocolError;
  }
}

describe('requests over the wire', () => {
  it('fill in every default', () => {
    expect(overTheWire('hello', { protocol: [1, 2], client: 'test/1' })).toEqual({
      protocol: [1, 2],
      client: 'test/1',
      instance: undefined,
    });
    const all = { topics: undefined, autoCreate: false };
    expect(overTheWire('metadata', {})).toEqual(all);
    expect(overTheWire('metadata', { topics: null })).toEqual(all);
    expect(overTheWire('metadata', { topics: [] })).toEqual({ topics: [], autoCreate: false });
    expect(overTheWire('createTopic', { name: 'a' })).toEqual({
      name: 'a',
      partitions: undefined,
      configs: {},
      validateOnly: false,
    });
    expect(overTheWire('alterTopic', { name: 'a' })).toEqual({
      name: 'a',
      partitions: undefined,
      configs: {},
      validateOnly: false,
    });
    expect(overTheWire('describeConfigs', {})).toEqual({ topic: undefined });
    expect(overTheWire('listTopics', {})).toEqual({ after: undefined, limit: 10_000 });
    expect(overTheWire('deleteRecords', { topic: 'a', before: 'latest' })).toEqual({
      topic: 'a',
      before: 'latest',
      partitions: undefined,
    });
    expect(overTheWire('readerPin', { reader: 'r', topic: 'a' })).toEqual({
      reader: 'r',
      topic: 'a',
      expireMs: undefined,
    });
    expect(overTheWire('initProducerId', {})).toEqual({ present: undefined });
    const identity = { producerId: 7, producerEpoch: 32_767 };
    expect(overTheWire('initProducerId', identity)).toEqual({ present: identity });
    expect(overTheWire('fetch', { partitions: [['a', 0, 0]] })).toEqual({
      partitions: [['a', 0, 0]],
      topicIds: new Map(),
      maxBytes: 1024 * 1024,
      partitionMaxBytes: 1024 * 1024,
      minBytes: 1,
      maxWaitMs: 0,
      format: 'batches',
    });
    expect(overTheWire('listOffsets', { topic: 'a', at: 'latest' })).toEqual({
      topic: 'a',
      partitions: undefined,
      at: 'latest',
    });
    expect(parsers.parseProduce({ topic: 'a', partition: 9999 }, true)).toEqual({
      form: 'batches',
      topic: 'a',
      partition: 9999,
      acks: -1,
    });
  });

  it('keep what the client says', () => {
    const same = <Name extends OperationName>(
      name: Name,
      request: Operations[Name]['request'],
    ): void => expect(overTheWire(name, request)).toEqual({ ...request, ...parsedIds(request) });
    const topicIds = [['a', '0b2c7f6e-1a5b-4c57-9d0b-8c1f0a2b3c4d']] as const;
    same('hello', { protocol: [1, 1], client: 'c', instance: 'main' });
    same('metadata', { topics: ['a', 'b'], autoCreate: true });
    const configs = { 'retention.ms': '5' };
    same('createTopic', { name: 'a', partitions: 10_000, configs, validateOnly: true });
    same('alterTopic', { name: 'a', partitions: 10_000, configs, validateOnly: true });
    same('describeTopic', { name: 'a' });
    same('describeConfigs', { topic: 'a' });
    same('listTopics', { after: 'a', limit: 1 });
    same('deleteRecords', { topic: 'a', offsets: [[9_999, 5e9]] });
    same('deleteRecords', { topic: 'a', before: 1_700_000_000_000, partitions: [0, 3] });
    same('readerPin', { reader: 'r', topic: 'a', expireMs: 1 });
    same('readerUnpin', { reader: 'r', topic: 'a' });
    same('deleteTopic', { name: 'a' });
    same('fetch', {
      partitions: [['a', 3, Number.MAX_SAFE_INTEGER]],
      topicIds,
      maxBytes: 5,
      partitionMaxBytes: 4,
      minBytes: 0,
      maxWaitMs: 500,
      format: 'records',
    });
    same('listOffsets', { topic: 'a', partitions: [1, 2], at: 1_700_000_000_000 });
    same('readerCommit', { reader: 'r', offsets: [['a', 0, 5e9]], topicIds });
    same('readerFetch', { reader: 'r', partitions: [['a', 0]] });
  });

  it('take config values as text, and nil where it takes one back', () => {
    const configs = { 'retention.ms': 86_400_000, 'retention.consumed': true, x: 'y' };
    const texts = { 'retention.ms': '86400000', 'retention.consumed': 'true', x: 'y' };
    expect(overTheWire('createTopic', { name: 'a', configs })).toMatchObject({ configs: texts });
    const changes = { ...configs, gone: null };
    expect(overTheWire('alterTopic', { name: 'a', configs: changes })).toMatchObject({
      configs: { ...texts, gone: null },
    });
  });

  it('turn plain records into records', () => {
    const parsed = overTheWire('produce', {
      topic: 'a',
      acks: 0,
      records: [
        ['key', Buffer.from([0xff, 0])],
        [null, null, { h: 'ü', n: null, b: Buffer.from('b') }],
        [Buffer.from('k'), '', null, 1_700_000_000_000],
      ],
    });
    expect(parsed).toEqual({
      form: 'records',
      topic: 'a',
      partition: undefined,
      acks: 0,
      records: [
        { key: Buffer.from('key'), value: Buffer.from([0xff, 0]) },
        {
          key: null,
          value: null,
          headers: [
            { key: 'h', value: Buffer.from('ü') },
            { key: 'n', value: null },
            { key: 'b', value: Buffer.from('b') },
          ],
        },
        {
          key: Buffer.from('k'),
          value: Buffer.alloc(0),
          headers: [],
          timestamp: 1_700_000_000_000,
        },
      ],
    });
  });
});

describe('requests with a wrong field', () => {
  const produce = (fields: Fields): string =>
    complaint(() => parsers.parseProduce({ topic: 't', ...fields }, false));

  it.each([
    [
      () => parsers.parseProduce({ topic: 't', partition: 'x' }, true),
      'produce.partition must be an integer from 0 to 9999, got "x"',
    ],
    [
      () => parsers.parseProduce({ topic: 't' }, true),
      'produce.partition must be an integer from 0 to 9999, got nothing',
    ],
    [
      () => parsers.parseProduce({ topic: 't', partition: 1, acks: 2 }, true),
      'produce.acks must be one of 0, 1, -1, got 2',
    ],
    [
      () => parsers.parseProduce({ topic: 5, partition: 1 }, true),
      'produce.topic must be a string that is not empty, got 5',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 2 ** 53]] }),
      'fetch.partitions[0][2] must be an integer from 0 to 9007199254740991, got 9007199254740992',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0], 'b'] }),
      'fetch.partitions[1] must be an array [topic, partition, offset], got "b"',
    ],
    [
      () => parsers.parseFetch({ partitions: [] }),
      'fetch.partitions must be an array of 1 to 10000 elements, got an array of 0',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0]], maxBytes: 0 }),
      'fetch.maxBytes must be an integer from 1 to 2147483647, got 0',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0]], maxWaitMs: Number.NaN }),
      'fetch.maxWaitMs must be an integer from 0 to 2147483647, got NaN',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0]], format: 'json' }),
      'fetch.format must be one of "batches", "records", got "json"',
    ],
    [
      () => parsers.parseHello({ protocol: 1, client: 'c' }),
      'hello.protocol must be an array [lowest version, highest version], got 1',
    ],
    [
      () => parsers.parseHello({ protocol: [2, 1], client: 'c' }),
      'hello.protocol[1] must be an integer from 2 to 65535, got 1',
    ],
    [
      () => parsers.parseListOffsets({ topic: 't', at: 'now' }),
      'listOffsets.at must be "earliest", "latest" or a timestamp in ms, got "now"',
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0]], topicIds: [['a', 'x'.repeat(37)]] }),
      `fetch.topicIds[0][1] must be a topic's id, got "${'x'.repeat(37)}"`,
    ],
    [
      () => parsers.parseFetch({ partitions: [['a', 0, 0]], topicIds: [['a']] }),
      'fetch.topicIds[0] must be an array [topic, id], got an array of 1',
    ],
    [
      () => parsers.parseReaderCommit({ reader: 'a b', offsets: [['a', 0, 0]] }),
      'reader name "a b" is not 1 to 249 of a-z A-Z 0-9 . _ -',
    ],
    [
      () => parsers.parseMetadata({ topics: [{}] }),
      'metadata.topics[0] must be a string that is not empty, got a map',
    ],
    [
      () => parsers.parseMetadata({ autoCreate: 1 }),
      'metadata.autoCreate must be true or false, got 1',
    ],
    [
      () => parsers.parseCreateTopic({ name: 'a', configs: ['x'] }),
      'createTopic.configs must be a map of config names to values, got an array of 1',
    ],
    [
      () => parsers.parseCreateTopic({ name: 'a', configs: { 'a.b': null } }),
      'createTopic.configs["a.b"] must be a string, a number or a boolean, got nothing',
    ],
    [
      () => topicParsers.parseListTopics({ limit: 10_001 }),
      'listTopics.limit must be an integer from 1 to 10000, got 10001',
    ],
    [
      () => topicParsers.parseDeleteRecords({ topic: 'a' }),
      'deleteRecords needs offsets or before; got neither',
    ],
    [
      () => topicParsers.parseDeleteRecords({ topic: 'a', offsets: [[0, 1]], before: 'latest' }),
      'deleteRecords needs offsets or before; not both',
    ],
    [
      () => topicParsers.parseDeleteRecords({ topic: 'a', before: 'earliest' }),
      'deleteRecords.before must be "latest" or a timestamp in ms, got "earliest"',
    ],
    [
      () => topicParsers.parseDeleteRecords({ topic: 'a', offsets: [[0]] }),
      'deleteRecords.offsets[0] must be an array [partition, offset], got an array of 1',
    ],
    [
      () => topicParsers.parseReaderPin({ reader: 'a b', topic: 't' }),
      'reader name "a b" is not 1 to 249 of a-z A-Z 0-9 . _ -',
    ],
    [
      () => topicParsers.parseReaderPin({ reader: 'a', topic: 't', expireMs: 0 }),
      'readerPin.expireMs must be an integer from 1 to 9007199254740991, got 0',
    ],
  ])('say which (%#)', (run, message) => {
    expect(complaint(run)).toBe(`INVALID_REQUEST: ${message}`);
  });

  it('say which of the plain records', () => {
    const form = 'must be an array [key, value, headers?, timestamp?]';
    const bytes = 'must be bytes, a string or nil';
    expect(produce({ records: ['x'] })).toContain(`produce.records[0] ${form}, got "x"`);
    expect(produce({ records: [[1, 2, 3, 4, 5]] })).toContain(`${form}, got an array of 5`);
    expect(produce({ records: [['k', 5]] })).toContain(`records[0][1] ${bytes}, got 5`);
    expect(produce({ records: [['k', 'v', { h: 5 }]] })).toContain(`[0][2]["h"] ${bytes}, got 5`);
    expect(produce({ records: [['k', 'v', 'h']] })).toContain('records[0][2] must be a map');
    expect(produce({ records: [['k', 'v', null, 'now']] })).toContain('records[0][3] must be an');
    expect(produce({})).toContain('produce needs records or');
    expect(produce({ records: [] })).toContain('an array of 1 to');
    const both = complaint(() => parsers.parseProduce({ topic: 't', records: [[1, 2]] }, true));
    expect(both).toContain('not both');
  });

  it('have codes of their own for topic names and partition counts', () => {
    const create = (fields: Fields): string => complaint(() => parsers.parseCreateTopic(fields));
    expect(create({ name: 'a/b' })).toMatch(/^INVALID_TOPIC_NAME: topic name "a\/b"/);
    expect(create({ name: 'a', partitions: 0 })).toMatch(/^INVALID_PARTITIONS: .* got 0$/);
    expect(create({ name: 'a', partitions: 10_001 })).toMatch(/^INVALID_PARTITIONS/);
    expect(create({ name: 'a', partitions: '3' })).toMatch(/^INVALID_REQUEST/);
    const alter = (fields: Fields): string => complaint(() => topicParsers.parseAlterTopic(fields));
    expect(alter({ name: 'a', partitions: 10_001 })).toMatch(/^INVALID_PARTITIONS/);
  });

  it('have a code of their own for configs that are too many or too long', () => {
    const configs = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, 'v']));
    const long = 'x'.repeat(1024);
    const good = parsers.parseCreateTopic({ name: 'a', configs: configs(100) });
    expect(Object.keys(good.configs)).toHaveLength(100);
    parsers.parseCreateTopic({ name: 'a', configs: { [long]: long } });
    for (const bad of [
      configs(101),
      { [`${long}x`]: 'v' },
      { c: `${long}x` },
      { c: 'ß'.repeat(513) },
    ]) {
      const run = (): unknown => parsers.parseCreateTopic({ name: 'a', configs: bad });
      expect(complaint(run)).toMatch(/^INVALID_CONFIG: /);
    }
  });

  it('never end otherwise than in a request or a ProtocolError', () => {
    const value = fc.anything({ withBigInt: false, withTypedArray: true, maxDepth: 3 });
    const names = ['topic', 'topics', 'name', 'partition', 'partitions', 'acks', 'records'];
    const more = ['protocol', 'client', 'at', 'reader', 'offsets', 'format', 'maxBytes'];
    more.push('configs', 'validateOnly', 'before', 'after', 'limit', 'expireMs', 'topic');
    const fields = fc.dictionary(fc.constantFrom(...names, ...more), value);
    const operation = fc.constantFrom(...(Object.keys(PARSERS) as OperationName[]));
    fc.assert(
      fc.property(operation, fields, (name, given) => {
        expect(isAnswered(() => PARSERS[name](given))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
