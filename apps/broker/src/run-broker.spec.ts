import { EventEmitter } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError, openMemoryStorage } from '@walrusmq/storage';
import type { BrokerSettings } from './config/settings-table';
import type { OpenStorage } from './instance/broker-instance';
import { readyLine, runBroker, type BrokerProcess } from './run-broker';

/** A process that remembers what it was told. */
class FakeProcess extends EventEmitter implements BrokerProcess {
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly stdout = { isTTY: false, write: (text: string) => this.out.push(text) };
  readonly stderr = { write: (text: string) => this.err.push(text) };
  readonly exits: number[] = [];
  readonly exited: Promise<number>;
  private noteExit!: (code: number) => void;

  constructor() {
    super();
    this.exited = new Promise((resolve) => (this.noteExit = resolve));
  }

  exit(code: number): void {
    this.exits.push(code);
    this.noteExit(code);
  }
}

describe('runBroker', () => {
  const quiet: Partial<BrokerSettings> = { port: 0, logLevel: 'silent', dataDir: '/nowhere' };
  let host: FakeProcess;
  beforeEach(() => (host = new FakeProcess()));

  const run = (
    settings: Partial<BrokerSettings> = {},
    openStorage: OpenStorage = () => openMemoryStorage(),
  ): Promise<void> => runBroker({ ...quiet, ...settings }, host, openStorage);

  it('says in one line of JSON that it is ready, and exits 0 on SIGTERM', async () => {
    await run();
    expect(host.out).toHaveLength(1);
    expect(JSON.parse(host.out[0] ?? '')).toEqual({
      event: 'ready',
      msgpack: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      websocket: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      kafka: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      dataDir: '/nowhere',
    });
    host.emit('SIGTERM');
    expect(await host.exited).toBe(0);
    expect(host.err).toEqual([]);
  });

  it('honours a signal that comes before it is ready', async () => {
    const running = run();
    host.emit('SIGINT');
    await running;
    expect(await host.exited).toBe(0);
  });

  it('exits at once on the second signal, not with 0', async () => {
    let close!: () => void;
    const closing = new Promise<void>((resolve) => (close = resolve));
    await run({}, () => Object.assign(openMemoryStorage(), { close: () => closing }));
    host.emit('SIGTERM');
    expect(host.exits).toEqual([]);
    host.emit('SIGINT');
    expect(host.exits).toEqual([130]);
    close();
  });

  it('exits 1 when the last sync failed', async () => {
    const close = (): Promise<void> => Promise.reject(new StorageError('IO', 'EIO'));
    await run({}, () => Object.assign(openMemoryStorage(), { close }));
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
    expect(host.err).toEqual(['walrusmq: the stop failed: EIO\n']);
  });

  it('stops and exits 1 on an error that nobody foresaw', async () => {
    let closes = 0;
    const close = (): Promise<void> => Promise.resolve(void (closes += 1));
    await run({}, () => Object.assign(openMemoryStorage(), { close }));
    host.emit('unhandledRejection', new Error('a bug'));
    expect(await host.exited).toBe(1);
    expect(closes).toBe(1);
    expect(host.err[0]).toMatch(/^walrusmq: unexpected error, stopping: Error: a bug/);
  });

  it('exits 1 once after such an error, at the latest after three seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      await run();
      host.emit('unhandledRejection', new Error('a bug'));
      await host.exited;
      jest.advanceTimersByTime(3_000);
      expect(host.exits).toEqual([1]);
      host = new FakeProcess();
      let close!: () => void;
      const closing = new Promise<void>((resolve) => (close = resolve));
      await run({}, () => Object.assign(openMemoryStorage(), { close: () => closing }));
      host.emit('unhandledRejection', new Error('a bug in a stop that hangs'));
      jest.advanceTimersByTime(2_999);
      expect(host.exits).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(host.exits).toEqual([1]);
      close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('names the flag that moves it when the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    let closes = 0;
    const close = (): Promise<void> => Promise.resolve(void (closes += 1));
    await run({ port }, () => Object.assign(openMemoryStorage(), { close }));
    expect(host.exits).toEqual([1]);
    expect(host.err).toHaveLength(1);
    expect(host.err[0]).toMatch(/^walrusmq: Port \d+ of 127\.0\.0\.1 is taken: .*--port.*\n$/);
    expect(closes).toBe(1);
    host = new FakeProcess();
    await run({ wsPort: port }, () => Object.assign(openMemoryStorage(), { close }));
    expect(host.err[0]).toMatch(/is taken: .*--ws-port/);
    expect(closes).toBe(2);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('exits 2 for a setting that is refused, before anything is opened', async () => {
    await run({ host: '0.0.0.0' }, () => {
      throw new Error('opened');
    });
    expect(host.exits).toEqual([2]);
    expect(host.out).toEqual([]);
  });

  it('runs without a listener when the ports are off', async () => {
    await run({ port: 'off', wsPort: 'off', kafkaPort: 'off' });
    expect(JSON.parse(host.out[0] ?? '')).toEqual({ event: 'ready', dataDir: '/nowhere' });
    host.emit('SIGTERM');
    expect(await host.exited).toBe(0);
  });

  it('speaks to people on a terminal', () => {
    const broker = { addresses: { msgpack: '127.0.0.1:9192' }, dataDir: '/data' };
    expect(readyLine(broker, true)).toBe(
      'WalrusMQ is ready: msgpack on 127.0.0.1:9192, data in /data. Ctrl-C stops it.',
    );
    const both = { ...broker.addresses, websocket: '127.0.0.1:9193' };
    expect(readyLine({ ...broker, addresses: both }, true)).toMatch(
      'msgpack on 127.0.0.1:9192, websocket on 127.0.0.1:9193, data',
    );
    const kafka = { kafka: '127.0.0.1:9092', kafkaInstances: { orders: '127.0.0.1:9094' } };
    expect(readyLine({ ...broker, addresses: kafka }, true)).toMatch(
      'kafka on 127.0.0.1:9092, kafka of orders on 127.0.0.1:9094, data',
    );
  });
});

describe('a data directory that cannot be used', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'walrusmq-broker-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is refused in one line when it is a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'mine');
    const host = new FakeProcess();
    await runBroker({ port: 0, logLevel: 'silent', dataDir: file }, host);
    expect(host.exits).toEqual([1]);
    expect(host.err).toHaveLength(1);
    expect(host.err[0]).toMatch(/^walrusmq: [^\n]*--data-dir[^\n]*\n$/);
  });

  it('is refused in one line when another broker has it', async () => {
    const [first, second] = [new FakeProcess(), new FakeProcess()];
    const settings = { port: 0, logLevel: 'silent', dataDir: directory } as const;
    await runBroker(settings, first);
    await runBroker(settings, second);
    first.emit('SIGTERM');
    expect(await first.exited).toBe(0);
    expect([second.exits, second.out]).toEqual([[1], []]);
    expect(second.err[0]).toMatch(/^walrusmq: [^\n]*in use by another process[^\n]*\n$/);
  });
});
