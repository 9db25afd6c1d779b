// kcat, driven by the suites: one run of it per command.
import { EVERYTHING } from '../client-programs';
import {
  ClientError,
  type ClientCommands,
  type ClientDefinition,
  type ClientUnderTest,
  type ClusterSeen,
  type Codec,
  type CommandName,
  type Header,
  type ProduceRequest,
  type ReceivedRecord,
  type RecordToProduce,
} from '../client-under-test';
import { runKcat } from './kcat-process';

type Request<Name extends CommandName> = Parameters<ClientCommands[Name]>[0];

const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const COMMANDS = [
  ...(['produce', 'produceTransaction', 'read'] as const),
  ...(['listTopics', 'describeTopic', 'listOffset', 'describeCluster'] as const),
];
/** What librdkafka says of the errors that the suites ask for. */
const KAFKA_CODES: readonly (readonly [text: string, code: number])[] = [
  ['Broker: Message size too large', 10],
  ['Broker: Unknown topic or partition', 3],
  ['Broker: Transactional Id authorization failed', 53],
];
const CODECS: Readonly<Record<Codec, readonly string[]>> = {
  none: [],
  gzip: ['-z', 'gzip'],
  snappy: ['-z', 'snappy'],
  lz4: ['-z', 'lz4'],
  zstd: ['-z', 'zstd'],
};

interface PrintedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly ts: number;
  /** Names and values in turn. */
  readonly headers?: readonly string[];
  readonly key: string | null;
  readonly payload: string | null;
}

interface PrintedCluster {
  readonly controllerid: number;
  readonly brokers: readonly { readonly id: number; readonly name: string }[];
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly unknown[] }[];
}

type Commands = Pick<ClientCommands, (typeof COMMANDS)[number]>;

/**
 * Its groups commit when they like and its partitions are not to be asked for, so that it has no
 * members here: kcat-commands.spec.ts has those.
 */
export const KCAT: ClientDefinition = {
  name: 'kcat',
  capabilities: {
    ...EVERYTHING,
    commands: COMMANDS,
    partitioner: 'other',
    timestamps: false,
    headers: 'strings',
    valueBytesMax: 8 * 1024 * 1024,
    binary: false,
    assignors: [],
    staticMembers: false,
  },
  start: async ({ kafka }) => {
    const { stdout } = await runKcat(kafka, ['-V']);
    const version = /Version (\S+).*librdkafka (\S+)/.exec(stdout);
    if (version === null) throw new Error(`kcat -V says no version: ${stdout}`);
    return kcatClient(new Kcat(kafka), `${version[1]} (librdkafka ${version[2]})`);
  },
};

/** Whatever it is not able to do is refused. */
function kcatClient(kcat: Commands, version: string): ClientUnderTest {
  const known: Partial<ClientUnderTest> = {
    version,
    stop: () => Promise.resolve(),
    produce: (request) => kcat.produce(request),
    produceTransaction: (request) => kcat.produceTransaction(request),
    read: (request) => kcat.read(request),
    listTopics: () => kcat.listTopics(),
    describeTopic: (request) => kcat.describeTopic(request),
    listOffset: (request) => kcat.listOffset(request),
    describeCluster: () => kcat.describeCluster(),
  };
  return new Proxy(known, {
    get: (target, name) => {
      // A promise that resolves with it asks for `then`.
      if (name === 'then' || name in target) return Reflect.get(target, name) as unknown;
      return () => Promise.reject(new ClientError(`kcat has no command ${String(name)}`, null));
    },
  }) as ClientUnderTest;
}

class Kcat implements Commands {
  constructor(private readonly bootstrap: string) {}

  /** One run for all records that differ in key and value only, which is what its flags allow. */
  async produce(request: ProduceRequest): Promise<null> {
    for (const { records, flags } of runsOf(request.records)) {
      const args = [
        ...['-P', '-t', request.topic, '-K', '\\t', ...CODECS[request.codec]],
        ...['-X', `acks=${request.acks}`, '-X', `enable.idempotence=${request.idempotent}`],
        ...['-X', `message.max.bytes=${MESSAGE_BYTES_MAX}`, '-X', 'linger.ms=20', ...flags],
      ];
      await this.run(args, records.map(lineOf).join('\n'));
    }
    return null;
  }

  async produceTransaction(request: Request<'produceTransaction'>): Promise<void> {
    const { topic, transactionalId } = request;
    const args = ['-P', '-t', topic, '-X', `transactional.id=${transactionalId}`];
    await this.run(args, 'in a transaction');
  }

