// The background pass that lets old records go: by time, by size, and what every pin has passed.
import { ProtocolError } from '@walrusmq/protocol';
import type {
  InstanceStorage,
  RetentionLimits,
  TopicDescription,
  TopicPin,
} from '@walrusmq/storage';
import type { Logger } from '../observability/broker-log';
import type { Counters } from '../observability/counters';
import type { Partition } from './partition';
import type { IsPinDue, Pins } from './pins';
import { RetentionClock, type Clocks, type TrustedTime } from './retention-clock';
import { TickBudget } from './tick-budget';

/** What a topic is kept by; -1: no limit. */
export interface RetentionConfigs {
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly retentionConsumed: boolean;
}

/** The topics as retention needs them. */
export interface RetainedTopics {
  list(): readonly TopicDescription[];
  /** A description never changes: an altered topic has another one. */
  find(name: string): TopicDescription | undefined;
  /** The same object until the configs of the topic, or the defaults, change. */
  configsOf(topic: TopicDescription): RetentionConfigs;
  partitionOf(topic: TopicDescription, index: number): Partition;
  /** Takes a pin off if, in its turn, that is due; whether it did. */
  unpin(name: string, pin: TopicPin, isDue: IsPinDue): Promise<boolean>;
  readonly pins: Pins;
}

/** What retention works with. */
export interface RetentionParts {
  readonly store: { readonly storage: InstanceStorage };
  readonly topics: RetainedTopics;
  readonly clocks: Clocks;
  readonly log: Logger;
  readonly counters: Pick<Counters, 'retentionPasses' | 'retentionTruncations'>;
  /** Lets everything else of the process have its turn. */
  readonly yieldTurn: () => Promise<void>;
}

/** Partitions of one look: some tens of microseconds. */
const LOOK_PARTITIONS = 250;
/** Log starts that are moved at a time: each waits for a sync on a thread of a small pool. */
const TRUNCATIONS_MAX = 2;

/** Answers that say that there is nothing left to do: the topic is gone, or the broker stops. */
const GONE: readonly string[] = ['UNKNOWN_TOPIC', 'UNKNOWN_PARTITION', 'SHUTTING_DOWN'];

/**
 * Moves the log starts of all topics, pass after pass.
 *
 * Place: started and stopped by the broker's lifecycle. It asks the storage which logs hold blocks
 * that no limit covers, which reads no records, and truncates those logs; the storage gives the
 * space back. Whole blocks go, oldest first; a read under way gets whole batches or
 * OFFSET_OUT_OF_RANGE.
 *
 * Life: `start`, then a pass each interval, one at a time; `stop` waits for the one under way.
 *
 * Invariants:
 *  1. At most 10 ms of work without yielding.
 *  2. While the clock cannot be believed nothing goes because of its age.
 *  3. A pass that fails on one log goes on with the others.
 *  4. No truncation begins by a limit or pins that were changed before it: a look at a topic ends
 *     when its description or configs are not what the look began with; the next pass goes on.
 */
export class Retention {
  private readonly clock: RetentionClock;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;
  /** Ids of topics of which the log was told that a pin holds their space. */
  private readonly warned = new Set<string>();

  constructor(private readonly parts: RetentionParts) {
    this.clock = new RetentionClock(parts.clocks);
  }

  /** A pass each `intervalMs`, the first after that time. */
  start(intervalMs: number): void {
    this.clock.now();
    this.timer = setInterval(() => {
      this.running ??= this.pass().finally(() => (this.running = undefined));
    }, intervalMs);
    // The listener keeps the process alive, not this.
    this.timer.unref();
  }

  /** Ends it, and the pass under way at its next pause. Idempotent. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** One pass over all topics. */
  async pass(): Promise<void> {
    const time = this.clock.now();
    if (time.jumpMs > 0) {
      const fields = { jumpMs: Math.round(time.jumpMs) };
      this.parts.log.warn(fields, 'the clock jumped forward: no record goes for its age for now');
    }
    const pass = new Pass(this.parts, time, () => this.isStopped);
    const topics = this.parts.topics.list();
    for (const topic of topics) {
      if (this.isStopped) break;
      this.noteHeld(topic, await pass.lookAt(topic));
    }
    await pass.finish();
    if (this.warned.size > 0) this.dropGone(new Set(topics.map(({ id }) => id)));
    this.parts.counters.retentionPasses += 1;
    if (pass.failure !== undefined) {
      const fields = { err: pass.failure, logs: pass.failures };
      this.parts.log.warn(fields, 'retention could not free the space of some logs');
    }
  }

  /** Tells once that pins keep a topic growing, and again after it was not so. */
  private noteHeld({ id, name, pins }: TopicDescription, isHeld: boolean): void {
    if (!isHeld) this.warned.delete(id);
    if (!isHeld || this.warned.has(id)) return;
    this.warned.add(id);
    const fields = { topic: name, pins: pins.map((pin) => `${pin.kind} ${pin.name}`) };
    this.parts.log.warn(
      fields,
      'pins hold space, and neither retention.ms nor retention.bytes limits it',
    );
  }

  private dropGone(ids: ReadonlySet<string>): void {
    for (const id of this.warned) if (!ids.has(id)) this.warned.delete(id);
  }
}

/** What a look at a topic goes by, as long as all of it holds. */
interface Basis {
  readonly topic: TopicDescription;
  readonly configs: RetentionConfigs;
}

/** One pass: its time, its pauses, and the log starts that it is moving. */
class Pass {
  failure: unknown;
  failures = 0;
  private readonly budget: TickBudget;
  private readonly truncations = new Set<Promise<void>>();

