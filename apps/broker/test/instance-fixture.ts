// A broker on which a test makes instances, and what it asks for them.
import type { InstanceDescription, ListedInstance } from '@walrusmq/protocol';
import { decodeBatches } from '@walrusmq/record-batch';
import type { BrokerSettings } from '../src/config/settings-table';
import type { OpenStorage } from '../src/instance/broker-instance';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, batchOf } from './test-broker';

const SMALL = { blockBytes: 16_384, blocksPerFile: 4 };

type Fields = Record<string, unknown>;

/** The fields of the reply to a request that has to be answered `ok`. */
export async function ok(
  client: RawClient,
  operation: string,
  fields: object,
  tail?: readonly Buffer[],
): Promise<Fields> {
  const reply = await client.request(operation, fields, tail);
  if (reply.kind === 'ok') return reply.fields;
  throw new Error(`${operation}: ${JSON.stringify(reply.fields)}`);
}

/** Appends records to partition 0 of `orders`. */
export async function produce(client: RawClient, ...values: string[]): Promise<Fields> {
  return ok(client, 'produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf(...values)]);
}

/** The values of the records in these batches. */
export function decoded(batches: Buffer): readonly string[] {
  return [...decodeBatches(batches)].map(({ value }) => String(value));
}

/** The values of all records of partition 0 of `orders`. */
export async function valuesOf(client: RawClient): Promise<readonly string[]> {
  const request = { partitions: [['orders', 0, 0]], maxWaitMs: 0 };
  const { tail } = await client.request('fetch', request);
  return decoded(Buffer.concat(tail));
}

/** A broker, and a client of its default instance that makes the others. */
export class InstanceBroker {
  private constructor(
    public broker: TestBroker,
    public admin: RawClient,
  ) {}

  static async start(
    openStorage?: OpenStorage,
    dataDir?: string,
    settings: Partial<BrokerSettings> = {},
  ): Promise<InstanceBroker> {
    const place = dataDir === undefined ? {} : { dataDir };
    const broker = await TestBroker.start({ ...SMALL, ...place, ...settings }, openStorage);
    return new InstanceBroker(broker, await broker.greeted());
  }

  get dataDir(): string {
    return this.broker.broker.dataDir;
  }

  async stop(): Promise<void> {
    await this.broker.stop();
  }

  /** Stops it, and starts it on the same directory once `meanwhile` was done. */
  async restart(
    openStorage: OpenStorage,
    meanwhile = (): void => undefined,
    settings: Partial<BrokerSettings> = {},
  ): Promise<void> {
    const { dataDir } = this;
    await this.broker.broker.stop();
    meanwhile();
    const next = await InstanceBroker.start(openStorage, dataDir, settings);
    this.broker = next.broker;
    this.admin = next.admin;
    while ((await this.list()).some(({ state }) => state === 'opening'));
  }

  /** A client of that instance. */
  async greeted(key?: string): Promise<RawClient> {
    return this.broker.greeted(key);
  }

  async create(key: string, fields: object = {}): Promise<InstanceDescription> {
    return (await ok(this.admin, 'createInstance', {
      key,
      ...fields,
    })) as unknown as InstanceDescription;
  }

  async describe(key: string): Promise<InstanceDescription> {
    return (await ok(this.admin, 'describeInstance', { key })) as unknown as InstanceDescription;
  }

  async alter(key: string, fields: object): Promise<InstanceDescription> {
    return (await ok(this.admin, 'alterInstance', {
      key,
      ...fields,
    })) as unknown as InstanceDescription;
  }

  /** Deletes an instance; resolves once its space was given back. */
  async delete(key: string, force = false): Promise<void> {
    await ok(this.admin, 'deleteInstance', { key, force });
    while ((await this.list()).some((each) => each.key === key));
  }

  async list(): Promise<readonly ListedInstance[]> {
    return (await ok(this.admin, 'listInstances', {})).instances as ListedInstance[];
  }

  async keys(): Promise<readonly string[]> {
    return (await this.list()).map(({ key }) => key);
  }

  /** The code that a request of the admin, or of another client, is refused with. */
  async refused(operation: string, fields: object, client = this.admin): Promise<unknown> {
    return codeOf(await client.request(operation, fields));
  }

  /** What a hello to that instance is answered. */
  async helloTo(instance: string): Promise<unknown> {
    const client = await this.broker.connect();
    const reply = await client.request('hello', { protocol: [1, 1], client: 'raw', instance });
    client.destroy();
    return codeOf(reply);
  }
}
