import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { defaultSettings } from '../config/settings-table';
import { Counters } from '../observability/counters';
import { ConnectionSet } from './connection-set';
import { MemoryBudget } from './memory-budget';
import { MsgpackProtocol } from './msgpack-wire';
import { REFUSALS_MAX, TcpServer } from './tcp-server';

const nobody = { ...defaultSettings, port: 0, connectionsMax: 0 };

describe('a connection above the limit', () => {
  const counters = new Counters();
  const log = pino({ level: 'silent' });
  let server: TcpServer;
  let port: number;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    // What is refused is hung up on after a second, which must not come before this has looked.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    const connections = new ConnectionSet(nobody, {
      limits: nobody,
      budget: new MemoryBudget(1),
      replyBudget: new MemoryBudget(1),
      pushBudget: new MemoryBudget(1),
      counters,
      log,
    });
    const protocol = new MsgpackProtocol(nobody, () => {
      throw new Error('nobody was let in');
    });
    server = new TcpServer({ ...nobody, flag: '--port' }, protocol, connections, log);
    port = Number((await server.listen())?.split(':').at(-1));
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.stopAccepting();
    jest.useRealTimers();
  });

  /** Connects, reads all until the broker ends its side, and keeps the own side open. */
  const wordsTo = async (): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    sockets.push(socket);
    let words = '';
    socket.setEncoding('latin1').on('data', (text: string) => (words += text));
    // Closed without a word can be a reset.
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
    return words;
  };

  it(`is told why, if not more than ${REFUSALS_MAX} are told so at a time`, async () => {
    const told = await Promise.all(Array.from({ length: REFUSALS_MAX }, wordsTo));
    expect(told.every((words) => words.includes('BUSY'))).toBe(true);
    expect(await wordsTo()).toBe('');
    expect(counters.connectionsRefused).toBe(REFUSALS_MAX + 1);

    jest.runOnlyPendingTimers();
    const first = sockets[0]!;
    if (!first.destroyed) {
      first.end();
      await once(first, 'close');
    }
    while (!(await wordsTo()).includes('BUSY'))
      await new Promise((resolve) => setImmediate(resolve));
  });
});
