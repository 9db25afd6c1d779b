// How the text of a flag or of an environment variable becomes a value. Which settings exist is in
// settings-table.ts.
import { isIP } from 'node:net';

/** When appended records are synced; `milliseconds` syncs in the background every `intervalMs`. */
export type FsyncSetting =
  | { readonly kind: 'sync-each' }
  | { readonly kind: 'no-fsync' }
  | { readonly kind: 'milliseconds'; readonly intervalMs: number };

/**
 * When a read saves how far a named reader has got: before it answers, or every so many records.
 */
export type ReadConsistencySetting =
  | { readonly kind: 'strictly-at-once' }
  | { readonly kind: 'at-least-once'; readonly persistEvery: number };

/** A TCP port; 0 asks the system for a free one, `off` opens no listener. */
export type PortSetting = number | 'off';

/** A listener of the Kafka protocol. */
export interface KafkaListenerSetting {
  /** The key of the instance that it serves; undefined: the default one. */
  readonly instance: string | undefined;
  readonly port: PortSetting;
}

/** One port is that of the default instance. */
export type KafkaPortSetting = PortSetting | readonly KafkaListenerSetting[];

/** What clients of a Kafka listener are told to connect to. */
export interface KafkaAdvertisedSetting {
  /** Whose: an instance's key, or `:PORT` of one listener; undefined: the default instance's. */
  readonly listener: string | undefined;
  readonly host: string;
  readonly port: number;
}

/**
 * A kind of setting: what it accepts, in words, and how it is read and shown.
 *
 * `parse` answers undefined for text that it does not accept; `accepts` finishes the sentence
 * "expected …" of the error and of `--help`.
 */
export interface ValueKind<Value> {
  readonly accepts: string;
  readonly parse: (text: string) => Value | undefined;
  readonly format: (value: Value) => string;
  /** Whether the flag stands alone (`--insecure`) and takes no argument. */
  readonly isSwitch?: boolean;
  /** Whether the flag may be given several times, which is the same as commas between. */
  readonly isRepeatable?: boolean;
}

