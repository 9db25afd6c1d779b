// Instances beside each other: what a SyncEach instance's appends take beside a busy instance that
// syncs every few milliseconds, and beside a plain loop of pwrite that writes as many bytes; and
// how well a quota holds.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Admin, Producer } from '@walrusmq/client';
import { BrokerProcess } from '../test/crash/broker-process';
import { AwakeCores } from './awake-cores';
import { describeMachine } from './machine';

const TICK_MS = 10;
const RECORD_BYTES = 1_000;
const BUSY_FSYNC = '50ms';
const BUDGET = 1.2;
const QUOTA_BYTES = 5_000_000;
/** The plain loop begins its file anew behind so many bytes. */
const LOOP_FILE_BYTES = 256 * 2 ** 20;
const LOADS = ['none', 'pwrite', 'instance'] as const;
type Load = (typeof LOADS)[number];

/** Calls `write` with the bytes that are due, tick after tick, until the parent is gone. */
async function atRate(bytesPerSecond: number, write: (bytes: number) => void): Promise<void> {
  const startedMs = performance.now();
  let written = 0;
  for (;;) {
    const due = ((performance.now() - startedMs) / 1000) * bytesPerSecond - written;
    const bytes = Math.floor(due / RECORD_BYTES) * RECORD_BYTES;
    if (bytes > 0) write(bytes);
    written += bytes;
    await sleep(TICK_MS);
  }
}

/** The loop that the budget compares with: writes and nothing else. */
function pwriteLoop(directory: string, bytesPerSecond: number): Promise<void> {
  const file = openSync(join(directory, 'loop'), 'w');
  process.once('disconnect', () => {
    closeSync(file);
    process.exit();
  });
  let position = 0;
  return atRate(bytesPerSecond, (bytes) => {
    writeSync(file, Buffer.alloc(bytes, 'x'), 0, bytes, position);
    position = (position + bytes) % LOOP_FILE_BYTES;
  });
}

function produceLoop(broker: string, bytesPerSecond: number): Promise<void> {
  process.once('disconnect', () => process.exit());
  const producer = new Producer({ broker, instance: 'busy', idempotence: false });
  return atRate(bytesPerSecond, (bytes) => {
    const value = Buffer.alloc(RECORD_BYTES, 'x');
    const records = Array.from({ length: bytes / RECORD_BYTES }, () => ({ topic: 'load', value }));
    producer.sendMany(records).catch((error: unknown) => {
      process.emit('uncaughtException', error as Error);
    });
  });
}

/** Runs `use` beside a load in a process of its own. */
async function beside<Value>(
  load: Load,
  args: readonly string[],
  use: () => Promise<Value>,
): Promise<Value> {
  if (load === 'none') return use();
  const child: ChildProcess = fork(__filename, ['--load', load, ...args]);
  const ended = once(child, 'exit');
  try {
    // It has to have begun, and the disk to have noticed.
    await sleep(1_000);
    return await use();
  } finally {
    child.disconnect();
    await ended;
  }
}

/** One record at a time, at an even rate: the times until each was durable, in ms. */
async function appendTimes(broker: string, count: number, everyMs: number): Promise<number[]> {
  const producer = new Producer({ broker, instance: 'careful', lingerMs: 0 });
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  await producer.send({ topic: 'probe', value });
  const times: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const startedMs = performance.now();
    await producer.send({ topic: 'probe', value });
    times.push(performance.now() - startedMs);
    await sleep(Math.max(0, everyMs - (performance.now() - startedMs)));
  }
  await producer.close();
  return times.sort((one, other) => one - other);
}

