import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodeFrame } from '@walrusmq/protocol';
import { eventually, FakeBroker } from '../testing/fake-broker';
import { onceAnswered, standStill } from '../testing/frozen-process';
import { BrokerClient } from './broker-client';
import { Connection } from './connection';
import { BrokerError, ConnectionError, TimeoutError } from './errors';
import { connectionSettings, type ConnectionOptions, type RetryNotice } from './options';

async function listening(onSocket: (socket: Socket) => void): Promise<[Server, string]> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `127.0.0.1:${(server.address() as AddressInfo).port}`];
}

describe('Connection', () => {
  let broker: FakeBroker;

  const connect = (options: ConnectionOptions = {}): Promise<Connection> =>
    Connection.open(connectionSettings({ broker: broker.address, ...options }));

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1 });
  });

  afterEach(() => broker.stop());

  it('says hello and knows the limits of the broker', async () => {
    const connection = await connect({ clientId: 'me', instance: 'other' });
    expect(connection.greeting.limits.batchBytesMax).toBe(1024 * 1024);
    expect(broker.requests[0]?.fields).toMatchObject({
      protocol: [1, 1],
      client: 'me',
      instance: 'other',
    });
    connection.close();
  });

  describe('with a reply of 100 MiB', () => {
    const MIB = 1024 * 1024;
    const piece = Buffer.alloc(MIB);
    const large = { fields: {}, tail: Array.from({ length: 100 }, () => piece) };

    it('goes on where the broker said that it takes as much', async () => {
      broker.limits = { frameBytesMax: 100 * MIB, batchBytesMax: 100 * MIB };
      const connection = await connect();
      broker.intercept = () => large;
      const { tail } = await connection.request('metadata', {});
      expect(tail.reduce((sum, { length }) => sum + length, 0)).toBe(100 * MIB);
      expect(connection.closed).toBe(false);
      connection.close();
    });

    it('ends where it did not', async () => {
      const connection = await connect();
      broker.intercept = () => large;
      const request = connection.request('metadata', {});
      await expect(request).rejects.toBeInstanceOf(ConnectionError);
      expect(connection.closed).toBe(true);
    });
  });

  it('gives each request its own reply, in order, errors included', async () => {
    const connection = await connect();
    const replies = await Promise.allSettled([
      connection.request('listOffsets', { topic: 'orders', at: 'earliest' }),
      connection.request('deleteTopic', { name: 'missing' }),
      connection.request('metadata', {}),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [, refused] = replies as PromiseRejectedResult[];
    expect(refused?.reason).toBeInstanceOf(BrokerError);
    expect(refused?.reason).toMatchObject({ code: 'UNKNOWN_TOPIC', retriable: false });
    expect(connection.closed).toBe(false);
    connection.close();
  });

  it('ends when a reply is overdue, the shortest wait first', async () => {
    const connection = await connect();
    broker.intercept = () => 'hang';
    const slow = connection.request('metadata', {}, undefined, 60_000);
    const quick = connection.request('metadata', {}, undefined, 30);
    await expect(quick).rejects.toBeInstanceOf(TimeoutError);
    await expect(slow).rejects.toThrow(/did not answer metadata within 30 ms/);
    await expect(connection.request('metadata', {})).rejects.toBeInstanceOf(TimeoutError);
    expect(connection.pendingCount).toBe(0);
  });

  it.each([1, 2 * 1024 * 1024])(
    'takes a reply of %d bytes that came while the process stood still',
    async (bytes) => {
      broker.limits = { frameBytesMax: 2 * bytes + 1024, batchBytesMax: 1024 };
      const connection = await connect();
      broker.intercept = () => {
        void onceAnswered(() => standStill(60));
        return { fields: {}, tail: [Buffer.alloc(bytes)] };
      };
      const { tail } = await connection.request('metadata', {}, undefined, 50);
      expect(tail.reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
      expect(connection.closed).toBe(false);
      connection.close();
    },
  );

  it('rejects what is pending when the broker cuts it off, and says where', async () => {
    const connection = await connect();
    broker.intercept = () => 'drop';
    const request = connection.request('metadata', {});
    await expect(request).rejects.toThrow(`lost the connection to the broker at ${broker.address}`);
    await expect(request).rejects.toMatchObject({ mayHaveReached: true, retriable: true });
  });

  it('says what to try when nothing listens', async () => {
    const { address } = broker;
    await broker.stop();
    const attempt = connect({ broker: address });
    await expect(attempt).rejects.toBeInstanceOf(ConnectionError);
    await expect(attempt).rejects.toThrow(/nothing listens there; start a broker/);
    await expect(attempt).rejects.toMatchObject({ host: '127.0.0.1', mayHaveReached: false });
  });

  it('does not mistake another server for a broker', async () => {
    const [server, address] = await listening((socket) => {
      socket.on('error', () => socket.destroy());
      // Read to its end, or the socket stays open for ever.
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await expect(connect({ broker: address })).rejects.toThrow(/is this its msgpack port/);
    server.close();
  });

  it('says of a server that hangs up on the greeting what it may be', async () => {
    const [server, address] = await listening((socket) => {
      socket.once('data', () => socket.destroy());
    });
    const failure = await connect({ broker: address }).catch((error: unknown) => error);
    server.close();
    expect(failure).toMatchObject({
      code: 'CONNECTION',
      message:
        `cannot connect to the broker at ${address}: ` +
        'it closed the connection without an answer; is this its msgpack port?',
    });
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const sockets: Socket[] = [];
    const [server, address] = await listening((socket) => sockets.push(socket));
    const attempt = connect({ broker: address, connectTimeoutMs: 40 });
    await expect(attempt).rejects.toThrow(/within 40 ms/);
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });

  it('ends on a reply to a request that was not made', async () => {
    const greeting = { limits: { frameBytesMax: 1_000, batchBytesMax: 500 } };
    const [server, address] = await listening((socket) => {
      let correlationId = 1;
      socket.on('error', () => socket.destroy());
      // The first request is the greeting; the one after it is answered as if it were another.
      socket.on('data', () => {
        socket.write(Buffer.concat(encodeFrame('ok', correlationId, greeting)));
        correlationId = 77;
      });
    });
    const connection = await connect({ broker: address });
    const request = connection.request('metadata', {});
    await expect(request).rejects.toThrow(/answered a request that was not made/);
    expect(connection.closed).toBe(true);
    server.close();
  });
});

describe('BrokerClient', () => {
  let broker: FakeBroker;
  const clients: BrokerClient[] = [];

  function open(options: ConnectionOptions = {}): BrokerClient {
    const backoff = { initialMs: 2, maxMs: 10 };
    const settings = connectionSettings({ broker: broker.address, backoff, ...options });
    const client = new BrokerClient(settings, 'the test');
    clients.push(client);
    return client;
  }

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1 });
  });

  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await broker.stop();
  });

  it('shares one connection and one attempt to make it', async () => {
    const client = open();
    await Promise.all([1, 2, 3].map(() => client.request('metadata', {})));
    expect(broker.count('hello')).toBe(1);
  });

  it('connects anew after a loss and tells of it', async () => {
    const notices: RetryNotice[] = [];
    const client = open({ onRetry: (notice) => notices.push(notice) });
    await client.request('metadata', {});
    broker.dropConnections();
    await eventually(() => client.open === undefined, 'the loss noticed');
    await client.request('metadata', {});
    expect(broker.count('hello')).toBe(2);
    expect(notices.map(({ activity }) => activity)).toEqual(['connect']);
  });

  it('waits longer between attempts that fail, and rejects each with its error', async () => {
    const delays: number[] = [];
    const backoff = { initialMs: 4, maxMs: 16 };
    const client = open({ backoff, onRetry: ({ delayMs }) => delays.push(delayMs) });
    await broker.stop();
    for (let i = 0; i < 4; i++) {
      await expect(client.request('metadata', {})).rejects.toMatchObject({ code: 'CONNECTION' });
    }
    const ceilings = [4, 8, 16, 16];
    delays.forEach((delayMs, i) => {
      expect(delayMs).toBeGreaterThanOrEqual(ceilings[i]! / 2);
      expect(delayMs).toBeLessThanOrEqual(ceilings[i]!);
    });
    expect(delays).toHaveLength(4);
  });

  it('repeats a request until the broker is back', async () => {
    const client = open();
    await broker.stop();
    const request = client.retrying('metadata', {}, { activity: 'test', retryForMs: 5_000 });
    setTimeout(() => void broker.listen(), 40);
    expect((await request).topics).toHaveLength(1);
  });

  it('does not repeat what may have been carried out and must not be twice', async () => {
    const client = open();
    await client.request('metadata', {});
    broker.intercept = () => 'apply-and-drop';
    const options = { activity: 'test', retryForMs: 5_000, repeatable: false };
    const request = client.retrying('createTopic', { name: 'new' }, options);
    await expect(request).rejects.toMatchObject({ code: 'CONNECTION', mayHaveReached: true });
    expect(broker.count('createTopic')).toBe(1);
  });

  it('rejects what waits with CLOSED when it is closed', async () => {
    const client = open({ backoff: { initialMs: 60_000, maxMs: 60_000 } });
    await broker.stop();
    await expect(client.request('metadata', {})).rejects.toMatchObject({ code: 'CONNECTION' });
    const waiting = client.request('metadata', {});
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(client.request('metadata', {})).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
