// The options of a consumer that is a member of a group.
import { DEFAULT_REBALANCE_TIMEOUT_MS } from '@walrusmq/protocol';
import type { TopicPartition } from '../admin';
import { InvalidOptionError } from '../errors';
import { oneOf, wholeNumber } from '../options';

/** Takes the partitions that a rebalance is about: at least one. */
export type RebalanceListener = (partitions: readonly TopicPartition[]) => unknown;

/** Options of a consumer with a `group`; durations in milliseconds. */
export interface GroupOptions {
  /**
   * Shares the partitions of the topics with all consumers of this name, each partition with one of
   * them; progress is saved for the group.
   */
  readonly group?: string | undefined;
  /**
   * Instead of `topics`: all topics whose name matches, those that are created later too. A RegExp
   * matches anywhere in a name, a string is an RE2 expression for whole names; look-around and
   * back-references do not exist there.
   */
  readonly topicPattern?: RegExp | string | undefined;
  /**
   * Makes this a static member: after a `close` its partitions wait for the next consumer of this
   * id, as long as the broker's session timeout. After a crash that consumer waits for the session
   * timeout first, or fails with `UNRELEASED_INSTANCE_ID` where `startTimeoutMs` is shorter.
   */
  readonly instanceId?: string | undefined;
  /** How the broker spreads partitions; the members' majority decides. Default 'uniform'. */
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
  readonly rebalanceTimeoutMs: number;
  readonly maxPollIntervalMs: number;
  readonly onAssigned: RebalanceListener | undefined;
  readonly onRevoked: RebalanceListener | undefined;
  readonly onLost: RebalanceListener | undefined;
}

/** What makes sense in a group only. */
const GROUP_ONLY = [
  'topicPattern',
  'instanceId',
  'assignor',
  'rebalanceTimeoutMs',
  'maxPollIntervalMs',
  'onPartitionsAssigned',
  'onPartitionsRevoked',
  'onPartitionsLost',
] as const;

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
  for (const name of GROUP_ONLY.filter((each) => each.startsWith('on'))) {
    const listener = options[name];
    if (listener === undefined || typeof listener === 'function') continue;
    throw new InvalidOptionError(`${name} must be a function, got ${typeof listener}`);
  }
  return {
    group,
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
