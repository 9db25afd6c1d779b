// The options of a member of a classic group, beside those that every member has.
import { DEFAULT_SESSION_TIMEOUT_MS, MEMBER_PROTOCOLS_MAX } from '@walrusmq/protocol';
import { asError, InvalidOptionError } from '../../errors';
import type { OptionNames } from '../../option-names';
import { wholeNumber } from '../../options';
import type { Assignor } from './assignor';
import { cooperativeStickyAssignor } from './cooperative-sticky-assignor';
import { rangeAssignor } from './range-assignor';
import { roundRobinAssignor } from './round-robin-assignor';

/** The assignors that the SDK has. */
export type AssignorName = 'range' | 'round-robin' | 'cooperative-sticky';

/** Options of a consumer with a `group` and `groupProtocol: 'classic'`. */
export interface ClassicOptions {
  /**
   * How the leader shares the partitions, the preferred one first; the group takes what all its
   * members have and most prefer. 'cooperative-sticky' moves only what has to move, while the rest
   * goes on; with any other in the list all stop for each rebalance. Default
   * ['cooperative-sticky'].
   */
  readonly assignors?: readonly (AssignorName | Assignor)[] | undefined;
  /** Silence after which the broker puts the member out. Default 45 000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How often the member says that it is there. Default 3000; at most half of the timeout. */
  readonly heartbeatIntervalMs?: number | undefined;
  /**
   * How long it may take until new partitions, and new topics of a `topicPattern`, are noticed.
   * Default 30 000.
   */
  readonly metadataMaxAgeMs?: number | undefined;
}

/** `ClassicOptions` with every default filled in. */
export interface ClassicSettings {
  readonly assignors: readonly Assignor[];
  /** Whether it keeps its partitions while the group rebalances: all its assignors allow that. */
  readonly isCooperative: boolean;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly metadataMaxAgeMs: number;
  /** Whether it subscribes to a topic; undefined where it names its topics. */
  readonly matches: ((topic: string) => boolean) | undefined;
}

/** The names of `ClassicOptions`: what makes sense in a classic group only. */
export const CLASSIC_NAMES: OptionNames<ClassicOptions> = {
  assignors: true,
  sessionTimeoutMs: true,
  heartbeatIntervalMs: true,
  metadataMaxAgeMs: true,
};

const BUILT_IN: Readonly<Record<AssignorName, Assignor>> = {
  range: rangeAssignor,
  'round-robin': roundRobinAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
};

const HEARTBEAT_INTERVAL_MS = 3_000;
const METADATA_MAX_AGE_MS = 30_000;
const NAME_BYTES_MAX = 249;

/**
 * Fills in the defaults.
 *
 * @param pattern The option `topicPattern`.
 * @throws {InvalidOptionError} A value that can never work.
 */
export function classicSettings(
  options: ClassicOptions,
  pattern: RegExp | string | undefined,
): ClassicSettings {
  const assignors = assignorsOf(options.assignors ?? ['cooperative-sticky']);
  const sessionTimeoutMs = wholeNumber(
    'sessionTimeoutMs',
    options.sessionTimeoutMs,
    DEFAULT_SESSION_TIMEOUT_MS,
    2,
  );
  const intervalMaxMs = Math.floor(sessionTimeoutMs / 2);
  const intervalMs = Math.min(HEARTBEAT_INTERVAL_MS, intervalMaxMs);
  return {
    assignors,
    isCooperative: assignors.every(({ cooperative }) => cooperative === true),
    sessionTimeoutMs,
    heartbeatIntervalMs: wholeNumber(
      'heartbeatIntervalMs',
      options.heartbeatIntervalMs,
      intervalMs,
      1,
      intervalMaxMs,
    ),
    metadataMaxAgeMs: wholeNumber(
      'metadataMaxAgeMs',
      options.metadataMaxAgeMs,
      METADATA_MAX_AGE_MS,
      1,
    ),
    matches: pattern === undefined ? undefined : matcherOf(pattern),
  };
}

function assignorsOf(given: readonly (AssignorName | Assignor)[]): readonly Assignor[] {
  if (!Array.isArray(given) || given.length < 1 || given.length > MEMBER_PROTOCOLS_MAX) {
    throw new InvalidOptionError(`assignors must name 1 to ${MEMBER_PROTOCOLS_MAX} assignors`);
  }
  const assignors = given.map((each: AssignorName | Assignor) =>
    typeof each === 'object' && (each as unknown) !== null
      ? checkOwn(each)
      : builtIn(each as AssignorName),
  );
  const names = new Set(assignors.map(({ name }) => name));
  if (names.size === assignors.length) return assignors;
  throw new InvalidOptionError('assignors must have different names');
}

function builtIn(name: AssignorName): Assignor {
  const found = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (found !== undefined) return found;
  const words = Object.keys(BUILT_IN).map((word) => JSON.stringify(word));
  throw new InvalidOptionError(
    `assignors must be ${words.join(', ')} or objects with a name and assign(), ` +
      `got ${JSON.stringify(name)}`,
  );
}

function checkOwn(assignor: Assignor): Assignor {
  const { name, assign } = assignor as Partial<Assignor>;
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw new InvalidOptionError(
      `an assignor of one's own has a name of 1 to ${NAME_BYTES_MAX} bytes`,
    );
  }
  if (typeof assign === 'function') return assignor;
  throw new InvalidOptionError(`the assignor "${name}" has no method assign()`);
}

/** The pattern was checked: it has no flag but `i`. */
function matcherOf(pattern: RegExp | string): (topic: string) => boolean {
  if (typeof pattern !== 'string') {
    const anywhere = new RegExp(pattern.source, pattern.flags);
    return (topic) => anywhere.test(topic);
  }
  const text = pattern.replace(/^\(\?i\)/, '');
  try {
    const whole = new RegExp(`^(?:${text})$`, text === pattern ? '' : 'i');
    return (topic) => whole.test(topic);
  } catch (error) {
    throw new InvalidOptionError(
      `topicPattern: members of a classic group match topics themselves, and ` +
        `JavaScript cannot read this expression: ${asError(error).message}`,
    );
  }
}
