// What needs a clock or a socket in a certain state; what a client sees of a connection is tested
// over real brokers in apps/broker/test.
import { connect, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder } from '@walrusmq/protocol';
import { pino } from 'pino';
import { defaultSettings } from '../config/settings-table';
import type { OperationHandler } from '../msgpack/operation-handler';
import { OpTable } from '../msgpack/op-table';
import { Counters } from '../observability/counters';
import { ConnectionSet } from './connection-set';
import { MemoryBudget } from './memory-budget';
import { MsgpackProtocol } from './msgpack-wire';
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
/** Events of 256 KiB without end. */
const endless: OperationHandler = {
  operation: 'subscribe',
  handle: (_, session) => {
    session.events = { loadedBytes: 0, nextEvent: () => [Buffer.alloc(256 * 1024)] };
    session.onEvents();
    return { fields: {} };
  },
};
let frames: () => readonly Buffer[] | undefined = () => undefined;
const chosen: OperationHandler = {
  operation: 'listOffsets',
  handle: (_, session) => {
    session.events = { loadedBytes: 0, nextEvent: () => frames() };
    session.onEvents();
    return { fields: {} };
  },
};
const broken: OperationHandler = {
  operation: 'credit',
  handle: (_, session) => {
    const nextEvent = (): never => {
      throw new TypeError('a bug');
    };
    session.events = { loadedBytes: 0, nextEvent };
    session.onEvents();
    return { fields: {} };
  },
};
const failing: OperationHandler = {
  operation: 'metadata',
  handle: () => Promise.reject(new TypeError('a bug')),
};