/** Bytes per second that an eager producer gets through under a quota, and the quota's bytes. */
async function underQuota(admin: Admin, broker: string, seconds: number): Promise<number> {
  await admin.createInstance('bounded', {
    fsync: 'no-fsync',
    quotas: { bytesInPerSecond: QUOTA_BYTES },
  });
  const used = async (): Promise<number> =>
    (await admin.describeInstance('bounded')).use.bytesIn ?? NaN;
  const inBounded = new Admin({ broker, instance: 'bounded' });
  await inBounded.createTopic('load');
  await inBounded.close();
  const producer = new Producer({ broker, instance: 'bounded' });
  const over = new AbortController();
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  const eager = (async () => {
    while (!over.signal.aborted) {
      await producer.sendMany(Array.from({ length: 100 }, () => ({ topic: 'load', value })));
    }
  })();
  const startedMs = performance.now();
  const before = await used();
  await sleep(seconds * 1_000);
  const bytes = (await used()) - before;
  const elapsedMs = performance.now() - startedMs;
  over.abort();
  await eager;
  await producer.close();
  return (bytes / elapsedMs) * 1000;
}

/** The value below which that share of them lies. */
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? NaN;
const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return at(sorted, 0.5);
};

async function measure(rounds: number, seconds: number, megabytes: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-instances-'));
  const broker = new BrokerProcess({ dataDir, flags: ['--ws-port', 'off'] });
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  try {
    const address = await broker.ready;
    const admin = new Admin({ broker: address });
    await admin.createInstance('busy', {
      fsync: BUSY_FSYNC,
      configs: { 'retention.bytes': 64 * 2 ** 20 },
    });
    await admin.createInstance('careful', { fsync: 'sync-each' });
    for (const [instance, topic] of [
      ['busy', 'load'],
      ['careful', 'probe'],
    ] as const) {
      const own = new Admin({ broker: address, instance });
      await own.createTopic(topic);
      await own.close();
    }
    const p99: Record<Load, number[]> = { none: [], pwrite: [], instance: [] };
    const p50: Record<Load, number[]> = { none: [], pwrite: [], instance: [] };
    const args = ['--broker', address, '--directory', dataDir, '--megabytes', String(megabytes)];
    // The first round warms up and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      for (const load of LOADS) {
        const count = seconds * 100;
        const times = await beside(load, args, () => appendTimes(address, count, TICK_MS));
        if (round === 0) continue;
        p50[load].push(at(times, 0.5));
        p99[load].push(at(times, 0.99));
      }
    }
    const { cores, processor, node } = describeMachine(dataDir);
    print(`${cores} cores (${processor}), Node ${node}; medians of ${rounds}`);
    print(`100 appends/s of ${RECORD_BYTES} B, sync-each, beside ${megabytes} MB/s`);
    const titles = { none: 'nothing', pwrite: 'pwrite loop', instance: `${BUSY_FSYNC} instance` };
    for (const load of LOADS) {
      const of = (values: typeof p99): string => median(values[load]).toFixed(2);
      print(`beside ${titles[load].padEnd(14)} p50 ${of(p50)} ms, p99 ${of(p99)} ms`);
    }
    const ratios = p99.instance.map((value, round) => value / (p99.pwrite[round] ?? NaN));
    const ratio = median(ratios);
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const verdict = ratio <= BUDGET ? 'met' : 'MISSED';
    print(`p99 beside the instance / beside the loop: ${ratio.toFixed(2)} (${range})`);
    print(`<= ${BUDGET}: ${verdict}`);
    const rate = await underQuota(admin, address, 10);
    print(`a quota of ${QUOTA_BYTES / 1e6} MB/s, over 10 s: ${(rate / 1e6).toFixed(3)} MB/s`);
    await admin.close();
  } finally {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '10' },
      megabytes: { type: 'string', default: '10' },
      load: { type: 'string' },
      broker: { type: 'string', default: '' },
      directory: { type: 'string', default: '' },
      sleep: { type: 'boolean', default: false },
    },
  });
  const bytesPerSecond = Number(values.megabytes) * 1e6;
  if (values.load === 'pwrite') return pwriteLoop(values.directory, bytesPerSecond);
  if (values.load === 'instance') return produceLoop(values.broker, bytesPerSecond);
  const cores = new AwakeCores(!values.sleep);
  process.stdout.write(`${cores.note}\n`);
  try {
    await measure(Number(values.rounds), Number(values.seconds), Number(values.megabytes));
  } finally {
    await cores.end();
  }
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`bench:instances: ${text}\n`);
  process.exitCode = 1;
});
