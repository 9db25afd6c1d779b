// What the values of topic configs can be.
import { CONFIG_BYTES_MAX, type ConfigDescription } from '@walrusmq/protocol';

/** The largest integers of Kafka's configs (Java's int and long). */
export const INT_MAX = 2_147_483_647;
export const LONG_MAX = 9_223_372_036_854_775_807n;

/** One kind of value; `Limits` is what its bounds may depend on. */
export interface ConfigValues<Limits = unknown> {
  readonly type: ConfigDescription['type'];
  /** The values that are taken, as the end of "expected …". */
  readonly accepts: (limits: Limits) => string;
  /** The value as it is stored; undefined: not one. */
  readonly read: (text: string, limits: Limits) => string | undefined;
}

interface Range<Limits> {
  readonly min: number | bigint;
  /** Kafka's largest long where it is left out. */
  readonly max?: (limits: Limits) => number | bigint;
  /** A value outside of the range, and what it means. */
  readonly also?: readonly [value: string, meaning: string];
}

/** Whole numbers; a long is more than a number of JavaScript can be. */
export function integer<Limits = unknown>({
  min,
  max = () => LONG_MAX,
  also: [special, meaning] = ['', ''],
}: Range<Limits>): ConfigValues<Limits> {
  return {
    type: 'integer',
    accepts: (limits) =>
      (special === '' ? '' : `${special} for ${meaning}, or `) +
      `a whole number from ${min} to ${max(limits)}`,
    read: (text, limits) => {
      if (!/^-?\d{1,19}$/.test(text)) return undefined;
      const value = BigInt(text);
      const isGood = String(value) === special || (value >= min && value <= max(limits));
      return isGood ? String(value) : undefined;
    },
  };
}

/** Numbers from 0 to 1, as they are given. */
export const ratio: ConfigValues = {
  type: 'number',
  accepts: () => 'a number from 0 to 1',
  read: (text) => {
    if (!/^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text)) return undefined;
    return Number(text) <= 1 && text.length <= 40 ? text : undefined;
  },
};

/** `true` and `false`, in any case as in Kafka. */
export const truth: ConfigValues = {
  type: 'boolean',
  accepts: () => 'true or false',
  read: (text) => only(['true', 'false'], text.toLowerCase()),
};

/** Some words, in this case. */
export function choice(...words: readonly string[]): ConfigValues {
  return {
    type: 'choice',
    accepts: () => words.join(' or '),
    read: (text) => only(words, text),
  };
}

/** Replicas as Kafka's throttles name them. */
export const replicas: ConfigValues = {
  type: 'list',
  accepts: () => `*, or a list of PARTITION:BROKER of at most ${CONFIG_BYTES_MAX} characters`,
  read: (text) => {
    if (text.length > CONFIG_BYTES_MAX) return undefined;
    if (text === '*') return text;
    const named = text.split(',').map((each) => each.trim());
    return named.every((each) => /^(\d+:\d+)?$/.test(each)) ? named.join(',') : undefined;
  },
};

function only(words: readonly string[], text: string): string | undefined {
  return words.find((word) => word === text);
}
