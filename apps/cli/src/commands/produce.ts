import { Option, type Command } from 'commander';
import type { Admin, Producer } from '@walrusmq/client';
import { COMPRESSIONS, COMPRESSION_LEVELS, type Compression } from '@walrusmq/record-batch';
import { CliError, ExitCode, describeError, exitCodeOf } from '../cli-error';
import { INPUT_FORMATS, openRecordSource, type InputFormat } from '../input/record-source';
import { startProgress } from '../output/progress';
import { LineWriter, type Terminal } from '../output/terminal';
import { counted, grouped, sizeText } from '../output/tables';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from './client-options';
import type { Sending } from './sending';

const LINE_BYTES_MAX = 64 * 1024 * 1024;
/** What a batch of one record has beside its key and value, at most. */
const RECORD_OVERHEAD_BYTES = 96;

interface ProduceOptions extends ClientOptions {
  readonly file?: string;
  readonly input: InputFormat;
  readonly key?: string;
  readonly partition?: number;
  readonly acks: 'all' | '1' | '0';
  readonly compression: Compression;
  readonly compressionLevel?: number;
}

/** `walrusmq produce TOPIC`. */
export function addProduceCommand(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('produce <topic>'))
    .description('send the records of a file or of standard input')
    .option('--file <path>', 'NDJSON, JSON array, CSV or text file; - or nothing is standard input')
    .addOption(
      new Option(
        '--input <format>',
        'format of the input; auto goes by the file name, standard input is ndjson',
      )
        .choices(INPUT_FORMATS)
        .default('auto'),
    )
    .option('--key <field>', 'top-level field whose value becomes the key of the record')
    .option(
      '--partition <n>',
      'send everything to this partition',
      wholeNumber('--partition', 0, 9_999),
    )
    .addOption(
      new Option('--acks <acks>', 'all: synced by the schedule; 1: written; 0: no answer')
        .choices(['all', '1', '0'])
        .default('all'),
    )
    .addOption(
      new Option('--compression <codec>', 'codec of the batches')
        .choices(COMPRESSIONS)
        .default('none'),
    )
    .option(
      '--compression-level <n>',
      'gzip: 1 to 9 (default 6); zstd: 1 to 19 (default 3)',
      wholeNumber('--compression-level', 1, 19),
    )
    .action((topic: string, options: ProduceOptions) => produce(topic, options, terminal));
}

async function produce(topic: string, options: ProduceOptions, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  checkLevel(options);
  const source = await openRecordSource(
    {
      file: options.file,
      format: options.input,
      keyField: options.key,
      lineBytesMax: LINE_BYTES_MAX,
      signal,
    },
    terminal.stdin,
  );
  // A missing broker or topic is told at once, before the producer starts to wait for them.
  const limit = await withAdmin(options, (admin) => checkTarget(admin, topic, options));
  // Loaded now: it brings the SDK, which would slow the start of every other command.
  const { Sending } = await import('./sending.js');
  const producer = await openProducer(options);
  const startedAt = performance.now();
  const progress = startProgress(terminal, source.totalBytes);
  const sending = new Sending(producer, (records) => progress.update(source.bytesRead(), records));
  try {
    for await (const { key, value, headers, where } of source.records) {
      if (signal.aborted) break;
      checkSize(value.length + (key?.length ?? 0), limit, where);
      await sending.add({ topic, key, value, headers, partition: options.partition, where });
    }
    signal.throwIfAborted();
    await sending.finish();
    progress.stop();
  } catch (error) {
    progress.stop();
    await sending.settle();
    throw withCount(error, sending.acknowledged, signal);
  } finally {
    await producer.close();
  }
  await printSummary(terminal, options, topic, sending, (performance.now() - startedAt) / 1000);
}

function checkLevel({ compression, compressionLevel: level }: ProduceOptions): void {
  if (level === undefined) return;
  const levels = COMPRESSION_LEVELS[compression];
  if (levels !== undefined && level <= levels.max) return;
  const what = levels === undefined ? 'no levels' : `levels from ${levels.min} to ${levels.max}`;
  throw new CliError(
    `--compression-level ${level}: --compression ${compression} has ${what}`,
    ExitCode.usage,
  );
}

/** @returns The largest batch that the broker takes; infinite when it counts compressed. */
async function checkTarget(admin: Admin, topic: string, options: ProduceOptions): Promise<number> {
  await admin.describeTopics([topic], { autoCreate: true });
  const { partitions, configs } = await admin.describeTopic(topic);
  const { partition } = options;
  if (partition !== undefined && partition >= partitions.length) {
    throw new CliError(
      `${topic} has no partition ${partition}; --partition must be below ${partitions.length}`,
    );
  }
  if (options.compression !== 'none') return Number.POSITIVE_INFINITY;
  return Number(configs.find(({ name }) => name === 'max.message.bytes')?.value);
}

async function openProducer(options: ProduceOptions): Promise<Producer> {
  const { Producer } = await import('@walrusmq/client');
  return new Producer({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-produce',
    acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
    compression: options.compression,
    compressionLevel: options.compressionLevel,
  });
}

function checkSize(bytes: number, batchBytesMax: number, where: string): void {
  if (bytes + RECORD_OVERHEAD_BYTES <= batchBytesMax) return;
  throw new CliError(
    `${where} has ${grouped(bytes)} bytes, more than the broker takes in one batch ` +
      `(${grouped(batchBytesMax)}); raise its --batch-bytes-max or make the record smaller`,
  );
}

function withCount(error: unknown, acknowledged: number, signal: AbortSignal): CliError {
  const reason = signal.aborted ? 'interrupted' : describeError(error);
  const exitCode = signal.aborted ? ExitCode.interrupted : exitCodeOf(error);
  const count = counted(acknowledged, 'acknowledged record');
  return new CliError(`${reason} (after ${count})`, exitCode, { cause: error });
}

async function printSummary(
  terminal: Terminal,
  options: ProduceOptions,
  topic: string,
  { acknowledged, bytes }: Sending,
  seconds: number,
): Promise<void> {
  if (options.json === true) {
    const writer = new LineWriter(terminal.stdout);
    await writer.write(JSON.stringify({ topic, records: acknowledged, bytes, seconds }));
    await writer.flush();
    return;
  }
  const rate = `${grouped(Math.round(acknowledged / seconds))} records/s`;
  terminal.stderr.write(
    `${counted(acknowledged, 'record')} (${sizeText(bytes)}) to ${topic}: ` +
      `${rate}, ${sizeText(bytes / seconds)}/s\n`,
  );
}
