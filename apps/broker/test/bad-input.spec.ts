// What a client can get wrong on the wire, and what it is told.
import { encodeFrame } from '@walrusmq/protocol';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, batchOf, until } from './test-broker';

const FRAME_BYTES_MAX = 256 * 1024;
const CRC_POSITION = 17;

function prefixed(length: number, body = Buffer.alloc(0)): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return Buffer.concat([prefix, body]);
}

function corrupted(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy.writeUInt32BE((copy.readUInt32BE(CRC_POSITION) ^ 1) >>> 0, CRC_POSITION);
  return copy;
}

describe('bad input', () => {
  let broker: TestBroker;
  let client: RawClient;

  beforeAll(async () => {
    const limits = { frameBytesMax: FRAME_BYTES_MAX, batchBytesMax: 4096 };
    broker = await TestBroker.start(limits);
    client = await broker.withTopic('orders', 2);
  });
  afterAll(() => broker.stop());

  it.each([
    ['a frame of length 0', 'INVALID_FRAME', prefixed(0)],
    ['a negative length', 'INVALID_FRAME', prefixed(0x80000001)],
    ['a length over the limit', 'FRAME_TOO_LARGE', prefixed(FRAME_BYTES_MAX + 1)],
    ['a body that is no array', 'INVALID_FRAME', prefixed(1, Buffer.from([0xc0]))],
    ['a byte that msgpack never uses', 'INVALID_FRAME', prefixed(1, Buffer.from([0xc1]))],
    ['an array of the wrong types', 'INVALID_FRAME', prefixed(4, Buffer.from([0x93, 1, 2, 3]))],
    ['text of another protocol', 'INVALID_FRAME', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('answers %s with %s, closes and parses nothing after it', async (_, code, bytes) => {
    const other = await broker.greeted();
    other.write(Buffer.concat([bytes, Buffer.concat(encodeFrame('metadata', 7, {}))]));
    const reply = await other.reply();
    // A text read as a length is either too large or negative; the letters decide which.
    const expected = bytes[0] === 0x47 ? 'FRAME_TOO_LARGE' : code;
    expect([reply.correlationId, codeOf(reply)]).toEqual([0, expected]);
    expect(await other.replyOrEnd()).toBeUndefined();
    await other.closed;
  });

  it('answers the whole frames before a bad one first', async () => {
    const other = await broker.greeted();
    const good = Buffer.concat(encodeFrame('metadata', 5, {}));
    other.write(Buffer.concat([good, prefixed(0)]));
    expect((await other.reply()).correlationId).toBe(5);
    expect(codeOf(await other.reply())).toBe('INVALID_FRAME');
    await other.closed;
  });

  it('does not wait with what was asked before a bad frame', async () => {
    const other = await broker.greeted();
    const waiting = { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 };
    const fetch = Buffer.concat(encodeFrame('fetch', 5, waiting));
    other.write(fetch);
    await until(() => broker.counter('heldBytes') > fetch.length);
    other.write(prefixed(0));
    expect((await other.reply()).correlationId).toBe(5);
    expect(codeOf(await other.reply())).toBe('INVALID_FRAME');
    await other.closed;
  });

  it('closes without a reply when the client ends inside a frame', async () => {
    const other = await broker.greeted();
    other.socket.end(prefixed(100, Buffer.from([0x93])));
    expect(await other.replyOrEnd()).toBeUndefined();
    await other.closed;
  });

  it('answers what it owes to a client that ends its side', async () => {
    const other = await broker.greeted();
    const fetch = { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 };
    const frames = [encodeFrame('fetch', 3, fetch), encodeFrame('metadata', 4, {})];
    other.socket.end(Buffer.concat(frames.flat()));
    expect((await other.reply()).correlationId).toBe(3);
    expect((await other.reply()).correlationId).toBe(4);
    await other.closed;
  });

  it('requires hello first and answers only the first request without it', async () => {
    const other = await broker.connect();
    other.send('metadata', {});
    other.send('metadata', {});
    expect(codeOf(await other.reply())).toBe('HELLO_REQUIRED');
    expect(await other.replyOrEnd()).toBeUndefined();

    const worse = await broker.connect();
    worse.write(Buffer.concat([...encodeFrame('metadata', 1, {}), prefixed(0)]));
    expect(codeOf(await worse.reply())).toBe('HELLO_REQUIRED');
    expect(await worse.replyOrEnd()).toBeUndefined();
  });

  it.each([
    ['UNSUPPORTED_PROTOCOL', { protocol: [2, 3], client: 'x' }],
    ['UNKNOWN_INSTANCE', { protocol: [1, 1], client: 'x', instance: 'other' }],
    ['INVALID_REQUEST', { protocol: 1, client: 'x' }],
  ])('answers %s to a hello it cannot take, and lets the client try again', async (code, hello) => {
    const other = await broker.connect();
    expect(codeOf(await other.request('hello', hello))).toBe(code);
    expect(codeOf(await other.request('hello', { protocol: [1, 1], client: 'x' }))).toBe('ok');
    expect(codeOf(await other.request('hello', { protocol: [1, 1], client: 'x' }))).toBe(
      'INVALID_REQUEST',
    );
  });

  const batch = batchOf('value');
  const toOrders = { topic: 'orders', partition: 0, acks: -1 };
  const reader = { reader: 'r', offsets: [['orders', 0, 9]] };
  const refused: [string, string, string, object, Buffer[]?][] = [
    ['an unknown operation', 'UNKNOWN_OPERATION', 'brew', {}],
    ['an operation named as a property', 'UNKNOWN_OPERATION', 'constructor', {}],
    ['a topic of the wrong type', 'INVALID_REQUEST', 'produce', { ...toOrders, topic: 5 }, [batch]],
    ['acks that are none', 'INVALID_REQUEST', 'produce', { ...toOrders, acks: 2 }, [batch]],
    ['produce without records', 'INVALID_REQUEST', 'produce', toOrders],
    ['an unknown topic', 'UNKNOWN_TOPIC', 'produce', { ...toOrders, topic: 'no' }, [batch]],
    [
      'an unknown partition',
      'UNKNOWN_PARTITION',
      'produce',
      { ...toOrders, partition: 2 },
      [batch],
    ],
    ['a batch with a bad checksum', 'CORRUPT_BATCH', 'produce', toOrders, [corrupted(batch)]],
    ['half a batch', 'INVALID_BATCH', 'produce', toOrders, [batch.subarray(0, 40)]],
    ['a few bytes', 'INVALID_BATCH', 'produce', toOrders, [Buffer.from('hi')]],
    ['text as a batch', 'INVALID_BATCH', 'produce', toOrders, [Buffer.alloc(100)]],
    ['a good and a bad batch', 'CORRUPT_BATCH', 'produce', toOrders, [batch, corrupted(batch)]],
    ['too large a batch', 'RECORD_TOO_LARGE', 'produce', toOrders, [batchOf('x'.repeat(5000))]],
    [
      'too large a record',
      'RECORD_TOO_LARGE',
      'produce',
      {
        ...toOrders,
        records: [
          ['k', 'small'],
          [null, 'x'.repeat(5000)],
        ],
      },
    ],
    ['an invalid topic name', 'INVALID_TOPIC_NAME', 'createTopic', { name: 'a b' }],
    ['the topic name ..', 'INVALID_TOPIC_NAME', 'createTopic', { name: '..' }],
    ['no partitions', 'INVALID_PARTITIONS', 'createTopic', { name: 'a', partitions: 0 }],
    ['too many partitions', 'INVALID_PARTITIONS', 'createTopic', { name: 'a', partitions: 10_001 }],
    ['a topic that exists', 'TOPIC_EXISTS', 'createTopic', { name: 'orders' }],
    ['a deletion of nothing', 'UNKNOWN_TOPIC', 'deleteTopic', { name: 'nothing' }],
    ['offsets of nothing', 'UNKNOWN_TOPIC', 'listOffsets', { topic: 'nothing', at: 'latest' }],
    ['a moment that is none', 'INVALID_REQUEST', 'listOffsets', { topic: 'orders', at: 'noon' }],
    ['a position beyond the end', 'OFFSET_OUT_OF_RANGE', 'readerCommit', reader],
    ['a bad reader name', 'INVALID_REQUEST', 'readerCommit', { ...reader, reader: 'a b' }],
    ['a negative offset', 'INVALID_REQUEST', 'fetch', { partitions: [['orders', 0, -1]] }],
  ];
  const rows = refused.map(([what, code, operation, fields, tail]) => ({
    what,
    code,
    operation,
    fields,
    tail,
  }));
  it.each(rows)('answers $what with $code and goes on', async (row) => {
    const { code, operation, fields, tail } = row;
    const reply = await client.request(operation, fields, tail);
    expect(codeOf(reply)).toBe(code);
    expect(typeof reply.fields.message).toBe('string');
    expect(codeOf(await client.request('metadata', {}))).toBe('ok');
  });

  it('took nothing of the batches it refused', async () => {
    const reply = await client.request('listOffsets', { topic: 'orders', at: 'latest' });
    expect(reply.fields.offsets).toEqual([
      [0, 0, -1],
      [1, 0, -1],
    ]);
  });

  it.each([
    ['UNKNOWN_TOPIC', ['nothing', 0, 0]],
    ['UNKNOWN_PARTITION', ['orders', 9, 0]],
    ['OFFSET_OUT_OF_RANGE', ['orders', 0, 1]],
  ])('puts %s into the entry of its partition, at once', async (code, bad) => {
    const partitions = [['orders', 1, 0], bad];
    const reply = await client.request('fetch', { partitions, maxWaitMs: 600_000 });
    const entries = reply.fields.partitions as [string, number, { code: string } | null][];
    expect(entries.map(([, , error]) => error?.code ?? null)).toEqual([null, code]);
  });

  it('counts no bad client as open once it is gone', async () => {
    const one = await broker.connect();
    one.destroy();
    await one.closed;
    const two = await broker.greeted();
    await two.request('metadata', {});
    expect(broker.counter('connectionsOpen')).toBeLessThanOrEqual(
      broker.counter('connectionsAccepted'),
    );
    expect(broker.counter('connectionsDropped')).toBeGreaterThan(0);
  });
});
