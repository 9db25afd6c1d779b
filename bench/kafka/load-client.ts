// Clients that load a broker: Java's performance tools in one process that stays, librdkafka's in
// a process per load. Each tells how long it took, and how much processor time it needed itself.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileJava } from '../../test/clients/java-programs';
import { buildPeer } from '../peers/peer-process';
import { LineProcess } from './line-process';
import { parseConsumerPerformance, parseProducerPerformance } from './perf-output';

const PAYLOADS = 1_000;

export type Acks = '1' | 'all';

export interface Load {
  /** HOST:PORT. */
  readonly address: string;
  readonly topic: string;
  readonly partitions: number;
  readonly recordBytes: number;
  readonly recordCount: number;
}

export interface ProduceLoad extends Load {
  readonly acks: Acks;
}

export interface LatencyLoad extends Omit<Load, 'recordCount'> {
  readonly rate: number;
  /** Counted, behind one second that is not. */
  readonly seconds: number;
}

export interface LoadResult {
  /** Of producing or fetching, without connecting and joining. */
  readonly seconds: number;
  readonly recordCount: number;
  /** The client's processor time over its wall time: 1 is a core. */
  readonly clientShare: number;
}

/** From when a record was due to its being in the consumer's hands. */
export interface LatencyResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly recordCount: number;
}

/** Every call rejects when the client fails, or when records are missing. */
export interface LoadClient {
  produce(load: ProduceLoad): Promise<LoadResult>;
  /** Reads what was produced into the topic, once from its beginning. */
  consume(load: Load): Promise<LoadResult>;
  /** Into one partition, `acks=all`, without lingering. */
  latency(load: LatencyLoad): Promise<LatencyResult>;
  end(): Promise<void>;
}

interface ToolAnswer {
  readonly output: string;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Java: `kafka-producer-perf-test`, `kafka-consumer-perf-test`, and a loop at a fixed rate. */
export class JavaLoads implements LoadClient {
  private readonly host: LineProcess;

  /**
   * Compiles the program when that was not done yet.
   *
   * @param directory For the payloads: making them at random costs more than sending them.
   */
  constructor(private readonly directory: string) {
    const classPath = compileJava(join(__dirname, 'java'));
    const flags = ['-Xmx1g', '-Duser.language=en', '-cp', classPath];
    const logs = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
    this.host = new LineProcess('java', [...flags, logs, 'JavaLoads']);
  }

  async produce(load: ProduceLoad): Promise<LoadResult> {
    const answer = await this.tool('ProducerPerformance', [
      ...['--topic', load.topic, '--num-records', String(load.recordCount)],
      ...['--payload-file', this.payloadFile(load.recordBytes), '--throughput', '-1'],
      ...['--bootstrap-server', load.address, '--command-property', `acks=${load.acks}`],
    ]);
    return this.result(parseProducerPerformance(answer.output), load, answer);
  }

  async consume(load: Load): Promise<LoadResult> {
    const answer = await this.tool('ConsumerPerformance', [
      ...['--bootstrap-server', load.address, '--topic', load.topic, '--hide-header'],
      ...['--num-records', String(load.recordCount), '--timeout', '60000'],
    ]);
    return this.result(parseConsumerPerformance(answer.output), load, answer);
  }

  latency(load: LatencyLoad): Promise<LatencyResult> {
    return this.host.ask<LatencyResult>({ kind: 'latency', ...load });
  }

  end(): Promise<void> {
    return this.host.end();
  }

  private payloadFile(recordBytes: number): string {
    const path = join(this.directory, `payloads-${recordBytes}`);
    if (existsSync(path)) return path;
    const letters = (): string => randomBytes(recordBytes).toString('base64').slice(0, recordBytes);
    writeFileSync(path, `${Array.from({ length: PAYLOADS }, letters).join('\n')}\n`);
    return path;
  }

  private tool(name: string, args: readonly string[]): Promise<ToolAnswer> {
    const className = `org.apache.kafka.tools.${name}`;
    return this.host.ask<ToolAnswer>({ kind: 'tool', className, args });
  }

  private result(
    { seconds, recordCount }: { seconds: number; recordCount: number },
    load: Load,
    answer: ToolAnswer,
  ): LoadResult {
    expectAll(recordCount, load, answer.output);
    return { seconds, recordCount, clientShare: answer.cpuSeconds / answer.wallSeconds };
  }
}

/** A consumer may be handed a few more than it asked for, never fewer. */
function expectAll(recordCount: number, load: Load, said: string): void {
  if (recordCount >= load.recordCount) return;
  throw new Error(`${load.topic}: ${recordCount} of ${load.recordCount} records; ${said}`);
}

interface NativeResult {
  readonly seconds: number;
  readonly records: number;
  readonly cpuSeconds: number;
}

/** librdkafka: the program of bench/peers/rdkafka.cc. */
export class LibrdkafkaLoads implements LoadClient {
  private readonly program = buildPeer('rdkafka');

  produce(load: ProduceLoad): Promise<LoadResult> {
    return this.load('produce', load, ['--acks', load.acks === 'all' ? '-1' : load.acks]);
  }

  consume(load: Load): Promise<LoadResult> {
    return this.load('consume', load, []);
  }

  latency(load: LatencyLoad): Promise<LatencyResult> {
    const { rate, seconds } = load;
    return this.run<LatencyResult>('latency', load, [
      ...['--rate', String(rate), '--seconds', String(seconds)],
    ]);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  private async load(kind: string, load: Load, args: readonly string[]): Promise<LoadResult> {
    const records = ['--records', String(load.recordCount), ...args];
    const answer = await this.run<NativeResult>(kind, load, records);
    expectAll(answer.records, load, kind);
    const clientShare = answer.cpuSeconds / answer.seconds;
    return { seconds: answer.seconds, recordCount: answer.records, clientShare };
  }

  private async run<Answer>(
    kind: string,
    load: Omit<Load, 'recordCount'>,
    args: readonly string[],
  ): Promise<Answer> {
    const child = spawn(
      this.program,
      [
        ...[kind, '--broker', load.address, '--topic', load.topic],
        ...['--partitions', String(load.partitions), '--bytes', String(load.recordBytes)],
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`librdkafka's ${kind} ended with ${String(code)} (above)`);
    return JSON.parse(output) as Answer;
  }
}
