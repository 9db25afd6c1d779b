import { Option, type Command } from 'commander';
import type { Admin, StartPosition } from '@walrusmq/client';
import { CliError, ExitCode, describeError } from '../cli-error';
import { outageNotices } from '../output/outage-notices';
import {
  RECORD_FORMATS,
  headLine,
  recordFormatter,
  type RecordFormat,
} from '../output/record-format';
import { counted } from '../output/tables';
import { LineWriter, type Terminal } from '../output/terminal';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from './client-options';
import { readMoment } from './topic/assignments';

interface ConsumeOptions extends ClientOptions {
  readonly fromBeginning?: boolean;
  readonly fromOffset?: number;
  readonly fromTime?: number;
  readonly exitAtEnd?: boolean;
  readonly reader?: string;
  readonly group?: string;
  readonly groupProtocol?: 'consumer' | 'classic';
  readonly partition?: number;
  readonly max?: number;
  readonly format?: RecordFormat;
}

const WIDTH_WITHOUT_TERMINAL = 160;

/** `walrusmq consume TOPIC`. */
export function addConsumeCommand(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('consume <topic>'))
    .description('print the records of a topic')
    .option('--from-beginning', 'start at the first record kept (default: at the next one to come)')
    .option(
      '--from-offset <n>',
      'start at this offset',
      wholeNumber('--from-offset', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--from-time <time>',
      'start at the first record that is not older, as in 2026-05-01T12:00:00Z, or milliseconds',
      (text: string) => readMoment('--from-time', text),
    )
    .option('--exit-at-end', 'stop at the end that the topic has now instead of waiting for more')
    .option('--reader <name>', 'read as a named reader: go on where it was, save where it got to')
    .option('--group <name>', 'read as a member of a consumer group, which shares the partitions')
    .addOption(
      new Option(
        '--group-protocol <protocol>',
        'with --group: who assigns the partitions, the broker or (classic) one of the members',
      ).choices(['consumer', 'classic']),
    )
    .option('--partition <n>', 'read this partition only', wholeNumber('--partition', 0, 9_999))
    .option(
      '--max <n>',
      'stop after this many records',
      wholeNumber('--max', 1, Number.MAX_SAFE_INTEGER),
    )
    .addOption(
      new Option(
        '--format <format>',
        'json: all of the record; value: its bytes; table: for people (default value)',
      ).choices(RECORD_FORMATS),
    )
    .addHelpText('after', '\nA named reader, or a group, that has a position ignores --from-….')
    .action((topic: string, options: ConsumeOptions) => consume(topic, options, terminal));
}

async function checkReader(name: string): Promise<void> {
  const { checkReaderName } = await import('@walrusmq/protocol');
  try {
    checkReaderName(name);
  } catch (error) {
    throw new CliError(`--reader: ${describeError(error)}`, ExitCode.usage, { cause: error });
  }
}

function startOf(options: ConsumeOptions): StartPosition {
  const given = [options.fromBeginning, options.fromOffset, options.fromTime];
  if (given.filter((value) => value !== undefined).length > 1) {
    throw new CliError(
      'give one of --from-beginning, --from-offset and --from-time',
      ExitCode.usage,
    );
  }
  if (options.fromBeginning === true) return 'earliest';
  if (options.fromOffset !== undefined) return { offset: options.fromOffset };
  if (options.fromTime !== undefined) return { timestamp: options.fromTime };
  return 'latest';
}

/** A member of a group does not choose what it reads. */
function checkGroup(options: ConsumeOptions): void {
  const { group, groupProtocol, reader, partition, exitAtEnd } = options;
  if (group === undefined) {
    if (groupProtocol === undefined) return;
    throw new CliError('--group-protocol needs a group: give --group', ExitCode.usage);
  }
  if (reader !== undefined) {
    throw new CliError('give one of --reader and --group', ExitCode.usage);
  }
  if (partition !== undefined) {
    throw new CliError('--partition: the group decides who reads which partition', ExitCode.usage);
  }
  if (exitAtEnd === true) {
    const text = '--exit-at-end: other members of the group may have what is left; use --max';
    throw new CliError(text, ExitCode.usage);
  }
}

