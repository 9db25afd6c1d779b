// `walrusmq reader read`: the seed's own read, from a terminal.
import { Option, type Command } from 'commander';
import type { Reader } from '@walrusmq/client';
import {
  RECORD_FORMATS,
  headLine,
  recordFormatter,
  type RecordFormat,
} from '../../output/record-format';
import { LineWriter, type Terminal } from '../../output/terminal';
import { wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readDuration } from '../topic/assignments';

const SIZE_MAX = 0x7fffffff;
const RECORDS_MAX = 2_000;
const WIDTH_WITHOUT_TERMINAL = 160;

interface ReadOptions extends ClientOptions {
  readonly partition?: number;
  readonly max?: number;
  readonly maxBytes?: number;
  readonly wait?: string;
  readonly checkpoint: boolean;
  readonly takeOver?: boolean;
  readonly format?: RecordFormat;
}

/** Adds the command to `walrusmq reader`. */
export function addReaderReadCommand(reader: Command, terminal: Terminal): void {
  withClientOptions(reader.command('read <reader> <topic>'))
    .description('print the next records behind a reader, which moves past them')
    .option('--partition <n>', 'of this partition only', wholeNumber('--partition', 0, 9_999))
    .option('--max <n>', 'at most so many records', wholeNumber('--max', 1, RECORDS_MAX))
    .option(
      '--max-bytes <n>',
      'at most so many bytes, or the first batch',
      wholeNumber('--max-bytes', 1, SIZE_MAX),
    )
    .option('--wait <duration>', 'for so long where there is none, as in 10s (default: not)')
    .option('--no-checkpoint', 'leave the reader where it stands: the next read gets the same')
    .option('--take-over', 'even while a connection has it attached, which then loses it')
    .addOption(
      new Option(
        '--format <format>',
        'json: all of the record; value: its bytes; table: for people (default value)',
      ).choices(RECORD_FORMATS),
    )
    .action((name: string, topic: string, options: ReadOptions) =>
      read(name, topic, options, terminal),
    );
}

async function read(
  name: string,
  topic: string,
  options: ReadOptions,
  terminal: Terminal,
): Promise<void> {
  const { partition, max: maxRecords, maxBytes, wait, checkpoint, takeOver } = options;
  const maxWaitMs = wait === undefined ? 0 : readDuration('--wait', wait);
  const { BrokerError, Reader: ReaderClass } = await import('@walrusmq/client');
  const reader: Reader = new ReaderClass({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-cli',
    reader: name,
    topic,
    partition,
    attach: takeOver === true ? 'take-over' : 'refuse',
    checkpoint,
    raw: true,
  });
  // Whoever closes it below is told of its error.
  const stop = (): void => void reader.close().catch(() => undefined);
  terminal.signal.addEventListener('abort', stop, { once: true });
  try {
    const { records, failures } = await reader.read({ maxRecords, maxBytes, maxWaitMs });
    const format = options.format ?? (options.json === true ? 'json' : 'value');
    const toLine = recordFormatter(format, terminal.stdout.columns ?? WIDTH_WITHOUT_TERMINAL);
    const writer = new LineWriter(terminal.stdout);
    const head = headLine(format);
    if (head !== undefined) await writer.write(head);
    for (const record of records) await writer.write(toLine(record));
    await writer.flush();
    const [failure] = failures;
    if (failure === undefined) return;
    throw new BrokerError(failure.code, `${topic}/${failure.partition}: ${failure.message}`);
  } finally {
    terminal.signal.removeEventListener('abort', stop);
    await reader.close();
  }
}
