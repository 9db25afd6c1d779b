// What needs a clock or a socket in a certain state; what a client sees of a connection is tested
// over real brokers in apps/broker/test.
import { connect, type Socket } from 'node:net';
import { encodeFrame } from '@walrusmq/protocol';
import { pino } from 'pino';
import { defaultSettings } from '../config/settings-table';
import type { OperationHandler } from '../msgpack/operation-handler';
import { OpTable } from '../msgpack/op-table';
import { Counters } from '../observability/counters';
import { MemoryBudget } from './memory-budget';
import { TcpServer } from './tcp-server';

const PATIENCE = { helloTimeoutMs: 10_000, stallTimeoutMs: 60_000 };
const hello: OperationHandler = {
  operation: 'hello',
  handle: (_, session) => {
    session.client = 'test';
    return { fields: {} };
  },
};
const large: OperationHandler = {
  operation: 'fetch',
  handle: () => ({ fields: {}, tail: [Buffer.alloc(32 * 1024 * 1024)] }),
};
const failing: OperationHandler = {
  operation: 'metadata',
  handle: () => Promise.reject(new TypeError('a bug')),
};

describe('the patience of a connection', () => {
  let counters: Counters;
  let server: TcpServer;
  let socket: Socket;
  let logged: string[];
  // Whole numbers: sums of fractions are not exact, and patience ends at an exact moment.
  const nowMs = (): number => Math.ceil(performance.now());

  beforeEach(async () => {
    counters = new Counters();
    logged = [];
    const table = new OpTable([hello, large, failing]);
    server = new TcpServer(
      { ...defaultSettings, ...PATIENCE, port: 0 },
      {
        limits: defaultSettings,
        budget: new MemoryBudget(2 ** 30),
        counters,
        log: pino({}, { write: (line: string) => logged.push(line) }),
        dispatch: (frame, session) => table.dispatch(frame, session),
      },
    );
    const address = await server.listen();
    socket = connect({ host: '127.0.0.1', port: Number(address?.split(':').at(-1)) });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
  });

  afterEach(async () => {
    socket.destroy();
    await server.drain(100);
  });

  const closed = (): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));
  const received = (): Promise<unknown> => new Promise((resolve) => socket.once('data', resolve));
  const send = (operation: string): void => {
    socket.write(Buffer.concat(encodeFrame(operation, 1, {})));
  };
  const sayHello = async (): Promise<void> => {
    send('hello');
    await received();
  };

  it('ends without a hello in time, and not before', async () => {
    while (server.connectionCount === 0) await new Promise((resolve) => setImmediate(resolve));
    server.sweep(nowMs() + PATIENCE.helloTimeoutMs - 1_000);
    expect(counters.connectionsDropped).toBe(0);
    server.sweep(nowMs() + PATIENCE.helloTimeoutMs);
    expect(counters.connectionsDropped).toBe(1);
    socket.resume();
    await closed();
  });

  it('lasts while a greeted client is idle', async () => {
    await sayHello();
    for (let hours = 1; hours < 48; hours += 1) server.sweep(nowMs() + hours * 3_600_000);
    expect(counters.connectionsDropped).toBe(0);
  });

  it('ends when a frame stays half sent', async () => {
    await sayHello();
    socket.write(Buffer.from([0, 0, 1, 0, 0x93]));
    while (counters.heldBytes !== 5) await new Promise((resolve) => setImmediate(resolve));
    const startMs = nowMs();
    server.sweep(startMs);
    server.sweep(startMs + 1_000);
    server.sweep(startMs + PATIENCE.stallTimeoutMs);
    expect(counters.connectionsDropped).toBe(0);
    server.sweep(startMs + 1_000 + PATIENCE.stallTimeoutMs);
    expect(counters.connectionsDropped).toBe(1);
    socket.resume();
    await closed();
    while (counters.connectionsOpen > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(counters.heldBytes).toBe(0);
  });

  it('ends when a reply stays unread', async () => {
    await sayHello();
    socket.pause();
    send('fetch');
    while (counters.sentBytes < 1024 * 1024) await new Promise((resolve) => setImmediate(resolve));
    const startMs = nowMs();
    for (const afterMs of [0, 1_000, 2_000, 61_000, 62_000]) server.sweep(startMs + afterMs);
    expect(counters.connectionsDropped).toBe(1);
    while (counters.connectionsOpen > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(counters.heldBytes).toBe(0);
  });

  it('answers INTERNAL to a bug, logs it, and goes on', async () => {
    await sayHello();
    send('metadata');
    expect(String(await received())).toContain('INTERNAL');
    expect(logged.join('')).toContain('a bug');
    await sayHello();
    expect(counters.errorReplies).toBe(1);
  });
});
