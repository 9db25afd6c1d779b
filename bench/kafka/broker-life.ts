// One life of one broker: everything that the plan has for it, and what that cost the broker.
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, KafkaJSProtocolError, logLevel, type Admin } from 'kafkajs';
import type { Answer, Task } from '../sdk-driver';
import type { WorkerProcess } from '../worker-process';
import { startKafka, startWalrus, type BrokerRun, type Schedule, type Side } from './brokers';
import type { Load, LoadClient, LoadResult } from './load-client';
import type { NodeAnswer, NodeTask } from './node-driver';
import {
  latencyTitle,
  loadTitle,
  nodeTitle,
  NODE_CLIENTS,
  type LatencyCell,
  type LoadCell,
  type LoadClientName,
  type NodeClientName,
  type Plan,
  type WarmUp,
} from './plan';
import { cpuSecondsBetween, readCpu, rssBytes } from './process-tree';
import type { Measure, Tallies } from './tallies';

const TOPIC_PAUSE_MS = 10;
const MEGA = 1e6;
const GIGA = 1e9;

/** The processes that stay through all lives. */
export interface Drivers {
  readonly loads: Readonly<Partial<Record<LoadClientName, LoadClient>>>;
  readonly peers: WorkerProcess<NodeTask, NodeAnswer>;
  readonly sdk: WorkerProcess<Task, Answer>;
}

export interface LifeOptions {
  readonly side: Side;
  readonly schedule: Schedule;
  /** Is made, and removed at the end. */
  readonly directory: string;
  readonly jars: string;
  readonly plan: Plan;
  readonly drivers: Drivers;
  readonly tallies: Tallies;
  readonly say: (text: string) => void;
}

