// A broker for the specs of Kafka's tools, and the tools run against it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Producer } from '@walrusmq/client';
import { BrokerProcess } from '../../../crash/broker-process';
import { runKafkaTool, type KafkaTool } from '../../java-programs';

/** One broker; the tools get its address with their own arguments. */
export class ToolBroker {
  private topicCount = 0;

  private constructor(
    private readonly process: BrokerProcess,
    private readonly directory: string,
    /** HOST:PORT for Kafka's clients. */
    readonly address: string,
    private readonly metrics: string,
    private readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async start(): Promise<ToolBroker> {
    const directory = mkdtempSync(join(tmpdir(), 'walrusmq-java-tools-'));
    const flags = ['--kafka-port', '0'];
    const process = new BrokerProcess({ dataDir: join(directory, 'data'), flags });
    const { kafka, websocket, msgpack } = await process.addresses;
    if (kafka === undefined || websocket === undefined || msgpack === undefined) {
      throw new Error('the ready line does not name all listeners');
    }
    const metrics = `http://${websocket}/metrics`;
    const [admin, producer] = [new Admin({ broker: msgpack }), new Producer({ broker: msgpack })];
    return new ToolBroker(process, directory, kafka, metrics, admin, producer);
  }

  async stop(): Promise<void> {
    await Promise.all([this.admin.close(), this.producer.close()]);
    await this.process.stop();
    rmSync(this.directory, { recursive: true });
  }

  /** The standard output of a tool that ends well. */
  async run(tool: KafkaTool, args: readonly string[], input = ''): Promise<string> {
    const ran = await runKafkaTool(tool, this.withAddress(tool, args), input);
    if (ran.exitCode !== 0) {
      throw new Error(`${tool} ended with ${String(ran.exitCode)}: ${ran.stdout}\n${ran.stderr}`);
    }
    return ran.stdout;
  }

  /** What a tool says that ends with an error. */
  async fail(tool: KafkaTool, args: readonly string[]): Promise<string> {
    const ran = await runKafkaTool(tool, this.withAddress(tool, args));
    const said = `${ran.stdout}\n${ran.stderr}`;
    if (ran.exitCode === 0) throw new Error(`${tool} ended well: ${said}`);
    return said;
  }

  /** A name that no topic of this broker has. */
  topicName(): string {
    this.topicCount += 1;
    return `tools-${this.topicCount}`;
  }

  /** A new topic, by the SDK, which needs no virtual machine for it. @returns Its name. */
  async newTopic(partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.topicName();
    await this.admin.createTopic(topic, { partitions, configs });
    return topic;
  }

  /** Writes values to partition 0, by the SDK. */
  async fill(topic: string, values: readonly string[]): Promise<void> {
    await this.producer.sendMany(values.map((value) => ({ topic, partition: 0, value })));
  }

  /** Writes lines as records, by the console's producer. */
  async write(topic: string, lines: readonly string[], ...more: readonly string[]): Promise<void> {
    const input = `${lines.join('\n')}\n`;
    await this.run('kafka-console-producer', ['--topic', topic, ...more], input);
  }

  /** A file with JSON for a tool; its path. */
  file(name: string, content: unknown): string {
    const path = join(this.directory, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  /** The APIs that were asked for so far. */
  async askedApis(): Promise<readonly string[]> {
    const text = await (await fetch(this.metrics)).text();
    const counted = text.matchAll(/^walrusmq_kafka_requests_total\{.*?api="(\w+)".*?\} (\d+)/gm);
    return [...counted].filter(([, , count]) => Number(count) > 0).map(([, api = '']) => api);
  }

  /** kafka-cluster wants its command first, the others their address. */
  private withAddress(tool: KafkaTool, args: readonly string[]): readonly string[] {
    const first = tool === 'kafka-cluster' ? 1 : 0;
    return [...args.slice(0, first), '--bootstrap-server', this.address, ...args.slice(first)];
  }
}