  async read({
    topic,
    partition,
    offset,
    count,
    withinMs,
  }: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const place = ['-t', topic, '-p', String(partition), '-o', String(offset)];
    const args = ['-C', '-J', '-q', ...place, '-c', String(count)];
    const printed = linesOf(await this.run(args, '', withinMs)).map(
      (line) => JSON.parse(line) as PrintedRecord,
    );
    if (printed.length < count) {
      throw new ClientError(`${printed.length} of ${count} records came`, null);
    }
    return printed.map(receivedRecord);
  }

  async listTopics(): Promise<readonly string[]> {
    const { topics } = await this.list();
    return topics.map(({ topic }) => topic);
  }

  async describeTopic({ topic }: Request<'describeTopic'>): Promise<number> {
    const { topics } = await this.list('-t', topic);
    const described = topics.find((each) => each.topic === topic);
    if (described === undefined) throw new ClientError(`kcat lists no topic ${topic}`, 3);
    return described.partitions.length;
  }

  async listOffset({ topic, partition, at }: Request<'listOffset'>): Promise<number> {
    const time = at === 'earliest' ? -2 : at === 'latest' ? -1 : at;
    const printed = await this.run(['-Q', '-t', `${topic}:${partition}:${time}`]);
    const offset = /offset (-?\d+)$/m.exec(printed)?.[1];
    if (offset === undefined) throw new ClientError(`kcat -Q told no offset: ${printed}`, null);
    return Number(offset);
  }

  async describeCluster(): Promise<ClusterSeen> {
    const { brokers, controllerid } = await this.list();
    const seen = brokers.map(({ id, name }) => {
      const colon = name.lastIndexOf(':');
      return { id, host: name.slice(0, colon), port: Number(name.slice(colon + 1)) };
    });
    return { brokers: seen, controllerId: controllerid, clusterId: null };
  }

  private async list(...more: readonly string[]): Promise<PrintedCluster> {
    return JSON.parse(await this.run(['-L', '-J', ...more])) as PrintedCluster;
  }

  private async run(args: readonly string[], input?: string, withinMs?: number): Promise<string> {
    const { code, stdout, stderr } = await runKcat(this.bootstrap, args, input, withinMs);
    if (code === 0 && !stderr.includes('ERROR')) return stdout;
    const known = KAFKA_CODES.find(([text]) => stderr.includes(text));
    const ending = `kcat ended with ${String(code)}: ${stderr}`;
    throw new ClientError(ending, known?.[1] ?? null);
  }
}

interface Run {
  readonly records: RecordToProduce[];
  readonly flags: readonly string[];
}

/** The runs that write these records, in the order of each partition. */
function runsOf(records: readonly RecordToProduce[]): readonly Run[] {
  const runs: Run[] = [];
  const last = new Map<number | null, { readonly key: string; readonly run: Run }>();
  for (const record of records) {
    const { partition } = record;
    const flags = [
      ...(partition === null ? [] : ['-p', String(partition)]),
      ...record.headers.flatMap((header) => ['-H', headerText(header)]),
      ...(needsNulls(record) ? ['-Z'] : []),
    ];
    const key = JSON.stringify(flags);
    const open = last.get(partition);
    if (open?.key === key) {
      open.run.records.push(record);
      continue;
    }
    const run = { records: [record], flags };
    runs.push(run);
    last.set(partition, { key, run });
  }
  return runs;
}

/** Whether -Z has to turn what is empty into null. */
function needsNulls({ key, value }: RecordToProduce): boolean {
  return value === null && (key === null || key.length > 0);
}

function headerText({ name, value }: Header): string {
  if (value === null) throw new ClientError('kcat has no null headers', null);
  return `${name}=${value.toString('ascii')}`;
}

/**
 * A line for -K '\t': without a tab there is no key, and an empty line is no record at all.
 */
function lineOf(record: RecordToProduce): string {
  const { key, value } = record;
  const hasLine = key !== null || value === null || value.length > 0;
  if (!hasLine || (value === null && key?.length === 0)) {
    throw new ClientError('kcat cannot write such a mixture of null and empty', null);
  }
  if (key === null && value !== null) return value.toString('latin1');
  return `${key?.toString('latin1') ?? ''}\t${value?.toString('latin1') ?? ''}`;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function receivedRecord(printed: PrintedRecord): ReceivedRecord {
  const { topic, partition, offset, ts, headers = [], key, payload } = printed;
  return {
    topic,
    partition,
    offset,
    key: key === null ? null : Buffer.from(key),
    value: payload === null ? null : Buffer.from(payload),
    headers: pairsOf(headers),
    timestampMs: ts,
  };
}

function pairsOf(flat: readonly string[]): readonly Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, value] = [flat[at], flat[at + 1]];
    if (name !== undefined && value !== undefined) pairs.push({ name, value: Buffer.from(value) });
  }
  return pairs;
}
