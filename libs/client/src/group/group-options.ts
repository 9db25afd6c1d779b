// The options of a consumer that is a member of a group.
import { DEFAULT_REBALANCE_TIMEOUT_MS } from '@walrusmq/protocol';
import type { TopicPartition } from '../admin';
import { InvalidOptionError } from '../errors';
import { namesOf, type OptionNames } from '../option-names';
import { oneOf, wholeNumber } from '../options';
import {
  CLASSIC_NAMES,
  classicSettings,
  type ClassicOptions,
  type ClassicSettings,
} from './classic/classic-options';

/** Takes the partitions that a rebalance is about: at least one. */
export type RebalanceListener = (partitions: readonly TopicPartition[]) => unknown;

/** Options of a consumer with a `group`; durations in milliseconds. */
export interface GroupOptions extends ClassicOptions {
  /**
   * Shares the partitions of the topics with all consumers of this name, each partition with one of
   * them; progress is saved for the group.
   */
  readonly group?: string | undefined;
  /**
   * Who shares the partitions: the broker ('consumer', KIP-848), or one of the members ('classic',
   * for groups that have members of Kafka's older clients, or an assignor of one's own). All
   * members of a group have to say the same. Default 'consumer'.
   */
  readonly groupProtocol?: 'consumer' | 'classic' | undefined;
  /**
   * Instead of `topics`: all topics whose name matches, those that are created later too. A RegExp
   * matches anywhere in a name, a string is an RE2 expression for whole names; look-around and
   * back-references do not exist there. With `groupProtocol: 'classic'` the member matches by
   * itself, as JavaScript does.
   */
  readonly topicPattern?: RegExp | string | undefined;
  /**
   * Makes this a static member: after a `close` its partitions wait for the next consumer of this
   * id, as long as the broker's session timeout. After a crash that consumer waits for the session
   * timeout first, or fails with `UNRELEASED_INSTANCE_ID` where `startTimeoutMs` is shorter. With
   * `groupProtocol: 'classic'` the next consumer takes over at once, and one that is still there
   * ends with `FENCED_INSTANCE_ID`.
   */
  readonly instanceId?: string | undefined;
  /**
   * How the broker spreads partitions; the members' majority decides. Default 'uniform'. With
   * `groupProtocol: 'classic'` there are `assignors` instead.
   */
  readonly assignor?: 'uniform' | 'range' | undefined;
  /**
   * How long the member may take to give up partitions: the handler at work, the commit and
   * `onPartitionsRevoked` together have nine tenths of it. Default 300 000.
   */
  readonly rebalanceTimeoutMs?: number | undefined;
  /**
   * A member that asks for no more records for so long leaves, so that others go on; it comes back
   * when it asks again. Waiting for records counts as asking. Default 300 000.
   */
  readonly maxPollIntervalMs?: number | undefined;
  /**
   * Called before the first record of these partitions is handed over, and awaited. As in the other
   * callbacks `close` must not be awaited in it, as that waits for them.
   */
  readonly onPartitionsAssigned?: RebalanceListener | undefined;
  /**
   * Called, and awaited, when these partitions are about to go to others, or at `close`: none of
   * their records is handed over any more, what is finished was saved if automatic commits are on,
   * and `commit` still works.
   */
  readonly onPartitionsRevoked?: RebalanceListener | undefined;
  /**
   * Called, and awaited, when others may have these partitions already, as the group had to go on
   * without this member. Nothing of them can be committed. Default: `onPartitionsRevoked`.
   */
  readonly onPartitionsLost?: RebalanceListener | undefined;
}

/** `GroupOptions` with every default filled in. */
export interface GroupSettings {
  readonly group: string;
  /** RE2 syntax, for whole names. */
  readonly pattern: string | undefined;
  readonly instanceId: string | undefined;
  readonly assignor: 'uniform' | 'range' | undefined;
  /** Undefined: the broker assigns. */
  readonly classic: ClassicSettings | undefined;
  readonly rebalanceTimeoutMs: number;
  readonly maxPollIntervalMs: number;
  readonly onAssigned: RebalanceListener | undefined;
  readonly onRevoked: RebalanceListener | undefined;
  readonly onLost: RebalanceListener | undefined;
}

