import { Option, type Command } from 'commander';
import type { Producer, ProducerRecord } from '@walrusmq/client';
import { CliError, describeError } from '../cli-error';
import { INPUT_FORMATS, openRecordSource, type InputFormat } from '../input/record-source';
import { startProgress } from '../output/progress';
import { LineWriter, type Terminal } from '../output/terminal';
import { grouped, sizeText } from '../output/tables';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from './client-options';

const LINE_BYTES_MAX = 64 * 1024 * 1024;
/** Records handed to the producer at once, and how many such runs may wait for their answer. */
const RUN_RECORDS = 1_000;
const RUN_BYTES = 512 * 1024;
const RUNS_IN_FLIGHT_MAX = 16;

interface ProduceOptions extends ClientOptions {
  readonly file?: string;
  readonly input: InputFormat;
  readonly key?: string;
  readonly partition?: number;
  readonly acks: 'all' | '1' | '0';
  readonly compression: 'none' | 'gzip';
}

/** `walrusmq produce TOPIC`. */
export function addProduceCommand(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('produce <topic>'))
    .description('send the records of a file or of standard input')
    .option('--file <path>', 'NDJSON, JSON array, CSV or text file; - or nothing is standard input')
    .addOption(
      new Option('--input <format>', 'format of the input; auto goes by the file name, standard input is ndjson')
        .choices(INPUT_FORMATS)
        .default('auto'),
    )
    .option('--key <field>', 'top-level field whose value becomes the key of the record')
    .option('--partition <n>', 'send everything to this partition', wholeNumber('--partition', 0, 9_999))
    .addOption(
      new Option('--acks <acks>', 'all: synced by the schedule; 1: written; 0: no answer')
        .choices(['all', '1', '0'])
        .default('all'),
    )
    .addOption(new Option('--compression <codec>', 'codec of the batches').choices(['none', 'gzip']).default('none'))
    .action((topic: string, options: ProduceOptions) => produce(topic, options, terminal));
}

async function produce(topic: string, options: ProduceOptions, terminal: Terminal): Promise<void> {
  const source = await openRecordSource(
    { file: options.file, format: options.input, keyField: options.key, lineBytesMax: LINE_BYTES_MAX },
    terminal.stdin,
  );
  // A missing broker or topic is told at once, before the producer starts to wait for them.
  await withAdmin(options, (admin) => admin.describeTopic(topic));
  const { Producer } = await import('@walrusmq/client');
  const producer = new Producer({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-produce',
    acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
    compression: options.compression,
  });
  const startedAt = performance.now();
  const progress = startProgress(terminal, source.totalBytes);
  const sending = new Sending(producer, (records) => progress.update(source.bytesRead(), records));
  try {
    for await (const { key, value } of source.records) {
      if (terminal.signal.aborted) throw new CliError('interrupted', 130);
      await sending.add({ topic, key, value, partition: options.partition });
    }
    await sending.finish();
    progress.stop();
  } catch (error) {
    progress.stop();
    await sending.settle();
    throw new CliError(
      `${describeError(error)} (${grouped(sending.acknowledged)} records were acknowledged before)`,
      error instanceof CliError ? error.exitCode : undefined,
      { cause: error },
    );
  } finally {
    await producer.close();
  }
  await printSummary(terminal, options, topic, sending, (performance.now() - startedAt) / 1000);
}

/** Hands records to the producer in runs and keeps a bounded number of runs unanswered. */
class Sending {
  acknowledged = 0;
  bytes = 0;
  private run: ProducerRecord[] = [];
  private runBytes = 0;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly producer: Producer,
    private readonly onProgress: (acknowledged: number) => void,
  ) {}

  /** Waits while too much is unanswered. @throws What an earlier run failed with. */
  async add(record: ProducerRecord & { readonly value: Buffer }): Promise<void> {
    this.run.push(record);
    this.runBytes += record.value.length;
    this.bytes += record.value.length;
    if (this.run.length < RUN_RECORDS && this.runBytes < RUN_BYTES) return;
    this.sendRun();
    while (this.inFlight.size >= RUNS_IN_FLIGHT_MAX && this.failure === undefined) {
      await Promise.race(this.inFlight);
    }
    this.check();
  }

  /** Resolves when everything is acknowledged. */
  async finish(): Promise<void> {
    this.sendRun();
    await this.settle();
    this.check();
  }

  /** Resolves when every run was answered, one way or the other. */
  async settle(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  private sendRun(): void {
    if (this.run.length === 0) return;
    const count = this.run.length;
    const sent = this.producer.sendMany(this.run).then(
      () => {
        this.acknowledged += count;
        this.onProgress(this.acknowledged);
      },
      (error: unknown) => {
        this.failure ??= { error };
      },
    );
    this.run = [];
    this.runBytes = 0;
    const settled = sent.finally(() => this.inFlight.delete(settled));
    this.inFlight.add(settled);
  }
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
  const rate = `${grouped(Math.round(acknowledged / seconds))} records/s, ${sizeText(bytes / seconds)}/s`;
  terminal.stderr.write(`${grouped(acknowledged)} records (${sizeText(bytes)}) to ${topic}: ${rate}\n`);
}
