// A broker process for the suites of clients, and what the suites ask it past any Kafka client.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Producer } from '@walrusmq/client';
import { batchHeaders, type BatchHeader } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink } from '../crash/protocol-link';
import type { BrokerAddresses } from './client-under-test';

/** A name that no other test has. */
export function newName(kind: string): string {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}

/** One broker with both listeners on free ports, and the SDK's side of it. */
export class ClientBroker {
  private constructor(
    private readonly process: BrokerProcess,
    private readonly directory: string,
    readonly addresses: BrokerAddresses,
    readonly admin: Admin,
    readonly producer: Producer,
    private readonly link: ProtocolLink,
  ) {}

  static async start(...flags: readonly string[]): Promise<ClientBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'walrusmq-clients-'));
    const process = new BrokerProcess({
      dataDir: directory,
      flags: ['--kafka-port', '0', '--ws-port', '0', ...flags],
    });
    const { kafka, msgpack } = await process.addresses;
    if (kafka === undefined || msgpack === undefined) {
      throw new Error('the ready line does not name both listeners');
    }
    const options = { broker: msgpack };
    return new ClientBroker(
      process,
      directory,
      { kafka, msgpack },
      new Admin(options),
      new Producer(options),
      await ProtocolLink.open(msgpack),
    );
  }

  /** A new topic, by the SDK. @returns Its name. */
  async newTopic(partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = newName('topic');
    await this.admin.createTopic(topic, { partitions, configs });
    return topic;
  }

  /** Writes values to one partition, by the SDK. */
  async write(topic: string, partition: number, values: readonly string[]): Promise<void> {
    await this.producer.sendMany(values.map((value) => ({ topic, partition, value })));
  }

  /** The headers of all batches of a partition, as they are stored. */
  async storedBatches(topic: string, partition: number): Promise<readonly BatchHeader[]> {
    const found: BatchHeader[] = [];
    for (let offset = 0; ;) {
      const partitions = [[topic, partition, offset]] as const;
      const { batches } = await this.link.request('fetch', { partitions });
      if (batches.length === 0) return found;
      for (const { header } of batchHeaders(batches)) {
        found.push(header);
        offset = header.baseOffset + header.lastOffsetDelta + 1;
      }
    }
  }

  /** Ends it; rejects when it does not end well or logged an error meanwhile. */
  async stop(): Promise<void> {
    this.link.close();
    await Promise.all([this.admin.close(), this.producer.close()]);
    const code = await this.process.stop();
    await rm(this.directory, { recursive: true, force: true });
    const errors = this.process.stderr.split('\n').filter((line) => /"level":(50|60)/.test(line));
    if (code !== 0 || errors.length > 0) {
      throw new Error(`the broker ended with ${String(code)}; ${errors.join('\n')}`);
    }
  }
}
