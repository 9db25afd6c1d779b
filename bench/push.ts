// Push delivery: from `send` to the consumer's hands at 10,000 records/s, beside long polls, and
// what a megabyte costs the broker both ways.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Admin, Consumer, Producer } from '@walrusmq/client';
import { BrokerProcess } from '../test/crash/broker-process';
import { AwakeCores } from './awake-cores';
import { describeMachine } from './machine';
import { RawFollower, type Following } from './raw-follower';

const RECORD_BYTES = 100;
const RECORDS_PER_SECOND = 10_000;
const STORED_BYTES = 64e6;
const BUDGET_MS = 1;

type Side = Following | 'the SDK';
const SIDES: readonly Side[] = ['events', 'long polls', 'the SDK'];

interface Latency {
  readonly p50: number;
  readonly p99: number;
  /** Broker processor time per megabyte of payload, the produce side included, in ms. */
  readonly cpuPerMegabyte: number;
}

/** Gives each record to `onValue`; the function ends it. */
function follow(
  side: Side,
  broker: string,
  topic: string,
  onValue: (value: Buffer | null) => void,
): () => Promise<void> {
  if (side === 'the SDK') {
    const consumer = new Consumer<Buffer, Buffer>({ broker, topics: [topic], raw: true });
    const running = consumer.run({ eachRecord: ({ valueBytes }) => onValue(valueBytes) });
    return async () => {
      await consumer.close();
      await running;
    };
  }
  const follower = new RawFollower(broker, topic, side, ({ value }) => onValue(value));
  return () => {
    follower.close();
    return Promise.resolve();
  };
}

/** Nobody ever wakes who waits for it. */
const NOBODY = new Int32Array(new SharedArrayBuffer(4));
const NAP_MS = 0.05;

/**
 * One turn of the event loop, and a nap before it: a loop that never sleeps would take a core away
 * from the broker, and be made to wait by the scheduler just when an event comes.
 */
function turn(): Promise<void> {
  Atomics.wait(NOBODY, 0, 0, NAP_MS);
  return new Promise((resolve) => setImmediate(resolve));
}

/** Sends at an even rate and measures from the call of `send`; one process has both ends. */
async function latencyOf(
  side: Side,
  broker: BrokerProcess,
  topic: string,
  seconds: number,
): Promise<Latency> {
  const address = await broker.ready;
  const count = seconds * RECORDS_PER_SECOND;
  const latencies: number[] = [];
  const end = follow(side, address, topic, (value) => {
    if (value !== null) latencies.push(performance.now() - value.readDoubleLE(0));
  });
  const producer = new Producer({ broker: address });
  await producer.send({ topic, value: stamped() });
  while (latencies.length === 0) await turn();
  latencies.length = 0;
  const cpuBefore = broker.cpuSeconds();
  const startedMs = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, ((performance.now() - startedMs) / 1000) * RECORDS_PER_SECOND);
    for (; sent < due; sent += 1) {
      producer.send({ topic, value: stamped() }).catch((error: unknown) => {
        process.emit('uncaughtException', error as Error);
      });
    }
    await turn();
  }
  while (latencies.length < count) await turn();
  const cpuSeconds = broker.cpuSeconds() - cpuBefore;
  await producer.close();
  await end();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * latencies.length)] ?? NaN;
  const cpuPerMegabyte = (cpuSeconds * 1e3) / ((count * RECORD_BYTES) / 1e6);
  return { p50: at(0.5), p99: at(0.99), cpuPerMegabyte };
}

function stamped(): Buffer {
  const value = Buffer.alloc(RECORD_BYTES);
  value.writeDoubleLE(performance.now());
  return value;
}

/** Broker processor time to hand over what is stored, in ms per megabyte of payload. */
async function drainCost(side: Side, broker: BrokerProcess, topic: string): Promise<number> {
  const wanted = STORED_BYTES / 1_000;
  const address = await broker.ready;
  let seen = 0;
  const cpuBefore = broker.cpuSeconds();
  const end = follow(side, address, topic, () => void (seen += 1));
  while (seen < wanted) await turn();
  const cpuSeconds = broker.cpuSeconds() - cpuBefore;
  await end();
  return (cpuSeconds * 1e3) / (STORED_BYTES / 1e6);
}

async function store(broker: string, topic: string): Promise<void> {
  const producer = new Producer({ broker });
  const records = Array.from({ length: 8_000 }, () => ({ topic, value: Buffer.alloc(1_000, 'x') }));
  for (let i = 0; i < STORED_BYTES / 8e6; i += 1) await producer.sendMany(records);
  await producer.close();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      sleep: { type: 'boolean', default: false },
    },
  });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-push-'));
  const broker = new BrokerProcess({ dataDir, flags: ['--fsync', 'no-fsync'] });
  const cores = new AwakeCores(!values.sleep);
  try {
    const address = await broker.ready;
    const admin = new Admin({ broker: address });
    await admin.createTopic('stored');
    await store(address, 'stored');
    const latencies = new Map<Side, Latency[]>(SIDES.map((side) => [side, []]));
    const costs = new Map<Side, number[]>(SIDES.map((side) => [side, []]));
    // The first round warms up and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of SIDES) {
        const topic = `live-${round}-${SIDES.indexOf(side)}`;
        await admin.createTopic(topic);
        const latency = await latencyOf(side, broker, topic, seconds);
        const cost = await drainCost(side, broker, 'stored');
        if (round === 0) continue;
        latencies.get(side)?.push(latency);
        costs.get(side)?.push(cost);
      }
    }
    await admin.close();
    const { cores: count, processor, node } = describeMachine(dataDir);
    process.stdout.write(`${count} cores (${processor}), Node ${node}; medians of ${rounds}\n`);
    process.stdout.write(
      `${RECORDS_PER_SECOND} records/s of ${RECORD_BYTES} B, no-fsync; ${cores.note}\n`,
    );
    for (const side of SIDES) {
      const of = (read: (latency: Latency) => number): string =>
        median((latencies.get(side) ?? []).map(read)).toFixed(2);
      process.stdout.write(
        `${side.padEnd(11)} p50 ${of(({ p50 }) => p50)} ms, p99 ${of(({ p99 }) => p99)} ms; ` +
          `broker CPU ${of(({ cpuPerMegabyte }) => cpuPerMegabyte)} ms/MB live, ` +
          `${median(costs.get(side) ?? []).toFixed(2)} ms/MB of what is stored\n`,
      );
    }
    const p50 = median((latencies.get('the SDK') ?? []).map((latency) => latency.p50));
    const verdict = p50 < BUDGET_MS ? 'met' : 'MISSED';
    process.stdout.write(`p50 < ${BUDGET_MS} ms through the SDK: ${verdict}\n`);
  } finally {
    await cores.end();
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:push: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
