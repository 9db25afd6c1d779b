// Cycles of: a process appends through libs/storage, is killed, and its logs are read back. Without
// network and broker a cycle takes milliseconds, so that there can be many.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { decodeBatches } from '@walrusmq/record-batch';
import { openWalStorage, type PartitionLog } from '@walrusmq/storage';
import { DeliveryOracle, type Finding, type FindingKind, type ReadRecord } from './delivery-oracle';
import { RecordSource } from './record-source';
import { SeededRandom } from './seeded-random';
import { decodeNotes } from './storage-notes';
import type { WriterOrder } from './storage-writer';

const PARTITION_COUNT = 3;
const CYCLES_PER_DIRECTORY = 20;
const KILL_AFTER_MS_MAX = 40;
const IDS_PER_CYCLE = 1_000_000;
const READ_BYTES = 1024 * 1024;
const TOPIC_ID = '7d1f6d6e-6b0c-4a65-8a37-52f0f3b1c0de';
const SCHEDULES = ['sync-each', 'milliseconds', 'no-fsync'] as const;
const BLOCK_BYTES = [8 * 1024, 64 * 1024, 1024 * 1024] as const;
const BUNDLE = join(__dirname, '..', '..', 'node_modules', '.cache', 'crash', 'storage-writer.cjs');

export interface StorageCrashTotals {
  readonly acknowledged: number;
  readonly checked: number;
  readonly findings: readonly Finding[];
  readonly seed: number;
}

/** One writing process: it has loaded everything before the previous one is killed. */
class Writer {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly pipeEnded: Promise<unknown>;
  private readonly firstAcknowledgement: Promise<void>;
  private readonly chunks: Buffer[] = [];
  private log = '';

  constructor() {
    this.child = spawn(process.execPath, [BUNDLE], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'exit');
    const notes = this.child.stdio[3] as NodeJS.ReadableStream;
    this.pipeEnded = once(notes, 'end');
    this.firstAcknowledgement = new Promise((resolve) => {
      notes.on('data', (chunk: Buffer) => {
        this.chunks.push(chunk);
        if (decodeNotes(chunk).some(({ kind }) => kind === 'acknowledged')) resolve();
      });
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.child.stdin?.on('error', () => undefined);
  }

  /**
   * Lets it write, kills it, and returns all that it said.
   *
   * @param inStart Counts the time to the kill from the order, so that it may hit the recovery.
   */
  async writeUntilKilled(order: WriterOrder, killAfterMs: number, inStart: boolean) {
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    if (!inStart) await Promise.race([this.firstAcknowledgement, this.ended]);
    await Promise.race([sleep(killAfterMs), this.ended]);
    await this.kill();
    await this.pipeEnded;
    if (this.child.signalCode !== 'SIGKILL') throw new Error(`the writer failed:\n${this.log}`);
    return Buffer.concat(this.chunks);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

async function readAll(log: PartitionLog): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for (let offset = 0; offset < log.readableEnd;) {
    for (const record of decodeBatches(await log.read(offset, READ_BYTES))) {
      if (record.offset < offset) continue;
      records.push({ offset: record.offset, key: record.key, value: record.value });
      offset = record.offset + 1;
    }
  }
  return records;
}

/** One directory with one schedule, and what is owed by it. */
class StorageRun {
  readonly oracle: DeliveryOracle;
  checked = 0;
  private readonly sourceSeed: number;

  constructor(
    private readonly directory: string,
    private readonly schedule: WriterOrder['schedule'],
    private readonly random: SeededRandom,
  ) {
    this.sourceSeed = random.word();
    this.oracle = new DeliveryOracle(new RecordSource(this.sourceSeed));
  }

  async writeAndKill(writer: Writer, cycle: number): Promise<void> {
    const order: WriterOrder = {
      directory: this.directory,
      topicId: TOPIC_ID,
      partitionCount: PARTITION_COUNT,
      schedule: this.schedule,
      blockBytes: this.random.pick(BLOCK_BYTES),
      sourceSeed: this.sourceSeed,
      choiceSeed: this.random.word(),
      firstId: cycle * IDS_PER_CYCLE,
    };
    const killAfterMs = this.random.between(0, KILL_AFTER_MS_MAX);
    const said = await writer.writeUntilKilled(order, killAfterMs, this.random.chance(0.2));
    for (const { kind, firstId, recordCount, partition, baseOffset } of decodeNotes(said)) {
      const ids = Array.from({ length: recordCount }, (_, place) => firstId + place);
      if (kind === 'sent') this.oracle.sent('writer', partition, ids, true);
      else ids.forEach((id, place) => this.oracle.acknowledged(id, baseOffset + place));
    }
  }

  async check(): Promise<Finding[]> {
    const storage = await openWalStorage({ directory: this.directory, journalBytes: 512 * 1024 });
    try {
      const findings: Finding[] = [];
      for (let partition = 0; partition < PARTITION_COUNT; partition += 1) {
        const records = await readAll(storage.log(TOPIC_ID, partition));
        this.checked += records.length;
        findings.push(...this.oracle.check(partition, records));
      }
      return findings;
    } finally {
      await storage.close();
    }
  }
}

/**
 * Kills writers, over all three schedules: process death takes back nothing that was acknowledged,
 * whatever the schedule. Ends at the first finding.
 *
 * @throws {Error} A writer failed by itself, or a directory could not be opened; it is then kept
 *   and named, as it is after a finding.
 */
export async function runStorageCycles(cycles: number, seed: number): Promise<StorageCrashTotals> {
  buildSync({
    entryPoints: [join(__dirname, 'storage-writer.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    external: ['@walrusmq/native'],
  });
  const random = new SeededRandom(seed);
  const findings: Finding[] = [];
  const isClean = (): boolean => findings.length === 0;
  let [acknowledged, checked, done] = [0, 0, 0];
  let next = new Writer();
  try {
    for (let turn = 0; done < cycles && isClean(); turn += 1) {
      const directory = await mkdtemp(join(tmpdir(), 'walrusmq-storage-'));
      const run = new StorageRun(directory, SCHEDULES[turn % SCHEDULES.length]!, random);
      const last = Math.min(cycles, done + CYCLES_PER_DIRECTORY);
      try {
        for (let cycle = 0; done < last && isClean(); cycle += 1, done += 1) {
          const writer = next;
          next = new Writer();
          await run.writeAndKill(writer, cycle);
          // In one of four cycles the next writer recovers, not this process.
          if (done + 1 === last || random.chance(0.75)) findings.push(...(await run.check()));
        }
      } catch (error) {
        throw new Error(`cycle ${done + 1}, seed ${seed}; kept: ${directory}`, { cause: error });
      }
      acknowledged += run.oracle.acknowledgedCount;
      checked += run.checked;
      if (isClean()) await rm(directory, { recursive: true });
    }
  } finally {
    await next.kill();
  }
  return { acknowledged, checked, findings, seed };
}

/** `300 storage cycles: N acknowledged, 0 lost, …, seed S`. */
export function storageSummaryLine(cycles: number, totals: StorageCrashTotals): string {
  const count = (kind: FindingKind): number =>
    totals.findings.filter((finding) => finding.kind === kind).length;
  const other = totals.findings.length - count('lost') - count('altered') - count('invented');
  return (
    `${cycles} storage cycles (${SCHEDULES.join(', ')}): ${totals.acknowledged} acknowledged, ` +
    `${count('lost')} lost, ${count('altered')} altered, ${count('invented')} invented, ` +
    `${other} other; ${totals.checked} records checked, seed ${totals.seed}`
  );
}
