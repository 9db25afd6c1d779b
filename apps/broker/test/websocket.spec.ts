// The protocol over WebSocket, and who may speak it.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { decodeBatches } from '@walrusmq/record-batch';
import { codeOf, type RawClient } from './raw-client';
import { SocketClient } from './socket-client';
import { TestBroker, batchOf, until } from './test-broker';

const KIB = 1024;
const MIB = 1024 * KIB;
const PLENTY = 2 ** 30;
const PRODUCE = { topic: 'orders', partition: 0, acks: 1 };

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(address: string, path: string, headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`http://${address}${path}`, { method, headers, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    asked.end();
  });
}

/** A frame of RFC 6455 from a client, masked with zeros. */
function rawFrame(firstByte: number, payload: Buffer, mask = 0x80): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([firstByte, mask | payload.length])
      : Buffer.from([firstByte, mask | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, Buffer.alloc(mask === 0 ? 0 : 4), payload]);
}

describe('WebSocket', () => {
  let broker: TestBroker;
  let writer: RawClient;
  const opened: (SocketClient | Socket)[] = [];

  const start = async (settings = {}): Promise<void> => {
    broker = await TestBroker.start(settings);
    writer = await broker.withTopic();
  };
  afterEach(async () => {
    for (const client of opened.splice(0)) {
      if (client instanceof SocketClient) client.socket.terminate();
      else client.destroy();
    }
    await broker.stop();
  });
  const greeted = async (): Promise<SocketClient> => {
    const client = await SocketClient.greeted(broker.webSocketAddress);
    opened.push(client);
    return client;
  };
  const produce = (payload: string | Buffer): Promise<unknown> =>
    writer.request('produce', PRODUCE, [batchOf(payload)]);
  const rawSocket = async (): Promise<Socket> => {
    const at = broker.webSocketAddress.split(':');
    const socket = connect(Number(at[1]), at[0]);
    socket.on('error', () => undefined);
    opened.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  /** A socket behind its upgrade, that a test writes bytes of its own to. */
  const upgraded = async (): Promise<Socket> => {
    const socket = await rawSocket();
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${broker.webSocketAddress}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101/);
    return socket;
  };
  /** The close code that the broker ends a socket with. */
  const closeCode = async (socket: Socket): Promise<number> => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
    await new Promise((resolve) => socket.once('close', resolve));
    const bytes = Buffer.concat(chunks);
    const at = bytes.lastIndexOf(0x88);
    return bytes.readUInt16BE(at + 2);
  };

  it('carries produce, fetch and subscribe, and meets the clients of TCP', async () => {
    await start();
    const client = await greeted();
    const produced = await client.request('produce', PRODUCE, [batchOf('over ws')]);
    expect(produced.fields).toMatchObject({ baseOffset: 0, recordCount: 1 });
    const partitions = [['orders', 0, 0]];
    const fetched = await client.request('fetch', { partitions });
    expect([...decodeBatches(Buffer.concat(fetched.tail))][0]?.value?.toString()).toBe('over ws');
    expect(codeOf(await client.request('subscribe', { partitions, creditBytes: PLENTY }))).toBe(
      'ok',
    );
    expect((await client.frame())?.fields).toMatchObject({ offset: 0 });
    await produce('over tcp');
    expect((await client.frame())?.fields).toMatchObject({ offset: 1, readableEnd: 2 });
    expect(client.socket.extensions).toBe('');
  });

  it('wants a hello first, and binds the connection to the instance that it names', async () => {
    await start();
    const silent = await SocketClient.connect(broker.webSocketAddress);
    opened.push(silent);
    for (let i = 0; i < 2; i += 1) silent.send('produce', PRODUCE, [batchOf('x')]);
    expect((await silent.frame())?.fields).toMatchObject({ code: 'HELLO_REQUIRED' });
    expect(await silent.frame()).toBeUndefined();

    expect(codeOf(await writer.request('createInstance', { key: 'other' }))).toBe('ok');
    const client = await SocketClient.connect(broker.webSocketAddress);
    opened.push(client);
    const hello = { protocol: [1, 1], client: 'ws' };
    const unknown = await client.request('hello', { ...hello, instance: 'none' });
    expect(codeOf(unknown)).toBe('UNKNOWN_INSTANCE');
    const reply = await client.request('hello', { ...hello, instance: 'other' });
    expect(reply.fields).toMatchObject({ instance: 'other' });
    // The topic is the default instance's.
    expect(codeOf(await client.request('produce', PRODUCE, [batchOf('x')]))).toBe('UNKNOWN_TOPIC');
  });

  it('takes a frame in fragments, with control frames between them', async () => {
    await start();
    const client = await greeted();
    const body = SocketClient.body('produce', 9, PRODUCE, [batchOf('x'.repeat(300 * KIB))]);
    for (let at = 0; at < body.length; at += 50 * KIB) {
      client.socket.ping();
      client.socket.send(body.subarray(at, at + 50 * KIB), { fin: at + 50 * KIB >= body.length });
    }
    expect((await client.frame())?.fields).toMatchObject({ baseOffset: 0 });
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('carries a batch of a megabyte both ways, byte for byte', async () => {
    await start();
    const client = await greeted();
    const batch = batchOf(Buffer.alloc(MIB - 200, 'ü'));
    expect(codeOf(await client.request('produce', PRODUCE, [batch]))).toBe('ok');
    const { tail } = await client.request('fetch', { partitions: [['orders', 0, 0]] });
    expect(Buffer.concat(tail).subarray(61).equals(batch.subarray(61))).toBe(true);
  });

  it('answers many requests in their order', async () => {
    await start({ connectionRequestsMax: 8 });
    const client = await greeted();
    const ids = Array.from({ length: 300 }, (_, i) =>
      client.send('produce', PRODUCE, [batchOf(`v-${i}`)]),
    );
    for (const id of ids) expect((await client.frame())?.correlationId).toBe(id);
  });

  it('refuses text with a close code and words', async () => {
    await start();
    const client = await greeted();
    client.socket.send('["hello",1,{}]');
    expect(await client.closed).toEqual({
      code: 1003,
      reason: 'send binary messages, one frame each',
    });
  });

  it.each([
    ['that is empty', Buffer.alloc(0)],
    ['that is no msgpack', Buffer.from('hello')],
    [
      'with bytes behind its frame',
      Buffer.concat([SocketClient.body('x', 1, {}), Buffer.alloc(1)]),
    ],
    ['that is half a frame', SocketClient.body('hello', 1, { client: 'x' }).subarray(0, 12)],
  ])('ends with INVALID_FRAME at a message %s', async (_, body) => {
    await start();
    const client = await greeted();
    client.socket.send(body);
    expect((await client.frame())?.fields).toMatchObject({ code: 'INVALID_FRAME' });
    expect(await client.closed).toEqual({ code: 1002, reason: 'INVALID_FRAME' });
  });

  it('ends with 1009 at a message longer than a frame may be, in one piece or many', async () => {
    await start({ frameBytesMax: 8 * KIB, batchBytesMax: 4 * KIB });
    const whole = await greeted();
    whole.socket.send(Buffer.alloc(8 * KIB + 1));
    expect((await whole.closed).code).toBe(1009);
    const pieces = await greeted();
    for (let i = 0; i < 9; i += 1) pieces.socket.send(Buffer.alloc(KIB), { fin: false });
    expect((await pieces.closed).code).toBe(1009);
    await until(() => broker.counter('heldBytes') === 0);
  });

  it.each([
    ['is not masked', rawFrame(0x82, Buffer.alloc(5), 0)],
    ['has a reserved bit', rawFrame(0xc2, Buffer.alloc(5))],
    ['has an unknown opcode', rawFrame(0x83, Buffer.alloc(5))],
    ['goes on with nothing', rawFrame(0x80, Buffer.alloc(5))],
    ['is a ping of 126 bytes', rawFrame(0x89, Buffer.alloc(126))],
  ])('ends with 1002 at a frame that %s', async (_, bytes) => {
    await start();
    const socket = await upgraded();
    const code = closeCode(socket);
    socket.write(bytes);
    expect(await code).toBe(1002);
    await until(() => broker.counter('connectionsOpen') === 1);
  });

  it('hangs up on a client that floods it with pings and reads no answer', async () => {
    await start();
    const socket = await upgraded();
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const ping = rawFrame(0x89, Buffer.alloc(125));
    const flood = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
    let most = 0;
    while (!socket.destroyed) {
      if (socket.writableLength < MIB) socket.write(flood);
      expect(codeOf(await writer.request('metadata', { topics: [] }))).toBe('ok');
      most = Math.max(most, broker.counter('heldBytes'));
    }
    await closed;
    expect(most).toBeLessThan(MIB);
  });

  it('ends with 1008 at a message of fragments without end', async () => {
    await start();
    const socket = await upgraded();
    const code = closeCode(socket);
    const fragment = rawFrame(0x00, Buffer.alloc(0));
    const fragments = Array.from({ length: 20_000 }, () => fragment);
    socket.write(Buffer.concat([rawFrame(0x02, Buffer.alloc(1)), ...fragments]));
    expect(await code).toBe(1008);
  });

  it('holds a bounded part of what a subscriber does not read', async () => {
    await start({ pushBytesMax: MIB });
    const client = await greeted();
    await client.request('subscribe', { partitions: [['orders', 0, 0]], creditBytes: PLENTY });
    client.socket.pause();
    let pushed = -1;
    for (let i = 0; i < 8 || pushed !== broker.counter('pushedBytes'); i += 1) {
      pushed = broker.counter('pushedBytes');
      await produce('x'.repeat(500 * KIB));
    }
    expect(broker.counter('pushHeldBytes')).toBeGreaterThan(0);
    expect(broker.counter('pushHeldBytes')).toBeLessThan(2 * 501 * KIB);
    client.socket.resume();
    for (let offset = 0; offset < 8; offset += 1) {
      expect((await client.frame())?.fields).toMatchObject({ offset });
    }
  });

  it('keeps a thousand idle connections, and forgets them', async () => {
    await start();
    for (let i = 0; i < 1_000; i += 50) {
      await Promise.all(Array.from({ length: 50 }, () => greeted()));
    }
    expect(broker.counter('connectionsOpen')).toBe(1_001);
    await until(() => broker.counter('heldBytes') === 0);
    expect(codeOf(await writer.request('metadata', {}))).toBe('ok');
    for (const client of opened.splice(0)) (client as SocketClient).socket.terminate();
    await until(() => broker.counter('connectionsOpen') === 1);
  }, 60_000);

  it('counts towards the connections of the broker', async () => {
    await start({ connectionsMax: 2 });
    const first = await greeted();
    await expect(SocketClient.connect(broker.webSocketAddress)).rejects.toThrow(/503/);
    first.socket.close();
    await until(() => broker.counter('connectionsOpen') === 1);
    await greeted();
  });

  it('says that the broker goes away', async () => {
    await start();
    const client = await greeted();
    await client.request('subscribe', { partitions: [['orders', 0, 0]], creditBytes: PLENTY });
    const stopping = broker.stop();
    expect(await client.closed).toEqual({ code: 1001, reason: 'the broker is stopping' });
    await stopping;
  });

  it('hangs up on whoever asks for nothing', async () => {
    await start({ helloTimeoutMs: 100 });
    const silent = await rawSocket();
    silent.write('GET / HT');
    const idle = await upgraded();
    silent.resume();
    idle.resume();
    for (const socket of [silent, idle]) {
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(broker.counter('connectionsDropped')).toBe(1);
  });

  it('answers pages to people and probes', async () => {
    await start();
    const at = broker.webSocketAddress;
    const metrics = await get(at, '/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.headers['content-type']).toMatch('version=0.0.4');
    expect(metrics.body).toMatch(/^# TYPE walrusmq_connections_open gauge\n.* 1$/m);
    expect(metrics.body).toMatch(/^walrusmq_requests_total \d+$/m);
    expect(metrics.body).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(await get(at, '/health/live')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await get(at, '/health/ready?x=1')).toMatchObject({ status: 200 });
    expect(await get(at, '/')).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } });
    expect((await get(at, '/__proto__')).status).toBe(404);
    expect((await get(at, '/metrics', {}, 'POST')).status).toBe(405);
    expect(await get(at, '/health/live', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('refuses pages of other sites, and names that are not its own', async () => {
    await start({ allowedHosts: ['walrus.example'], allowedOrigins: ['https://console.example'] });
    const at = broker.webSocketAddress;
    const port = at.split(':')[1];
    const connectWith = async (headers: Record<string, string>): Promise<string> => {
      try {
        opened.push(await SocketClient.connect(at, { headers }));
        return 'open';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(await connectWith({ origin: 'https://evil.example' })).toMatch('403');
    expect(await connectWith({ origin: 'http://localhost:3000' })).toMatch('403');
    expect(await connectWith({ origin: 'null' })).toMatch('403');
    expect(await connectWith({ host: `evil.example:${port}` })).toMatch('403');
    expect(await connectWith({ origin: `http://${at}` })).toBe('open');
    expect(await connectWith({ origin: 'https://console.example' })).toBe('open');
    expect(await connectWith({ host: `walrus.example:${port}` })).toBe('open');
    expect(await connectWith({ host: `localhost:${port}` })).toBe('open');
    const refused = await get(at, '/metrics', { host: 'evil.example' });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatch('--allowed-hosts');
    const page = await get(at, '/metrics', { origin: 'https://evil.example' });
    expect(page.status).toBe(403);
  });

  it('refuses upgrades that are none', async () => {
    await start();
    const at = broker.webSocketAddress;
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await get(at, '/', { ...headers, 'sec-websocket-version': '12' })).status).toBe(400);
    expect((await get(at, '/elsewhere', headers)).status).toBe(404);
  });

  it('can be off', async () => {
    broker = await TestBroker.start({ wsPort: 'off' });
    expect(broker.broker.addresses).not.toHaveProperty('websocket');
  });
});