async function consume(topic: string, options: ConsumeOptions, terminal: Terminal): Promise<void> {
  const from = startOf(options);
  checkGroup(options);
  if (options.reader !== undefined) await checkReader(options.reader);
  // A missing broker, topic or partition is told at once, before the consumer starts to wait for
  // it.
  const ahead = await withAdmin(options, terminal.signal, (admin) =>
    openEnds(admin, topic, options, from),
  );
  if (options.exitAtEnd === true && ahead.size === 0) return;
  const format = options.format ?? (options.json === true ? 'json' : 'value');
  const width = terminal.stdout.columns ?? WIDTH_WITHOUT_TERMINAL;
  const toLine = recordFormatter(format, width);
  const writer = new LineWriter(terminal.stdout);
  const head = headLine(format);
  if (head !== undefined) await writer.write(head);

  const { Consumer } = await import('@walrusmq/client');
  const done = new AbortController();
  const consumer = new Consumer({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-consume',
    topics: [options.partition === undefined ? topic : { topic, partitions: [options.partition] }],
    reader: options.reader,
    group: options.group,
    groupProtocol: options.groupProtocol,
    from,
    raw: true,
    onRetry: outageNotices(terminal.stderr),
    signal: AbortSignal.any([done.signal, writer.closed, terminal.signal]),
  });
  let left = options.max ?? Number.POSITIVE_INFINITY;
  try {
    // With --max the rest of a batch is not finished, so records are taken one by one.
    for await (const record of consumer) {
      const waiting = writer.write(toLine(record));
      if (waiting !== undefined) await waiting;
      left -= 1;
      if (record.offset + 1 >= (ahead.get(record.partition) ?? Infinity))
        ahead.delete(record.partition);
      if (left === 0) break;
      if (options.exitAtEnd === true && ahead.size === 0) break;
    }
    await writer.flush();
    // Interrupted, the consumer has closed itself and saved what was printed.
    const savesProgress = options.reader !== undefined || options.group !== undefined;
    if (savesProgress && !terminal.signal.aborted) await consumer.commit();
  } finally {
    done.abort();
    await consumer.close();
  }
}

/** The partitions that hold records between the start and the end they have now, with that end. */
async function openEnds(
  admin: Admin,
  topic: string,
  options: ConsumeOptions,
  from: StartPosition,
): Promise<Map<number, number>> {
  const described = await admin.describeTopic(topic);
  const partitions = described.partitions.filter(
    ({ partition }) => options.partition === undefined || partition === options.partition,
  );
  if (partitions.length === 0) {
    throw new CliError(
      `${topic} has ${counted(described.partitions.length, 'partition')} ` +
        `and no number ${String(options.partition)}`,
    );
  }
  const numbers = partitions.map(({ partition }) => partition);
  const starts = await startOffsets(admin, topic, numbers, from);
  if (options.reader !== undefined) {
    const asked = numbers.map((partition) => ({ topic, partition }));
    for (const { partition, offset } of await admin.readerOffsets(options.reader, asked)) {
      if (offset !== null) starts.set(partition, offset);
    }
  }
  const ends = partitions.map(({ partition, readableEnd }) => [partition, readableEnd] as const);
  return new Map(ends.filter(([partition, end]) => (starts.get(partition) ?? 0) < end));
}

async function startOffsets(
  admin: Admin,
  topic: string,
  partitions: readonly number[],
  from: StartPosition,
): Promise<Map<number, number>> {
  if (typeof from === 'object' && 'offset' in from) {
    return new Map(partitions.map((partition) => [partition, from.offset]));
  }
  const at = typeof from === 'object' ? from.timestamp : from;
  const found = await admin.listOffsets(topic, { at, partitions });
  return new Map(found.map(({ partition, offset }) => [partition, offset]));
}
