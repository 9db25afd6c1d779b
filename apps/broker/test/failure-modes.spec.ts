// One client for each way in which clients fail, and what becomes of it. The bytes that are no
// frames are in bad-input.spec.ts, the ones that are no WebSocket in websocket.spec.ts.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeFrame } from '@walrusmq/protocol';
import { codeOf, RawClient } from './raw-client';
import { TestBroker, batchOf, until } from './test-broker';

const KIB = 1024;
const FRAME_BYTES_MAX = 8 * KIB;
const HELLO = { protocol: [1, 1], client: 'x' };
const WAITING = { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 };

function prefixed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

/** A `metadata` request whose body has exactly so many bytes. */
function metadataOf(bodyBytes: number): Buffer {
  const empty = Buffer.concat(encodeFrame('metadata', 9, { junk: Buffer.alloc(300) }));
  const junk = Buffer.alloc(300 + bodyBytes - (empty.length - 4));
  return Buffer.concat(encodeFrame('metadata', 9, { junk }));
}

jest.setTimeout(60_000);

describe('a client that', () => {
  let broker: TestBroker;
  let good: RawClient;

  beforeAll(async () => {
    broker = await TestBroker.start({
      frameBytesMax: FRAME_BYTES_MAX,
      batchBytesMax: 4 * KIB,
      helloTimeoutMs: 300,
      stallTimeoutMs: 300,
    });
    good = await broker.withTopic('orders');
  });
  afterAll(() => broker.stop());
  // Whatever it was: it left nothing behind, and others are served.
  afterEach(async () => {
    await good.request('metadata', {});
    await until(() => broker.counter('connectionsOpen') === 1);
    await until(() => broker.counter('heldBytes') + broker.counter('pushHeldBytes') === 0);
  });

  const rawSocket = async (address: string): Promise<Socket> => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const greeted = (): Promise<RawClient> => RawClient.greeted(broker.address);

  it.each(['address', 'webSocketAddress'] as const)(
    'says nothing is hung up on in time (%s)',
    async (address) => {
      const socket = await rawSocket(broker[address]);
      socket.resume();
      const dropped = broker.counter('connectionsDropped');
      await once(socket, 'close');
      // What has not become a WebSocket yet is no connection.
      const count = address === 'address' ? 1 : 0;
      expect(broker.counter('connectionsDropped')).toBe(dropped + count);
    },
  );

  it('goes silent in the middle of a frame is hung up on in time', async () => {
    const client = await greeted();
    client.write(metadataOf(1_000).subarray(0, 500));
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  it('is greeted and idle is not hung up on', async () => {
    const client = await greeted();
    // Longer than the patience with those who owe something, told by one who does.
    const silent = await rawSocket(broker.address);
    silent.resume();
    await once(silent, 'close');
    expect(codeOf(await client.request('metadata', {}))).toBe('ok');
    client.destroy();
  });

  it('sends byte after byte is answered', async () => {
    const client = await RawClient.connect(broker.address);
    client.socket.setNoDelay(true);
    const bytes = [encodeFrame('hello', 1, HELLO), encodeFrame('metadata', 2, {})].flat();
    for (const byte of Buffer.concat(bytes)) {
      client.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.reply()).correlationId).toBe(1);
    expect((await client.reply()).correlationId).toBe(2);
    client.destroy();
  });

  it('closes in the middle of a request is forgotten, and nothing of it was done', async () => {
    const client = await greeted();
    const produce = { topic: 'orders', partition: 0, acks: 1 };
    const bytes = Buffer.concat(encodeFrame('produce', 5, produce, [batchOf('half')]));
    client.write(bytes.subarray(0, -1));
    await until(() => broker.counter('heldBytes') > 0);
    client.socket.end();
    expect(await client.replyOrEnd()).toBeUndefined();
    const { fields } = await good.request('listOffsets', { topic: 'orders', at: 'latest' });
    expect(fields.offsets).toEqual([[0, 0, -1]]);
  });

  it('resets its connection with replies pending is forgotten at once', async () => {
    const client = await greeted();
    const before = broker.counter('requests');
    for (let i = 0; i < 20; i += 1) client.send('fetch', WAITING);
    client.send('subscribe', { partitions: [['orders', 0, 0]], creditBytes: 1_000 });
    await until(() => broker.counter('requests') === before + 21);
    client.socket.resetAndDestroy();
    await until(() => broker.counter('subscriptionsOpen') === 0);
    expect(broker.counter('requests')).toBe(before + 21);
  });

  it('says hello twice is told so, and stays', async () => {
    const client = await greeted();
    const again = await client.request('hello', HELLO);
    expect([codeOf(again), typeof again.fields.message]).toEqual(['INVALID_REQUEST', 'string']);
    expect(codeOf(await client.request('metadata', {}))).toBe('ok');
    client.destroy();
  });

  const HINT = 'this port speaks the msgpack protocol';
  it.each([
    [
      `if this is HTTP: ${HINT}`,
      'FRAME_TOO_LARGE',
      Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    ],
    [`if this is HTTP: ${HINT}`, 'FRAME_TOO_LARGE', Buffer.from('POST /topics HTTP/1.1\r\n\r\n')],
    [`if this is TLS: ${HINT}`, 'FRAME_TOO_LARGE', Buffer.from('16030100f8010000f40303', 'hex')],
    [
      "if this is Kafka's protocol: that has a port of its own",
      'INVALID_FRAME',
      prefixed(Buffer.from('001200000000000100016b', 'hex')),
    ],
    ['a message is an array', 'INVALID_FRAME', prefixed(Buffer.from('011200000000', 'hex'))],
    ['exceeds the limit', 'FRAME_TOO_LARGE', Buffer.from('*1\r\n$4\r\nPING\r\n')],
  ])('speaks another protocol is told: %s', async (words, code, bytes) => {
    const client = await RawClient.connect(broker.address);
    client.write(bytes);
    const reply = await client.reply();
    expect([reply.correlationId, codeOf(reply)]).toEqual([0, code]);
    expect(reply.fields.message).toContain(words);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  it('sends a frame at the limit is answered, and refused one byte above it', async () => {
    const client = await greeted();
    client.write(metadataOf(FRAME_BYTES_MAX));
    expect(codeOf(await client.reply())).toBe('ok');
    client.write(metadataOf(FRAME_BYTES_MAX + 1));
    const reply = await client.reply();
    expect(codeOf(reply)).toBe('FRAME_TOO_LARGE');
    expect(reply.fields.message).toContain(`the limit of ${FRAME_BYTES_MAX}`);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  it('repeats a correlation id is answered each time', async () => {
    const client = await greeted();
    const frames = ['metadata', 'listTopics', 'nonsense'].map((kind) => encodeFrame(kind, 7, {}));
    client.write(Buffer.concat(frames.flat()));
    const replies = [await client.reply(), await client.reply(), await client.reply()];
    expect(replies.map(({ correlationId }) => correlationId)).toEqual([7, 7, 7]);
    expect(replies.map(codeOf)).toEqual(['ok', 'ok', 'UNKNOWN_OPERATION']);
    client.destroy();
  });

  it('pipelines 100,000 tiny requests is answered in order, from bounded memory', async () => {
    const client = await greeted();
    const count = 100_000;
    const names = ['metadata', 'x', 'credit', 'unsubscribe'];
    const frames = Array.from({ length: count }, (_, i) =>
      encodeFrame(names[i % names.length]!, i, { topics: [] }),
    );
    client.write(Buffer.concat(frames.flat()));
    let most = 0;
    for (let i = 0; i < count; i += 1) {
      const reply = await client.reply();
      if (reply.correlationId !== i) throw new Error(`reply ${reply.correlationId} came for ${i}`);
      if (i % 100 === 0) most = Math.max(most, broker.counter('heldBytes'));
    }
    // What one read of the socket gives, decoded, and the replies to it.
    expect(most).toBeLessThan(4 * 1024 * KIB);
    client.destroy();
  });

  it('never answers the close of its WebSocket is hung up on', async () => {
    const socket = await rawSocket(broker.webSocketAddress);
    const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
    const host = `Host: ${broker.webSocketAddress}`;
    socket.write(`GET / HTTP/1.1\r\n${host}\r\n${upgrade}\r\n${key}\r\n\r\n`);
    await once(socket, 'data');
    // Text, which the broker ends the WebSocket for; from here on nothing is said any more.
    socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x41]));
    const [hadError] = (await once(socket, 'close')) as [boolean];
    expect(hadError).toBe(false);
  });

  it('closes its WebSocket and keeps the socket below open is hung up on', async () => {
    const { port, hostname } = new URL(`ws://${broker.webSocketAddress}`);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${broker.webSocketAddress}\r\n${upgrade}\r\n${key}\r\n\r\n`,
    );
    socket.on('error', () => undefined).resume();
    await until(() => broker.counter('connectionsOpen') === 2);
    socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    await until(() => broker.counter('connectionsOpen') === 1);
    expect(socket.writable).toBe(true);
    socket.destroy();
  });
});
