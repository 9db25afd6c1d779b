// Every setting of the broker, once. The command line builds its flags and its help from this
// table.
import { groupSettingRows, type BrokerGroupSettings } from './group-setting-rows';
import {
  bytes,
  choice,
  count,
  fsync,
  kafkaAddresses,
  kafkaPorts,
  list,
  milliseconds,
  orUnlimited,
  port,
  readConsistency,
  text,
  toggle,
  truth,
  type FsyncSetting,
  type KafkaAdvertisedSetting,
  type KafkaPortSetting,
  type PortSetting,
  type ReadConsistencySetting,
  type SettingRow,
} from './setting-values';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const DAY_MS = 24 * 3_600_000;
/** About 31 years. */
const MAX_MS = 10 ** 12 - 1;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
export type TimestampTypeSetting = 'CreateTime' | 'LogAppendTime';
export type LogFormat = 'auto' | 'json' | 'pretty';

/** What one broker runs with. Sizes are bytes, durations milliseconds. */
export interface BrokerSettings extends BrokerGroupSettings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: PortSetting;
  readonly wsPort: PortSetting;
  readonly kafkaPort: KafkaPortSetting;
  readonly kafkaAdvertised: readonly KafkaAdvertisedSetting[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly insecure: boolean;
  readonly fsync: FsyncSetting;
  readonly readConsistency: ReadConsistencySetting;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly frameBytesMax: number;
  readonly batchBytesMax: number;
  readonly fetchBytesMax: number;
  readonly connectionRequestsMax: number;
  readonly connectionBytesMax: number;
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
  readonly pushBytesMax: number;
  readonly queuedBytesMax: number;
  readonly diskFreeBytesMin: number;
  readonly blockBytes: number;
  readonly blocksPerFile: number;
  readonly producerIdExpirationMs: number;
  readonly topicsMax: number;
  readonly partitionsMax: number;
  readonly autoCreateTopics: boolean;
  readonly kafkaAutoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly retentionConsumed: boolean;
  readonly retentionIntervalMs: number;
  readonly segmentMs: number;
  readonly messageTimestampType: TimestampTypeSetting;
  readonly helloTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** One row of the table: everything that a reader, a flag and a help text need to know. */
export interface Setting<Value = unknown> {
  readonly name: keyof BrokerSettings;
  /** The long flag, dashes included. */
  readonly flag: string;
  /** What stands for the value in help, or undefined for a flag that takes none. */
  readonly placeholder: string | undefined;
  /** Whether the flag may be given several times. */
  readonly isRepeatable: boolean;
  readonly variable: string;
  /** The default, shown as a person would write it. */
  readonly defaultText: string;
  readonly defaultValue: Value;
  /** The values that are accepted, as the end of "expected …". */
  readonly accepts: string;
  /** One sentence. */
  readonly summary: string;
  /** The value that the text stands for, or undefined when it stands for none. */
  readonly parse: (text: string) => Value | undefined;
  /** A value as a person would write it. */
  readonly format: (value: Value) => string;
}

type Rows = { readonly [Name in keyof BrokerSettings]: SettingRow<BrokerSettings[Name]> };

const rows: Rows = {
  dataDir: {
    kind: text,
    default: 'wal_files',
    placeholder: 'DIR',
    variable: 'WALRUS_DATA_DIR',
    summary: 'Directory of the log; created when it is missing.',
  },
  host: {
    kind: text,
    default: '127.0.0.1',
    placeholder: 'HOST',
    summary: 'Address to listen on; anything but loopback needs --insecure.',
  },
  port: {
    kind: port,
    default: 9192,
    placeholder: 'PORT',
    summary: 'Port of the msgpack protocol: a port, 0 for any free one, or off.',
  },
  wsPort: {
    kind: port,
    default: 9193,
    placeholder: 'PORT',
    summary: 'Port of WebSocket, /metrics and /health; 0 by default where --port is 0.',
  },
  kafkaPort: {
    kind: kafkaPorts,
    default: 9092,
    placeholder: 'PORT',
    summary: 'Port of the Kafka protocol, KEY=PORT for other instances; 0 where --port is 0.',
  },
  kafkaAdvertised: {
    kind: kafkaAddresses,
    default: [],
    placeholder: 'HOST:PORT',
    summary: 'What Kafka clients are told to connect to, if not the address that they came by.',
  },
  allowedHosts: {
    kind: list,
    default: [],
    placeholder: 'NAMES',
    summary: 'Names, beside addresses and localhost, that HTTP and WebSocket may be asked for by.',
  },
  allowedOrigins: {
    kind: list,
    default: [],
    placeholder: 'ORIGINS',
    summary: 'Origins whose pages may use HTTP and WebSocket, as https://a.example; * is any.',
  },
  insecure: {
    kind: toggle,
    default: false,
    summary: 'Listen beyond loopback although nobody has to authenticate.',
  },
  fsync: {
    kind: fsync,
    default: { kind: 'sync-each' },
    placeholder: 'SCHEDULE',
    summary: 'When records reach the disk: sync-each, no-fsync, or every so many ms (200ms).',
  },
  readConsistency: {
    kind: readConsistency,
    default: { kind: 'strictly-at-once' },
    placeholder: 'WHEN',
    summary: 'When read saves the reader: strictly-at-once, or every N records (at-least-once:N).',
  },
  connectionsMax: {
    kind: count({ min: 1, max: 1_000_000 }),
    default: 4096,
    placeholder: 'COUNT',
    summary: 'Connections served at a time; one more is refused with BUSY.',
  },
  connectionsPerAddressMax: {
    kind: orUnlimited(count({ min: 1, max: 1_000_000 })),
    default: -1,
    placeholder: 'COUNT',
    summary: 'Of these, connections of clients that come from one address.',
  },
  frameBytesMax: {
    kind: bytes({ min: 4 * KIB, max: GIB }),
    default: 64 * MIB,
    placeholder: 'BYTES',
    summary: 'Largest request frame that is read.',
  },
  batchBytesMax: {
    kind: bytes({ min: KIB, max: 512 * MIB }),
    default: MIB + 12,
    placeholder: 'BYTES',
    summary: 'Largest record batch of a topic that does not set max.message.bytes.',
  },
  fetchBytesMax: {
    kind: bytes({ min: 64 * KIB, max: 512 * MIB }),
    default: 16 * MIB,
    placeholder: 'BYTES',
    summary: 'Most record bytes in one fetch reply, whatever the client asks for.',
  },
  connectionRequestsMax: {
    kind: count({ min: 1, max: 100_000 }),
    default: 512,
    placeholder: 'COUNT',
    summary: 'Requests of one connection that are worked on at a time; the rest wait unread.',
  },
  connectionBytesMax: {
    kind: bytes({ min: 64 * KIB, max: 4 * GIB }),
    default: 16 * MIB,
    placeholder: 'BYTES',
    summary: 'Bytes of requests and unsent replies that one connection may hold.',
  },
  requestBytesMax: {
    kind: bytes({ min: MIB, max: 64 * GIB }),
    default: 128 * MIB,
    placeholder: 'BYTES',
    summary: 'Bytes of requests that all connections together may hold; the rest waits unread.',
  },
  replyBytesMax: {
    kind: bytes({ min: MIB, max: 64 * GIB }),
    default: 128 * MIB,
    placeholder: 'BYTES',
    summary: 'Bytes of unsent replies of all connections, from which on a fetch gets 64 KiB.',
  },
  pushBytesMax: {
    kind: bytes({ min: MIB, max: 64 * GIB }),
    default: 64 * MIB,
    placeholder: 'BYTES',
    summary: 'Bytes pushed to subscribers that all connections together may hold unsent.',
  },
  queuedBytesMax: {
    kind: bytes({ min: MIB, max: 64 * GIB }),
    default: 256 * MIB,
    placeholder: 'BYTES',
    summary: 'Bytes that may wait to be written to the log; beyond it produce answers BUSY.',
  },
  diskFreeBytesMin: {
    kind: bytes({ min: 0, max: 1024 * GIB }),
    default: 64 * MIB,
    placeholder: 'BYTES',
    summary: 'Free disk space below which produce answers NO_SPACE; commits and deletions go on.',
  },
  blockBytes: {
    kind: bytes({ min: 4 * KIB, max: GIB }),
    default: 10 * MIB,
    placeholder: 'BYTES',
    summary: 'Size of a block of a new log file.',
  },
  blocksPerFile: {
    kind: count({ min: 1, max: 10_000 }),
    default: 100,
    placeholder: 'COUNT',
    summary: 'Blocks in a new log file.',
  },
  producerIdExpirationMs: {
    kind: milliseconds({ min: 1, max: 3_155_760_000_000 }),
    default: 86_400_000,
    placeholder: 'MS',
    summary: 'How long a partition remembers an idempotent producer after its last batch.',
  },
  topicsMax: {
    kind: count({ min: 1, max: 1_000_000 }),
    default: 20_000,
    placeholder: 'COUNT',
    summary: 'Most topics of an instance.',
  },
  partitionsMax: {
    kind: count({ min: 1, max: 1_000_000 }),
    default: 50_000,
    placeholder: 'COUNT',
    summary: 'Most partitions of all topics of an instance together.',
  },
  autoCreateTopics: {
    kind: toggle,
    default: false,
    summary: 'Create a topic when somebody produces to one that does not exist.',
  },
  kafkaAutoCreateTopics: {
    kind: truth,
    default: true,
    placeholder: 'true|false',
    summary: 'Create a topic when a Kafka client asks for one that does not exist, as Kafka does.',
  },
  defaultPartitions: {
    kind: count({ min: 1, max: 10_000 }),
    default: 1,
    placeholder: 'COUNT',
    summary: 'Partitions of a new topic whose creator does not say.',
  },
  retentionMs: {
    kind: orUnlimited(milliseconds({ min: 0, max: MAX_MS })),
    default: 7 * DAY_MS,
    placeholder: 'MS',
    summary: 'How long records are kept in a topic that does not set retention.ms.',
  },
  retentionBytes: {
    kind: orUnlimited(bytes({ min: 0, max: 1024 * 1024 * GIB })),
    default: -1,
    placeholder: 'BYTES',
    summary: 'Bytes that a partition keeps in a topic that does not set retention.bytes.',
  },
  retentionConsumed: {
    kind: toggle,
    default: false,
    summary: 'Free early what every pin has passed, in topics without retention.consumed.',
  },
  retentionIntervalMs: {
    kind: milliseconds({ min: 10, max: DAY_MS }),
    default: 30_000,
    placeholder: 'MS',
    summary: 'How often the broker looks for records that are not to be kept any longer.',
  },
  segmentMs: {
    kind: milliseconds({ min: 100, max: MAX_MS }),
    default: 7 * DAY_MS,
    placeholder: 'MS',
    summary: 'Age at which an open block is sealed in a topic that does not set segment.ms.',
  },
  messageTimestampType: {
    kind: choice('CreateTime', 'LogAppendTime'),
    default: 'CreateTime',
    placeholder: 'TYPE',
    summary: 'Whose clock stamps records in a topic without message.timestamp.type.',
  },
  ...groupSettingRows,
  helloTimeoutMs: {
    kind: milliseconds({ min: 100, max: 600_000 }),
    default: 10_000,
    placeholder: 'MS',
    summary: 'How long a new connection may take to say hello.',
  },
  stallTimeoutMs: {
    kind: milliseconds({ min: 100, max: 3_600_000 }),
    default: 60_000,
    placeholder: 'MS',
    summary: 'How long a frame may stay half sent, or a reply unread, before the broker hangs up.',
  },
  stopTimeoutMs: {
    kind: milliseconds({ min: 100, max: 600_000 }),
    default: 7_000,
    placeholder: 'MS',
    summary: 'How long a stop waits for requests in flight.',
  },
  logLevel: {
    kind: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    placeholder: 'LEVEL',
    summary: 'Least important log line that is written to stderr.',
  },
  logFormat: {
    kind: choice('auto', 'json', 'pretty'),
    default: 'auto',
    placeholder: 'FORMAT',
    summary: 'Log lines as JSON, for people, or by whether stderr is a terminal.',
  },
};

/** The settings in the order in which help shows them. */
export const settingsTable: readonly Setting[] = Object.entries(rows).map(([name, row]) =>
  toSetting(name as keyof BrokerSettings, row as SettingRow<unknown>),
);

/** What a broker runs with when nothing is said. */
export const defaultSettings: BrokerSettings = Object.freeze(
  Object.fromEntries(settingsTable.map((setting) => [setting.name, setting.defaultValue])),
) as unknown as BrokerSettings;

function toSetting(name: keyof BrokerSettings, row: SettingRow<unknown>): Setting {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    name,
    flag: `--${words}`,
    placeholder: row.kind.isSwitch === true ? undefined : row.placeholder,
    isRepeatable: row.kind.isRepeatable === true,
    variable: row.variable ?? `WALRUSMQ_${words.replaceAll('-', '_').toUpperCase()}`,
    defaultText: row.kind.format(row.default),
    defaultValue: row.default,
    accepts: row.kind.accepts,
    summary: row.summary,
    parse: row.kind.parse,
    format: row.kind.format,
  };
}
