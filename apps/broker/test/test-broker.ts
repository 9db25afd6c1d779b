// A broker for one test file: ephemeral port, nothing on stderr, everything closed at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch } from '@walrusmq/record-batch';
import {
  openMemoryStorage,
  openWalStorage,
  type InstanceStorage,
  type LogAppend,
  type PartitionLog,
} from '@walrusmq/storage';
import type { BrokerSettings } from '../src/config/settings-table';
import type { OpenStorage } from '../src/instance/broker-instance';
import { startBroker, type RunningBroker } from '../src/start-broker';
import { override } from './override';
import { RawClient } from './raw-client';

export { override };

/** Both storages, for suites that have to hold on either. */
export const STORAGES: readonly (readonly [name: string, open: OpenStorage])[] = [
  ['memory', () => openMemoryStorage()],
  ['the log', openWalStorage],
];

/** A broker and the clients that a test connected to it. */
export class TestBroker {
  private readonly clients: RawClient[] = [];

  private constructor(
    readonly broker: RunningBroker,
    private readonly directory: string,
  ) {}

  static async start(
    settings: Partial<BrokerSettings> = {},
    openStorage: OpenStorage = () => openMemoryStorage(),
  ): Promise<TestBroker> {
    const dataDir = settings.dataDir ?? mkdtempSync(join(tmpdir(), 'walrusmq-broker-'));
    const quiet = { port: 0, logLevel: 'silent', stopTimeoutMs: 2_000, dataDir } as const;
    return new TestBroker(await startBroker({ ...quiet, ...settings }, openStorage), dataDir);
  }

  get address(): string {
    const { msgpack } = this.broker.addresses;
    if (msgpack === undefined) throw new Error('this broker does not listen');
    return msgpack;
  }

  get webSocketAddress(): string {
    const { websocket } = this.broker.addresses;
    if (websocket === undefined) throw new Error('this broker has no WebSocket port');
    return websocket;
  }

  /** A counter of the broker, by name. */
  counter(name: string): number {
    const value = this.broker.diagnostics().counters[name];
    if (value === undefined) throw new Error(`no counter ${name}`);
    return value;
  }

  async connect(): Promise<RawClient> {
    return this.track(await RawClient.connect(this.address));
  }

  async greeted(instance?: string): Promise<RawClient> {
    return this.track(await RawClient.greeted(this.address, instance));
  }

  /** A greeted client and a topic of one partition. */
  async withTopic(name = 'orders', partitions = 1): Promise<RawClient> {
    const client = await this.greeted();
    const reply = await client.request('createTopic', { name, partitions });
    if (reply.kind !== 'ok') throw new Error(`createTopic: ${JSON.stringify(reply.fields)}`);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await this.broker.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private track(client: RawClient): RawClient {
    this.clients.push(client);
    return client;
  }
}

/** A batch of records with these values. */
export function batchOf(...values: readonly (string | Buffer)[]): Buffer {
  return encodeBatch(values.map((value) => ({ value: Buffer.from(value) })));
}

/** Holds back what the logs of an instance settle until the test lets it go. */
export class AppendGate {
  private openGate!: () => void;
  private readonly opened = new Promise<void>((resolve) => (this.openGate = resolve));
  /** Appends that the logs took. */
  appends = 0;

  /** Lets every append settle, those to come included. */
  open(): void {
    this.openGate();
  }

  /** Storage in memory behind this gate. */
  readonly openStorage: OpenStorage = () => {
    const storage = openMemoryStorage();
    return override(storage, {
      log: (topicId: string, partition: number) => this.gated(storage, topicId, partition),
    });
  };

  private gated(storage: InstanceStorage, topicId: string, partition: number): PartitionLog {
    const log = storage.log(topicId, partition);
    return override(log, {
      append: (batches: readonly Buffer[]): LogAppend => {
        this.appends += 1;
        const { baseOffset, recordCount, isDuplicate, written, synced } = log.append(batches);
        return {
          baseOffset,
          recordCount,
          isDuplicate,
          written: this.opened.then(() => written),
          synced: this.opened.then(() => synced),
        };
      },
    });
  }
}

const UNTIL_MS = 50_000;

/**
 * Resolves in the turn of the event loop in which `holds` first answers true; for what no event
 * tells a test, such as a counter. Rejects after four seconds.
 */
export async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + UNTIL_MS;
  while (!holds()) {
    if (performance.now() > deadlineMs)
      throw new Error(`not so after ${UNTIL_MS} ms: ${String(holds)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