describe('the patience of a connection', () => {
  let counters: Counters;
  let server: TcpServer;
  let connections: ConnectionSet;
  let replyBudget: MemoryBudget;
  let pushBudget: MemoryBudget;
  let socket: Socket;
  let logged: string[];
  // Whole numbers: sums of fractions are not exact, and patience ends at an exact moment.
  const nowMs = (): number => Math.ceil(performance.now());

  beforeEach(async () => {
    counters = new Counters();
    logged = [];
    const table = new OpTable([hello, large, failing, endless, chosen, broken]);
    const log = pino({}, { write: (line: string) => logged.push(line) });
    const settings = { ...defaultSettings, ...PATIENCE, port: 0 };
    replyBudget = new MemoryBudget(2 ** 30);
    pushBudget = new MemoryBudget(2 ** 20);
    connections = new ConnectionSet(settings, {
      limits: defaultSettings,
      budget: new MemoryBudget(2 ** 30),
      replyBudget,
      pushBudget,
      counters,
      log,
    });
    const protocol = new MsgpackProtocol(defaultSettings, (frame, session) =>
      table.dispatch(frame, session),
    );
    server = new TcpServer({ ...settings, flag: '--port' }, protocol, connections, log);
    const address = await server.listen();
    socket = connect({ host: '127.0.0.1', port: Number(address?.split(':').at(-1)) });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
  });

  afterEach(async () => {
    socket.destroy();
    server.stopAccepting();
    await connections.drain(100);
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
    while (connections.size === 0) await new Promise((resolve) => setImmediate(resolve));
    connections.sweep(nowMs() + PATIENCE.helloTimeoutMs - 1_000);
    expect(counters.connectionsDropped).toBe(0);
    connections.sweep(nowMs() + PATIENCE.helloTimeoutMs);
    expect(counters.connectionsDropped).toBe(1);
    socket.resume();
    await closed();
  });

  it('lasts while a greeted client is idle', async () => {
    await sayHello();
    for (let hours = 1; hours < 48; hours += 1) connections.sweep(nowMs() + hours * 3_600_000);
    expect(counters.connectionsDropped).toBe(0);
  });

  it('ends when a frame stays half sent', async () => {
    await sayHello();
    socket.write(Buffer.from([0, 0, 1, 0, 0x93]));
    while (counters.heldBytes !== 5) await new Promise((resolve) => setImmediate(resolve));
    const startMs = nowMs();
    connections.sweep(startMs);
    connections.sweep(startMs + 1_000);
    connections.sweep(startMs + PATIENCE.stallTimeoutMs);
    expect(counters.connectionsDropped).toBe(0);
    connections.sweep(startMs + 1_000 + PATIENCE.stallTimeoutMs);
    expect(counters.connectionsDropped).toBe(1);
    socket.resume();
    await closed();
    while (counters.connectionsOpen > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(counters.heldBytes).toBe(0);
  });

  it('ends when a frame comes too slowly ever to be whole', async () => {
    await sayHello();
    const trickle = async (bytes: number): Promise<void> => {
      const before = counters.receivedBytes;
      socket.write(Buffer.alloc(bytes, 0xc0));
      while (counters.receivedBytes < before + bytes) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const fields = Buffer.from('93a1780181a161c600200000', 'hex');
    socket.write(Buffer.concat([Buffer.from([0, 0x20, 0, 13]), fields]));
    const startMs = nowMs();
    // 1 KiB/s is enough, for ever.
    for (let second = 0; second <= 250; second += 1) {
      await trickle(1024);
      connections.sweep(startMs + second * 1_000);
    }
    expect(counters.connectionsDropped).toBe(0);
    for (let second = 251; second <= 480 && counters.connectionsDropped === 0; second += 1) {
      await trickle(1);
      connections.sweep(startMs + second * 1_000);
    }
    expect(counters.connectionsDropped).toBe(1);
  });

  it('ends when a reply stays unread', async () => {
    await sayHello();
    socket.pause();
    send('fetch');
    while (counters.sentBytes < 1024 * 1024) await new Promise((resolve) => setImmediate(resolve));
    const startMs = nowMs();
    for (const afterMs of [0, 1_000, 2_000, 61_000, 62_000]) connections.sweep(startMs + afterMs);
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

  /** Resolves once the peer has taken all that it will. */
  const stuck = async (): Promise<void> => {
    let sent = -1;
    while (sent !== counters.sentBytes || counters.pushHeldBytes === 0) {
      sent = counters.sentBytes;
      for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('ends when events stay unread, though the client goes on writing', async () => {
    await sayHello();
    socket.pause();
    send('subscribe');
    await stuck();
    const startMs = nowMs();
    for (const afterMs of [0, 1_000, 61_000]) {
      const received = counters.receivedBytes;
      send('hello');
      while (counters.receivedBytes === received) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      connections.sweep(startMs + afterMs);
    }
    expect(counters.connectionsDropped).toBe(1);
    while (counters.connectionsOpen > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(counters.pushHeldBytes + counters.heldBytes).toBe(0);
  });

  it('ends sooner when the unread events of several leave no room for others', async () => {
    await sayHello();
    socket.pause();
    send('subscribe');
    await stuck();
    pushBudget.add(2 ** 20);
    const startMs = nowMs();
    for (const afterMs of [0, 1_000, 5_000]) connections.sweep(startMs + afterMs);
    expect(counters.connectionsDropped).toBe(0);
    connections.sweep(startMs + 6_000);
    expect(counters.connectionsDropped).toBe(1);
  });

  it('answers requests while it writes events, and the other way round', async () => {
    await sayHello();
    const decoder = new FrameDecoder({ frameBytesMax: 2 ** 20 });
    let replies = 0;
    let events = 0;
    const event = encodeFrame('event', 7, {}, [Buffer.alloc(200 * 1024)]);
    frames = () => event;
    socket.removeAllListeners('data');
    const done = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        for (const { kind } of decoder.push(chunk)) {
          if (kind === 'event') events += 1;
          else replies += 1;
          if (kind === 'ok' && replies < 200) send('hello');
        }
        if (replies >= 200 && events >= 200) resolve();
      });
    });
    send('listOffsets');
    await done;
    expect(events).toBeGreaterThanOrEqual(200);
  });

  it('hangs up when an event cannot be made, and logs why', async () => {
    await sayHello();
    send('credit');
    await closed();
    expect(logged.join('')).toContain('a bug');
    expect(counters.connectionsDropped).toBe(1);
  });
});
