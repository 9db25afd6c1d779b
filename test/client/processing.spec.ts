// Concurrency, retries, dead letters and redriving against a broker in this process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { Admin, Consumer, Producer, redriveDeadLetters } from '@walrusmq/client';

describe('processing with a broker', () => {
  let broker: RunningBroker;
  let dataDir: string;
  let address: string;
  let admin: Admin;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-processing-'));
    const settings = { dataDir, port: 0, logLevel: 'silent', fsync: { kind: 'no-fsync' } } as const;
    broker = await startBroker(settings);
    address = broker.addresses.msgpack ?? '';
    admin = new Admin({ broker: address });
  });

  afterAll(async () => {
    await admin.close();
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** 300 payments, and one whose value is no JSON. */
  async function produce(): Promise<void> {
    const producer = new Producer({ broker: address });
    await producer.sendMany(
      Array.from({ length: 300 }, (_, n) => ({
        topic: 'payments',
        key: `card-${n % 20}`,
        value: { n },
        headers: { trace: `${n}` },
      })),
    );
    await producer.send({
      topic: 'payments',
      key: 'card-0',
      value: Buffer.from('{"n":'),
      headers: { 'content-type': 'application/json' },
    });
    await producer.close();
  }

  async function expectAllSaved(): Promise<void> {
    const ends = await admin.listOffsets('payments');
    const places = ends.map(({ partition }) => ({ topic: 'payments', partition }));
    const saved = await admin.readerOffsets('payer', places);
    expect(saved.map(({ offset }) => offset)).toEqual(ends.map(({ offset }) => offset));
  }

  it('tries, buries, redrives, and handles the second time', async () => {
    await admin.createTopic('payments', { partitions: 3 });
    await produce();
    let isDown = true;
    const attempts = new Map<number, number>();
    const handled = new Map<number, string>();
    let buried = 0;
    let done: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (done = resolve));
    const consumer = new Consumer<string, { readonly n: number }>({
      broker: address,
      topics: ['payments'],
      reader: 'payer',
      serialisation: { key: 'string' },
    });
    const running = consumer.run({
      eachRecord: async ({ value, headers }, { attempt }) => {
        const n = value?.n ?? -1;
        attempts.set(n, attempt);
        await new Promise((resolve) => setImmediate(resolve));
        if (isDown && n % 7 === 0) throw new Error(`no ${n}`);
        handled.set(n, headers['trace']?.toString() ?? '');
        if (handled.size === 300) done();
      },
      concurrency: { per: 'key', max: 32 },
      retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 4 } },
      deadLetters: {
        configs: { 'retention.ms': '-1' },
        onDeadLetter: () => {
          buried += 1;
          // 43 of the numbers, and what is no JSON.
          if (buried === 44) {
            isDown = false;
            resolveBuried();
          }
        },
      },
    });
    running.catch(done);
    let resolveBuried: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      resolveBuried = resolve;
      if (buried === 44) resolve();
    });
    expect(attempts.get(7)).toBe(3);
    expect(attempts.get(8)).toBe(1);
    const made = await admin.describeTopic('payments.dead-letters');
    expect(made.partitions).toHaveLength(3);
    expect(made.configs.find(({ name }) => name === 'retention.ms')?.value).toBe('-1');

    const filter = (record: { valueBytes: Buffer | null }): boolean =>
      record.valueBytes?.toString() !== '{"n":';
    const options = { broker: address, topic: 'payments.dead-letters', filter };
    expect(await redriveDeadLetters(options)).toEqual({ redriven: 43, skipped: 1 });
    await first;
    await consumer.close();
    await running;
    expect([...handled.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, n) => n),
    );
    for (const [n, trace] of handled) expect(trace).toBe(`${n}`);
    await expectAllSaved();
  }, 60_000);
});