/** Starts the broker, measures, stops it. @throws What a client or the broker failed with. */
export async function liveOnce(options: LifeOptions): Promise<void> {
  const { side, schedule, directory, jars } = options;
  try {
    if (side === 'kafka') {
      const run = await startKafka(directory, schedule, jars);
      await measure(options, run, undefined);
    } else {
      const { run, msgpack } = await startWalrus(directory, schedule);
      await measure(options, run, msgpack);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(
  options: LifeOptions,
  run: BrokerRun,
  msgpack: string | undefined,
): Promise<void> {
  try {
    await new BrokerLife(options, run, msgpack).measureAll();
  } finally {
    await run.stop();
  }
}

/**
 * Whether a topic's partitions have leaders that answer for them. Kafka answers a creation before
 * its own broker knows of the topic, and names leaders before these have made their logs.
 */
async function isServed(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const [found] = topics;
    if (found?.partitions.filter(({ leader }) => leader >= 0).length !== partitions) return false;
    return (await admin.fetchTopicOffsets(topic)).length === partitions;
  } catch (error) {
    // "Does not host", "is not the leader": not yet.
    if (error instanceof KafkaJSProtocolError && error.retriable) return false;
    throw error;
  }
}

class BrokerLife {
  private readonly kafka: Kafka;
  private topicCount = 0;

  constructor(
    private readonly options: LifeOptions,
    private readonly run: BrokerRun,
    /** Of the SDK's listener; undefined on Kafka. */
    private readonly msgpack: string | undefined,
  ) {
    this.kafka = new Kafka({ brokers: [run.address], logLevel: logLevel.NOTHING });
  }

  async measureAll(): Promise<void> {
    const { plan } = this.options;
    const { startSeconds, pid } = this.run;
    this.note('', { startSeconds, rssIdleMb: rssBytes(pid) / MEGA });
    for (const client of new Set(plan.loads.map((cell) => cell.client))) {
      for (const load of plan.warmUps) await this.warmUp(client, load);
    }
    for (const cell of plan.loads) await this.measureLoad(cell);
    for (const cell of plan.latencies) await this.measureLatency(cell);
    for (const recordBytes of plan.nodeSizes) {
      for (const client of NODE_CLIENTS) await this.measureNode(client, recordBytes);
    }
    this.note('', { rssLoadedMb: rssBytes(pid) / MEGA });
  }

  private note(cell: string, figures: Partial<Record<Measure, number>>): void {
    const { side, schedule, tallies } = this.options;
    tallies.note({ side, schedule, cell }, figures);
  }

  private async createTopic(partitions: number): Promise<string> {
    this.topicCount += 1;
    const topic = `bench-${this.topicCount}`;
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const wanted = { topic, numPartitions: partitions, replicationFactor: 1 };
      await admin.createTopics({ topics: [wanted], waitForLeaders: false });
      while (!(await isServed(admin, topic, partitions))) await pause(TOPIC_PAUSE_MS);
    } finally {
      await admin.disconnect();
    }
    return topic;
  }

  private client(name: LoadClientName): LoadClient {
    const client = this.options.drivers.loads[name];
    if (client === undefined) throw new RangeError(`${name} was not started`);
    return client;
  }

  private async warmUp(name: LoadClientName, shape: WarmUp): Promise<void> {
    const { recordBytes, partitions } = shape;
    this.options.say(`warm-up, ${loadTitle({ ...shape, client: name })}`);
    const recordCount = Math.ceil(this.options.plan.warmUpBytes / recordBytes);
    const topic = await this.createTopic(partitions);
    const load = { address: this.run.address, topic, partitions, recordBytes, recordCount };
    await this.client(name).produce({ ...load, acks: 'all' });
    await this.client(name).consume(load);
  }

  private async measureLoad(cell: LoadCell): Promise<void> {
    const { client, recordBytes, partitions } = cell;
    const recordCount = Math.ceil(this.options.plan.loadBytes / recordBytes);
    const { address } = this.run;
    let load: Load = { address, topic: '', partitions, recordBytes, recordCount };
    for (const acks of cell.acks) {
      load = { ...load, topic: await this.createTopic(partitions) };
      await this.costOf(`produce, ${loadTitle(cell)}, acks=${acks}`, load, (given) =>
        this.client(client).produce({ ...given, acks }),
      );
    }
    await this.costOf(`consume, ${loadTitle(cell)}`, load, (given) =>
      this.readOften(client, given),
    );
  }

  /** All readings as if they were one. */
  private async readOften(name: LoadClientName, load: Load): Promise<LoadResult> {
    const results: LoadResult[] = [];
    for (let time = 0; time < this.options.plan.readTimes; time += 1) {
      results.push(await this.client(name).consume(load));
    }
    const sum = (of: (result: LoadResult) => number): number =>
      results.reduce((total, result) => total + of(result), 0);
    return {
      seconds: sum(({ seconds }) => seconds),
      recordCount: sum(({ recordCount }) => recordCount),
      clientShare: sum(({ clientShare }) => clientShare) / results.length,
    };
  }

  private async costOf(
    cell: string,
    load: Load,
    job: (load: Load) => Promise<LoadResult>,
  ): Promise<void> {
    this.options.say(cell);
    const before = readCpu(this.run.pid);
    const { seconds, recordCount, clientShare } = await job(load);
    const cpuSeconds = cpuSecondsBetween(before, readCpu(this.run.pid));
    const bytes = recordCount * load.recordBytes;
    this.note(cell, {
      cpuPerGb: cpuSeconds / (bytes / GIGA),
      mbPerSecond: bytes / MEGA / seconds,
      recordsPerSecond: recordCount / seconds,
      clientShare,
    });
  }

  private async measureLatency(cell: LatencyCell): Promise<void> {
    const title = `end to end, ${latencyTitle(cell)}`;
    this.options.say(title);
    const { p50Ms, p99Ms, p999Ms } = await this.client(cell.client).latency({
      address: this.run.address,
      topic: await this.createTopic(1),
      partitions: 1,
      recordBytes: cell.recordBytes,
      rate: cell.rate,
      seconds: this.options.plan.latencySeconds,
    });
    this.note(title, { p50Ms, p99Ms, p999Ms });
  }

  private async measureNode(client: NodeClientName, recordBytes: number): Promise<void> {
    if (client === 'sdk' && this.msgpack === undefined) return;
    const recordCount = Math.ceil(this.options.plan.nodeBytes / recordBytes);
    const topic = await this.createTopic(1);
    for (const kind of ['produce', 'consume'] as const) {
      const cell = nodeTitle(kind, client, recordBytes);
      this.options.say(cell);
      const answer = await this.askNode(client, kind, { topic, recordBytes, recordCount });
      if ('error' in answer) throw new Error(`${cell}: ${answer.error}`);
      this.note(cell, { recordsPerSecond: recordCount / answer.seconds });
    }
  }

  private askNode(
    client: NodeClientName,
    kind: 'produce' | 'consume',
    task: Pick<NodeTask, 'topic' | 'recordBytes' | 'recordCount'>,
  ): Promise<NodeAnswer> {
    const { peers, sdk } = this.options.drivers;
    if (client !== 'sdk') return peers.ask({ client, kind, address: this.run.address, ...task });
    const broker = this.msgpack ?? '';
    if (kind === 'produce') return sdk.ask({ kind, broker, call: 'sendMany', ...task });
    // One record more: the one that the producer connected with.
    const recordCount = task.recordCount + 1;
    return sdk.ask({ kind, broker, ...task, recordCount, group: `bench-${task.topic}` });
  }
}
