// Cycles of: start a broker, check everything it owes, send, SIGKILL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerProcess } from './broker-process';
import { DeliveryOracle, type FindingKind } from './delivery-oracle';
import { ProtocolLink } from './protocol-link';
import { RecordSource } from './record-source';
import { SeededRandom } from './seeded-random';
import { sendCalls, sendThroughSdk, type Field } from './senders';
import { SidePromises } from './side-promises';

const TOPIC = 'crash';
const PARTITION_COUNT = 4;
/** Cycles after which the data directory is made anew: old logs and young ones are both killed. */
const CYCLES_PER_DIRECTORY = 25;
const KILL_AFTER_MS_MAX = 150;
const KILL_IN_START_MS_MAX = 350;
const FIRST_ACKNOWLEDGEMENT_MS_MAX = 20_000;
/** Small blocks make calls that span several and batches larger than one. */
const BLOCK_BYTES = [16 * 1024, 64 * 1024, 256 * 1024, 10 * 1024 * 1024] as const;

export interface CrashOptions {
  readonly cycles: number;
  readonly seed: number;
  /** As `walrusmq broker --fsync` takes it. */
  readonly fsync: string;
  /** Told of each cycle when it is over. */
  readonly onCycle?: (cycle: number, acknowledged: number) => void;
}

export interface CrashTotals {
  readonly acknowledged: number;
  /** Records read back, counted anew in every check. */
  readonly checked: number;
  readonly killsDuringStart: number;
  readonly found: Readonly<Partial<Record<FindingKind | 'side', number>>>;
  /** The first findings, for people. */
  readonly texts: readonly string[];
}

const TEXTS_MAX = 20;

/** One data directory, what was sent to it, and the broker runs on it. */
class DirectoryRun {
  private readonly oracle: DeliveryOracle;
  private readonly source: RecordSource;
  private readonly side = new SidePromises(TOPIC);
  private nextId = 0;

  constructor(
    private readonly dataDir: string,
    seed: number,
    private readonly random: SeededRandom,
    private readonly fsync: string,
    private readonly tally: Tally,
  ) {
    this.source = new RecordSource(seed);
    this.oracle = new DeliveryOracle(this.source);
  }

  get acknowledged(): number {
    return this.oracle.acknowledgedCount;
  }

  /** Starts a broker and, in one of five cycles, kills it at once, whatever it is doing. */
  async killDuringStart(): Promise<void> {
    if (!this.random.chance(0.2)) return;
    const broker = this.startBroker();
    await sleep(this.random.between(0, KILL_IN_START_MS_MAX));
    await broker.kill();
    this.tally.killsDuringStart += 1;
  }

  /** Starts a broker, checks what it holds, sends to it and kills it. */
  async killWhileSending(isFirst: boolean): Promise<void> {
    const broker = this.startBroker();
    try {
      const address = await broker.ready;
      const link = await ProtocolLink.open(address);
      if (isFirst) {
        await link.request('createTopic', { name: TOPIC, partitions: PARTITION_COUNT });
      } else {
        await this.check(link);
      }
      await this.sendUntilKilled(broker, address, link);
      link.close();
    } catch (error) {
      throw new Error(`the broker wrote:\n${broker.stderr}`, { cause: error });
    } finally {
      await broker.kill();
    }
  }

  /** Checks once more, stops the broker as a person would, and checks what a clean start shows. */
  async checkAndStop(): Promise<void> {
    for (let run = 0; run < 2; run += 1) {
      const broker = this.startBroker();
      try {
        const link = await ProtocolLink.open(await broker.ready);
        await this.check(link);
        link.close();
        const code = await broker.stop();
        if (code !== 0)
          throw new Error(`the broker stopped with ${String(code)}:\n${broker.stderr}`);
      } finally {
        await broker.kill();
      }
    }
  }

  private startBroker(): BrokerProcess {
    const blockBytes = this.random.pick(BLOCK_BYTES);
    const blocks = ['--block-bytes', String(blockBytes), '--blocks-per-file', '100'];
    return new BrokerProcess({
      dataDir: this.dataDir,
      flags: ['--fsync', this.fsync, '--log-format', 'json', '--log-level', 'warn', ...blocks],
    });
  }

  private async check(link: ProtocolLink): Promise<void> {
    for (let partition = 0; partition < PARTITION_COUNT; partition += 1) {
      const records = await link.readAll(TOPIC, partition);
      this.tally.checked += records.length;
      for (const { kind, text } of this.oracle.check(partition, records)) {
        this.tally.add(kind, `partition ${partition}: ${kind}: ${text}`);
      }
    }
    for (const text of await this.side.check(link)) this.tally.add('side', text);
  }