/** The names of `GroupOptions`. */
export const GROUP_NAMES: OptionNames<GroupOptions> = {
  group: true,
  groupProtocol: true,
  ...CLASSIC_NAMES,
  topicPattern: true,
  instanceId: true,
  assignor: true,
  rebalanceTimeoutMs: true,
  maxPollIntervalMs: true,
  onPartitionsAssigned: true,
  onPartitionsRevoked: true,
  onPartitionsLost: true,
};

/** What makes sense in a group only. */
const GROUP_ONLY = namesOf(GROUP_NAMES).filter((name) => name !== 'group');
const CLASSIC_ONLY = namesOf(CLASSIC_NAMES);
const LISTENERS = ['onPartitionsAssigned', 'onPartitionsRevoked', 'onPartitionsLost'] as const;

const ID_BYTES_MAX = 249;
const MAX_POLL_INTERVAL_MS = 300_000;

/**
 * Fills in the defaults; undefined for a consumer without a group.
 *
 * @throws {InvalidOptionError} A value that can never work.
 */
export function groupSettings(options: GroupOptions): GroupSettings | undefined {
  const { group, instanceId, onPartitionsRevoked, onPartitionsLost } = options;
  if (group === undefined) {
    const given = GROUP_ONLY.find((name) => options[name] !== undefined);
    if (given === undefined) return undefined;
    throw new InvalidOptionError(`${given} needs a group: give it a name as \`group\``);
  }
  checkId('group', group);
  if (instanceId !== undefined) checkId('instanceId', instanceId);
  for (const name of LISTENERS) {
    const listener = options[name];
    if (listener === undefined || typeof listener === 'function') continue;
    throw new InvalidOptionError(`${name} must be a function, got ${typeof listener}`);
  }
  return {
    group,
    classic: classicOf(options),
    pattern: patternOf(options.topicPattern),
    instanceId,
    assignor: oneOf<'uniform' | 'range' | undefined>('assignor', options.assignor, undefined, [
      'uniform',
      'range',
    ]),
    rebalanceTimeoutMs: wholeNumber(
      'rebalanceTimeoutMs',
      options.rebalanceTimeoutMs,
      DEFAULT_REBALANCE_TIMEOUT_MS,
      1,
    ),
    maxPollIntervalMs: wholeNumber(
      'maxPollIntervalMs',
      options.maxPollIntervalMs,
      MAX_POLL_INTERVAL_MS,
      1,
    ),
    onAssigned: options.onPartitionsAssigned,
    onRevoked: onPartitionsRevoked,
    onLost: onPartitionsLost ?? onPartitionsRevoked,
  };
}

/** Undefined where the broker assigns. */
function classicOf(options: GroupOptions): ClassicSettings | undefined {
  const { groupProtocol, assignor, topicPattern } = options;
  const words = ['consumer', 'classic'] as const;
  const protocol = oneOf<'consumer' | 'classic'>('groupProtocol', groupProtocol, 'consumer', words);
  if (protocol === 'consumer') {
    const given = CLASSIC_ONLY.find((name) => options[name] !== undefined);
    if (given === undefined) return undefined;
    throw new InvalidOptionError(`${given} needs groupProtocol 'classic': else the broker decides`);
  }
  if (assignor !== undefined) {
    throw new InvalidOptionError(
      "assignor is the broker's: with groupProtocol 'classic' give assignors",
    );
  }
  // Checks it for what no pattern may be.
  patternOf(topicPattern);
  return classicSettings(options, topicPattern);
}

/** The pattern in RE2 syntax for whole names. */
function patternOf(pattern: RegExp | string | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  if (typeof pattern === 'string') {
    if (pattern !== '') return pattern;
    throw new InvalidOptionError('topicPattern must not be empty');
  }
  const flags = pattern.flags.replace('i', '');
  if (flags !== '') {
    throw new InvalidOptionError(`topicPattern may have the flag i only, got ${String(pattern)}`);
  }
  return `${pattern.ignoreCase ? '(?i)' : ''}.*(?:${pattern.source}).*`;
}

function checkId(name: string, id: string): void {
  const isText = typeof id === 'string' && id !== '';
  if (isText && Buffer.byteLength(id) <= ID_BYTES_MAX) return;
  throw new InvalidOptionError(`${name} must be a text of 1 to ${ID_BYTES_MAX} bytes`);
}