/** A setting as its table has it. */
export interface SettingRow<Value> {
  readonly kind: ValueKind<Value>;
  readonly default: Value;
  readonly summary: string;
  readonly placeholder?: string;
  /** Only where it is not WALRUSMQ_ and the name. */
  readonly variable?: string;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

const SIZE_UNITS: ReadonlyArray<readonly [string, number]> = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

const INTERVAL_MS_MAX = 60_000;
/** 2^32 - 1, as the engine's. */
const PERSIST_EVERY_MAX = 0xffff_ffff;

/** Bytes: a whole number, or one with the suffix KiB, MiB or GiB. */
export function bytes(range: Range): ValueKind<number> {
  const limits = `from ${formatBytes(range.min)} to ${formatBytes(range.max)}`;
  return {
    accepts: `a size ${limits}, as in 65536 or 64KiB`,
    parse: (text) => inRange(parseBytes(text), range),
    format: formatBytes,
  };
}

/** A whole number of things. */
export function count(range: Range): ValueKind<number> {
  return {
    accepts: `a whole number from ${range.min} to ${range.max}`,
    parse: (text) => inRange(parseWhole(text), range),
    format: String,
  };
}

/** A duration in milliseconds: a whole number, with or without `ms`, or one with `s`. */
export function milliseconds(range: Range): ValueKind<number> {
  return {
    accepts: `a duration from ${range.min}ms to ${range.max}ms, as in 500, 500ms or 5s`,
    parse: (text) => inRange(parseDuration(text), range),
    format: (value) => `${value}ms`,
  };
}

/** As `kind`, or -1 for no limit. */
export function orUnlimited(kind: ValueKind<number>): ValueKind<number> {
  return {
    accepts: `-1 for no limit, or ${kind.accepts}`,
    parse: (value) => (value === '-1' ? -1 : kind.parse(value)),
    format: (value) => (value === -1 ? '-1' : kind.format(value)),
  };
}

/** One of a few words. */
export function choice<Word extends string>(...words: readonly Word[]): ValueKind<Word> {
  return {
    accepts: `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
    format: (value) => value,
  };
}

/** A flag that stands alone; its variable takes true, false, 1 or 0. */
export const toggle: ValueKind<boolean> = {
  accepts: 'true or false',
  parse: (text) => {
    if (text === 'true' || text === '1') return true;
    return text === 'false' || text === '0' ? false : undefined;
  },
  format: String,
  isSwitch: true,
};

/** As `toggle`, of a flag that has to say which: what is true unless somebody says otherwise. */
export const truth: ValueKind<boolean> = {
  accepts: toggle.accepts,
  parse: toggle.parse,
  format: toggle.format,
};

/** Text that is not empty and holds no NUL, which no path and no host name may. */
export const text: ValueKind<string> = {
  accepts: 'text that is not empty',
  parse: (value) => (value.length > 0 && !value.includes('\0') ? value : undefined),
  format: (value) => value,
};

/** Words with commas between them; the empty text is no word. */
export const list: ValueKind<readonly string[]> = {
  accepts: 'words with commas between them',
  parse: (value) =>
    value
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word.length > 0),
  format: (value) => value.join(','),
};

/** A TCP port, 0 or off. */
export const port: ValueKind<PortSetting> = {
  accepts: 'a port from 1 to 65535, 0 for any free one, or off',
  parse: (value) => {
    if (value === 'off') return 'off';
    return inRange(parseWhole(value), { min: 0, max: 65_535 });
  },
  format: String,
};

/** Ports of Kafka listeners: a port alone, or `KEY=PORT` for other instances. */
export const kafkaPorts: ValueKind<KafkaPortSetting> = {
  accepts: `${port.accepts}; KEY=PORT for the instance KEY, with commas between`,
  parse: (value) => {
    const found = port.parse(value);
    if (found !== undefined) return found;
    // Without a key where it can be, so that a key with a comma in it is still one.
    const items = wholeMatches(/(?:(.+?)=)??(\d{1,5}|off)(?:,|$)/gy, value);
    const listeners = items?.map(([, key, text = '']) => ({
      instance: otherThanDefault(key),
      port: port.parse(text),
    }));
    if (listeners?.every(hasPort) !== true) return undefined;
    return listeners as readonly KafkaListenerSetting[];
  },
  format: (value) => {
    if (typeof value !== 'object') return port.format(value);
    return value.map((each) => `${prefixOf(each.instance)}${each.port}`).join(',');
  },
  isRepeatable: true,
};

/** Addresses that Kafka clients are told, by listener. */
export const kafkaAddresses: ValueKind<readonly KafkaAdvertisedSetting[]> = {
  accepts:
    'HOST:PORT for the default instance, KEY=HOST:PORT for another, :PORT=HOST:PORT for one ' +
    'listener, with commas between; an IPv6 address in brackets',
  parse: (value) => {
    if (value === '') return [];
    const items = wholeMatches(
      /(?:(.+?)=)??(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})(?:,|$)/giy,
      value,
    );
    return items?.every(hasAddress) === true ? items.map(toAdvertised) : undefined;
  },
  format: (value) =>
    value
      .map(({ listener, host, port: at }) => `${prefixOf(listener)}${bracketed(host)}:${at}`)
      .join(','),
  isRepeatable: true,
};

/** sync-each, no-fsync, or an interval such as 200ms. */
export const fsync: ValueKind<FsyncSetting> = {
  accepts: `sync-each, no-fsync, or an interval from 1ms to ${INTERVAL_MS_MAX}ms such as 200ms`,
  parse: (value) => {
    if (value === 'sync-each' || value === 'no-fsync') return { kind: value };
    const digits = /^(\d{1,5})ms$/.exec(value)?.[1];
    const intervalMs = inRange(digits === undefined ? undefined : Number(digits), {
      min: 1,
      max: INTERVAL_MS_MAX,
    });
    return intervalMs === undefined ? undefined : { kind: 'milliseconds', intervalMs };
  },
  format: (value) => (value.kind === 'milliseconds' ? `${value.intervalMs}ms` : value.kind),
};

/** strictly-at-once, or at-least-once with a number of records. */
export const readConsistency: ValueKind<ReadConsistencySetting> = {
  accepts: `strictly-at-once, or at-least-once:N with N from 1 to ${PERSIST_EVERY_MAX}`,
  parse: (value) => {
    if (value === 'strictly-at-once') return { kind: value };
    const digits = /^at-least-once:(\d{1,10})$/.exec(value)?.[1];
    const persistEvery = inRange(digits === undefined ? undefined : Number(digits), {
      min: 1,
      max: PERSIST_EVERY_MAX,
    });
    return persistEvery === undefined ? undefined : { kind: 'at-least-once', persistEvery };
  },
  format: (value) =>
    value.kind === 'at-least-once' ? `at-least-once:${value.persistEvery}` : value.kind,
};

/** The matches that together are the whole text; undefined where something else is between. */
function wholeMatches(pattern: RegExp, value: string): RegExpMatchArray[] | undefined {
  if (value === '' || value.endsWith(',')) return undefined;
  const matches = [...value.matchAll(pattern)].filter(([whole]) => whole !== '');
  const length = matches.reduce((sum, [whole]) => sum + whole.length, 0);
  return length === value.length ? matches : undefined;
}

function hasPort({ port: found }: { readonly port: PortSetting | undefined }): boolean {
  return found !== undefined;
}

function hasAddress([, , ipv6, , digits = '']: RegExpMatchArray): boolean {
  const isHost = ipv6 === undefined || isIP(ipv6) === 6;
  return isHost && inRange(parseWhole(digits), { min: 1, max: 65_535 }) !== undefined;
}

function toAdvertised([
  ,
  listener,
  ipv6,
  name = '',
  digits,
]: RegExpMatchArray): KafkaAdvertisedSetting {
  return { listener: otherThanDefault(listener), host: ipv6 ?? name, port: Number(digits) };
}

/** An instance's key; undefined for the default one, which has one, too. */
function otherThanDefault(key: string | undefined): string | undefined {
  return key === 'default' ? undefined : key;
}

function prefixOf(key: string | undefined): string {
  return key === undefined ? '' : `${key}=`;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function inRange(value: number | undefined, range: Range): number | undefined {
  return value !== undefined && value >= range.min && value <= range.max ? value : undefined;
}

function parseWhole(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function parseDuration(value: string): number | undefined {
  const match = /^(\d{1,12})(ms|s)?$/.exec(value);
  if (match === null) return undefined;
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

function parseBytes(value: string): number | undefined {
  const match = /^(\d{1,15})\s?(KiB|MiB|GiB)?$/i.exec(value);
  if (match === null) return undefined;
  const suffix = match[2]?.toLowerCase();
  const unit = SIZE_UNITS.find(([name]) => name.toLowerCase() === suffix)?.[1] ?? 1;
  const size = Number(match[1]) * unit;
  return Number.isSafeInteger(size) ? size : undefined;
}

function formatBytes(size: number): string {
  const unit = SIZE_UNITS.find(
    ([, bytesPerUnit]) => size >= bytesPerUnit && size % bytesPerUnit === 0,
  );
  return unit === undefined ? String(size) : `${size / unit[1]}${unit[0]}`;
}