  constructor(
    private readonly parts: RetentionParts,
    private readonly time: TrustedTime,
    private readonly isStopped: () => boolean,
  ) {
    const { clocks, yieldTurn } = parts;
    this.budget = new TickBudget({ monotonicMs: () => clocks.monotonicMs(), yieldTurn });
  }

  /** Waits for what was begun. */
  async finish(): Promise<void> {
    await Promise.all(this.truncations);
  }

  /** Frees what of a topic that was listed may go; whether pins alone keep some of it. */
  async lookAt(listed: TopicDescription): Promise<boolean> {
    await this.budget.pause();
    // The pass may have waited for long since it listed the topics.
    const found = this.asItIs(listed);
    if (found !== undefined) await this.dropExpiredPins(found);
    const topic = this.asItIs(listed);
    if (topic === undefined) return false;
    const configs = this.parts.topics.configsOf(topic);
    const { retentionConsumed, retentionMs, retentionBytes } = configs;
    const limits: RetentionLimits = {
      ...(retentionMs >= 0 && !this.time.isHeld && { oldestMs: this.time.wallMs - retentionMs }),
      ...(retentionBytes >= 0 && { bytesMax: retentionBytes }),
    };
    const basis = { topic, configs };
    // One that could not be taken off holds nothing either.
    const pins = topic.pins.filter((pin) => !this.parts.topics.pins.hasExpired(topic, pin));
    if (retentionConsumed && pins.length > 0) return this.lookAtPinned(basis, pins, limits);
    if (limits.oldestMs === undefined && limits.bytesMax === undefined) return false;
    for (let first = 0; first < topic.partitionCount; first += LOOK_PARTITIONS) {
      if (!(await this.mayGoOn(basis))) return false;
      const count = Math.min(LOOK_PARTITIONS, topic.partitionCount - first);
      const expired = this.parts.store.storage.findExpired(topic.id, first, count, limits);
      for (const log of expired) await this.truncate(basis, log.partition, log.beforeOffset);
    }
    return false;
  }

  private async lookAtPinned(
    basis: Basis,
    pins: readonly TopicPin[],
    limits: RetentionLimits,
  ): Promise<boolean> {
    const { topic } = basis;
    const { storage } = this.parts.store;
    const isUnlimited = limits.oldestMs === undefined && limits.bytesMax === undefined;
    let isHeld = false;
    for (let index = 0; index < topic.partitionCount; index += 1) {
      if (!(await this.mayGoOn(basis))) return false;
      const [state] = storage.logStates(topic.id, index, 1);
      if (state === undefined || state.readableEnd === state.logStartOffset) continue;
      const partition = this.parts.topics.partitionOf(topic, index);
      const consumedBelow = this.parts.topics.pins.passedBelow(pins, partition);
      const [log] = storage.findExpired(topic.id, index, 1, { ...limits, consumedBelow });
      if (log !== undefined) await this.truncate(basis, index, log.beforeOffset);
      if (isHeld || !isUnlimited || this.time.isHeld) continue;
      const all = { consumedBelow: state.readableEnd };
      const [more] = storage.findExpired(topic.id, index, 1, all);
      isHeld = (more?.beforeOffset ?? 0) > (log?.beforeOffset ?? state.logStartOffset);
    }
    return isHeld;
  }

  /** Takes off the pins whose holders are silent for too long. */
  private async dropExpiredPins(topic: TopicDescription): Promise<void> {
    const { pins } = this.parts.topics;
    for (const pin of topic.pins) {
      if (pins.hasExpired(topic, pin)) await this.tolerantly(this.dropExpired(topic, pin));
    }
  }

  private async dropExpired({ id, name }: TopicDescription, pin: TopicPin): Promise<void> {
    const { topics, log } = this.parts;
    let idleMs = 0;
    // Its holder may be heard of while this waits for its turn, or the topic be another one.
    const isGone = await topics.unpin(name, pin, (topic, now) => {
      idleMs = topics.pins.idleMs(topic, now);
      return topic.id === id && topics.pins.hasExpired(topic, now);
    });
    if (!isGone) return;
    const fields = { topic: name, [pin.kind]: pin.name, idleMs };
    log.warn(fields, 'a pin expired: its holder saved no position for too long');
  }

  /** The topic as the catalogue has it now; undefined when it is gone. */
  private asItIs({ name, id }: TopicDescription): TopicDescription | undefined {
    const topic = this.parts.topics.find(name);
    return topic?.id === id ? topic : undefined;
  }

  /** Whether the look may go on by what it began with, after a pause if one is due. */
  private async mayGoOn(basis: Basis): Promise<boolean> {
    await this.budget.pause();
    return this.holds(basis);
  }

  private holds({ topic, configs }: Basis): boolean {
    const { topics } = this.parts;
    if (this.isStopped() || topics.find(topic.name) !== topic) return false;
    return topics.configsOf(topic) === configs;
  }

  private async truncate(basis: Basis, index: number, before: number): Promise<void> {
    while (this.truncations.size >= TRUNCATIONS_MAX) {
      await Promise.race(this.truncations);
      this.budget.restart();
    }
    if (!this.holds(basis)) return;
    const { topic } = basis;
    const partition = this.parts.topics.partitionOf(topic, index);
    this.parts.counters.retentionTruncations += 1;
    const truncation = this.tolerantly(partition.truncate(before)).finally(() =>
      this.truncations.delete(truncation),
    );
    this.truncations.add(truncation);
  }

  /** What fails is counted and told at the end of the pass; the next one tries again. */
  private async tolerantly(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (GONE.includes(error.code)) return;
      this.failure ??= error;
      this.failures += 1;
    }
  }
}
