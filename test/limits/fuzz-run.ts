// What the fuzzers of all protocols share: a broker in a process of its own, a well-behaved client
// that writes and reads between the rounds, and the verdict. In the end all that the client was
// acknowledged has to be there, and the broker has logged no error.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink, RefusedError } from '../crash/protocol-link';
import { SeededRandom } from '../crash/seeded-random';
import { FUZZ_TOPICS } from './seed-frames';

const CONNECTIONS = 32;
const CANARY = 'canary';
/** Connections between two looks at the broker. */
const ROUND = 256;
const RSS_BYTES_MAX = 400 * 2 ** 20;
/** A broker that does not answer for so long hangs. */
const HANG_MS = 60_000;
const FLAGS = [
  ...['--log-level', 'error', '--log-format', 'json', '--fsync', 'no-fsync'],
  ...['--topics-max', '100', '--partitions-max', '1000', '--block-bytes', '64KiB'],
];

/** HOST:PORT of each listener, by its name in the ready line. */
export type Addresses = Readonly<Record<string, string>>;

/** How many replies of each kind came. */
export type ReplyCounts = Map<string, number>;

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  readonly seconds: number;
}

/** Plays connections until enough frames were sent. */
export abstract class Fuzzer {
  sentFrames = 0;
  sentConnections = 0;
  readonly counts: ReplyCounts = new Map();
  protected readonly random: SeededRandom;

  constructor(private readonly options: FuzzOptions) {
    this.random = new SeededRandom(options.seed);
  }

  get isDone(): boolean {
    return this.sentFrames >= this.options.frames;
  }

  /** Plays so many connections, some side by side. */
  async round(connections: number): Promise<void> {
    let left = connections;
    const worker = async (): Promise<void> => {
      while (left > 0 && !this.isDone) {
        left -= 1;
        await this.playOne();
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  }

  /** Plays one connection and counts it; rejects when the broker did wrong. */
  protected abstract playOne(): Promise<void>;
}

/** A well-behaved client: what it was acknowledged, it has to find again. */
class Canary {
  private written = 0;

  constructor(private readonly link: ProtocolLink) {}

  async open(): Promise<void> {
    await this.link.request('createTopic', { name: CANARY, partitions: 1 });
    await this.sing();
  }

  /** Writes a record and reads it back; brings topics back that were deleted. */
  async sing(): Promise<void> {
    for (const name of FUZZ_TOPICS) await this.ensure(name);
    const value = Buffer.from(`song ${this.written}`);
    const produce = { topic: CANARY, partition: 0, acks: -1 } as const;
    const { fields } = await this.link.request('produce', produce, [encodeBatch([{ value }])]);
    const reply = fields as { baseOffset: number };
    if (reply.baseOffset !== this.written) {
      throw new Error(`record ${this.written} got the offset ${reply.baseOffset}`);
    }
    this.written += 1;
    await this.check(this.written - 1);
  }

  /** All that was acknowledged from `offset` on is there, in order and unchanged. */
  async check(offset: number): Promise<void> {
    const records = await this.link.readAll(CANARY, 0, offset);
    if (records.length !== this.written - offset) {
      throw new Error(`${records.length} of ${this.written - offset} records are there`);
    }
    records.forEach(({ value }, i) => {
      if (String(value) !== `song ${offset + i}`)
        throw new Error(`record ${offset + i} is another`);
    });
  }

  private async ensure(name: string): Promise<void> {
    try {
      await this.link.request('createTopic', { name, partitions: 2 });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.code === 'TOPIC_EXISTS') return;
      // Mutated names fill the broker with topics: all but ours go.
      await this.clear();
      await this.ensure(name);
    }
  }

  private async clear(): Promise<void> {
    const { fields } = await this.link.request('listTopics', { limit: 1_000 });
    for (const { name } of fields.topics) {
      if (name !== CANARY) await this.link.request('deleteTopic', { name });
    }
  }
}

async function within<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no progress for ${HANG_MS} ms`)), HANG_MS);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearTimeout(timer);
  }
}

type NewFuzzer = (options: FuzzOptions, addresses: Addresses) => Fuzzer | Promise<Fuzzer>;

async function fuzz(newFuzzer: NewFuzzer, options: FuzzOptions, dataDir: string): Promise<number> {
  const broker = new BrokerProcess({ dataDir, flags: FLAGS });
  try {
    const addresses = await broker.addresses;
    const canary = new Canary(await ProtocolLink.open(addresses.msgpack ?? ''));
    await canary.open();
    const fuzzer = await newFuzzer(options, addresses);
    const rssAtStart = broker.rssBytes();
    let rssMost = rssAtStart;
    const endMs = performance.now() + options.seconds * 1000;
    while (!fuzzer.isDone && performance.now() < endMs) {
      await within(canary.sing());
      await within(fuzzer.round(ROUND));
      rssMost = Math.max(rssMost, broker.rssBytes());
    }
    await within(canary.check(0));
    if (rssMost > RSS_BYTES_MAX) throw new Error(`it took ${mib(rssMost)} MiB of memory`);
    const code = await broker.stop();
    if (code !== 0) throw new Error(`the broker ended with ${String(code)}`);
    if (broker.stderr.trim() !== '') throw new Error(`it logged errors:\n${broker.stderr}`);
    const counts = [...fuzzer.counts].sort(([, a], [, b]) => b - a);
    print(`${fuzzer.sentConnections} connections; RSS ${mib(rssAtStart)} to ${mib(rssMost)} MiB`);
    print(counts.map(([reply, count]) => `${reply} ${count}`).join(', '));
    return fuzzer.sentFrames;
  } catch (error) {
    const end = broker.hasEnded ? 'the broker is gone' : 'the broker is there';
    throw new Error(`${end}; its log ends with:\n${broker.stderr.slice(-4_000)}`, { cause: error });
  } finally {
    await broker.kill();
  }
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `--frames N [--seed S] [--seconds T]`; prints the seed and `N passed, N failed`. */
export async function runFuzzer(newFuzzer: NewFuzzer): Promise<void> {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '100000' },
    },
  });
  const { frames, seed, seconds } = values;
  const options = { frames: Number(frames), seed: Number(seed), seconds: Number(seconds) };
  print(`seed ${options.seed}`);
  const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-fuzz-'));
  try {
    print(`${await fuzz(newFuzzer, options, dataDir)} passed, 0 failed`);
  } catch (error) {
    const { message, cause } = error as Error;
    process.stderr.write(`${message}\n${(cause as Error | undefined)?.stack ?? ''}\n`);
    print('0 passed, 1 failed');
    process.exitCode = 1;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