  private async sendUntilKilled(
    broker: BrokerProcess,
    address: string,
    link: ProtocolLink,
  ): Promise<void> {
    const state = { over: false };
    const isOver = (): boolean => state.over;
    let acknowledge: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (acknowledge = resolve));
    const field: Field = {
      topic: TOPIC,
      partitionCount: PARTITION_COUNT,
      oracle: this.oracle,
      source: this.source,
      random: this.random,
      takeId: () => this.nextId++,
      isOver,
      onAcknowledged: () => acknowledge(),
    };
    const sideLink = await ProtocolLink.open(address);
    const topicCount = this.random.chance(0.5) ? 3 : 0;
    const unlessOver = (error: unknown): void => {
      if (!state.over) throw error;
    };
    const work = Promise.all([
      sendThroughSdk(field, address, this.random.pick(['all', 1] as const)),
      sendCalls(field, link).catch(unlessOver),
      this.side.commitPositions(sideLink, isOver).catch(unlessOver),
      this.side.leadTopics(sideLink, topicCount, isOver).catch(unlessOver),
    ]);
    const limit = new AbortController();
    const tooLate = sleep(FIRST_ACKNOWLEDGEMENT_MS_MAX, undefined, { signal: limit.signal }).then(
      () => Promise.reject(new Error('nothing was acknowledged')),
      () => undefined,
    );
    // A sender that fails before the kill ends the cycle with its error.
    await Promise.race([first, work.then(() => first), tooLate]);
    limit.abort();
    await Promise.race([
      sleep(this.random.between(0, KILL_AFTER_MS_MAX)),
      work.then(() => new Promise(() => undefined)),
    ]);
    state.over = true;
    await broker.kill();
    await work;
    sideLink.close();
  }
}

class Tally {
  readonly found: Partial<Record<FindingKind | 'side', number>> = {};
  readonly texts: string[] = [];
  checked = 0;
  killsDuringStart = 0;

  isClean(): boolean {
    return this.texts.length === 0;
  }

  add(kind: FindingKind | 'side', text: string): void {
    this.found[kind] = (this.found[kind] ?? 0) + 1;
    if (this.texts.length < TEXTS_MAX) this.texts.push(text);
  }
}

/**
 * Kills a broker again and again while it is being sent to, and checks after each start that all it
 * acknowledged is there and nothing else.
 *
 * Ends at the first cycle that finds something: what comes later would be a consequence.
 *
 * @throws {Error} The broker could not be started, refused what it must take, or hung. The message
 *   names the data directory, which is then kept; so it is after findings.
 */
export async function runCrashCycles(options: CrashOptions): Promise<CrashTotals> {
  const random = new SeededRandom(options.seed);
  const tally = new Tally();
  let acknowledged = 0;
  for (let done = 0; done < options.cycles && tally.isClean();) {
    const dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-crash-'));
    const run = new DirectoryRun(dataDir, random.word(), random, options.fsync, tally);
    const cycles = Math.min(CYCLES_PER_DIRECTORY, options.cycles - done);
    try {
      for (let cycle = 0; cycle < cycles && tally.isClean(); cycle += 1) {
        if (cycle > 0) await run.killDuringStart();
        await run.killWhileSending(cycle === 0);
        done += 1;
        options.onCycle?.(done, acknowledged + run.acknowledged);
      }
      if (tally.isClean()) await run.checkAndStop();
    } catch (error) {
      throw new Error(`cycle ${done + 1}, seed ${options.seed}; kept: ${dataDir}`, {
        cause: error,
      });
    }
    acknowledged += run.acknowledged;
    if (tally.isClean()) await rm(dataDir, { recursive: true });
    else tally.texts.push(`the data directory is kept: ${dataDir}`);
  }
  const { checked, killsDuringStart, found, texts } = tally;
  return { acknowledged, checked, killsDuringStart, found, texts };
}

/** `200 cycles: N acknowledged, 0 lost, 0 altered, …, seed S`. */
export function summaryLine(options: CrashOptions, totals: CrashTotals): string {
  const count = (kind: FindingKind | 'side'): number => totals.found[kind] ?? 0;
  const misplaced = count('moved') + count('gap') + count('repeated') + count('reordered');
  const { cycles, fsync, seed } = options;
  return (
    `${cycles} cycles (${fsync}, ${totals.killsDuringStart} more kills during start): ` +
    `${totals.acknowledged} acknowledged, ${count('lost')} lost, ${count('altered')} altered, ` +
    `${count('invented')} invented, ${misplaced} misplaced, ${count('split')} split, ` +
    `${count('side')} other; ${totals.checked} records checked, seed ${seed}`
  );
}
