// What the specs of named readers share: reads as short lists, and a log whose cursors fail.
import { decodeBatches } from '@walrusmq/record-batch';
import { openMemoryStorage, type PartitionLog, type StorageError } from '@walrusmq/storage';
import type { OpenStorage } from '../src/instance/broker-instance';
import { codeOf, type RawClient } from './raw-client';
import { batchOf, override } from './test-broker';

/** What a read answered: [partition, offset, next offset, values…] or [partition, error code]. */
export async function read(client: RawClient, fields: object = {}): Promise<unknown> {
  client.send('read', { reader: 'r', topic: 'orders', ...fields });
  return readReply(client);
}

export async function readReply(client: RawClient): Promise<unknown> {
  const reply = await client.reply();
  if (reply.kind !== 'ok') return codeOf(reply);
  const bytes = Buffer.concat(reply.tail);
  let at = 0;
  return (reply.fields.partitions as unknown[][]).map((entry) => {
    const [partition, error, offset, next, , byteLength, records] = entry as [
      number,
      { code: string } | null,
      number,
      number,
      number,
      number,
      [number, number, unknown, Buffer][] | undefined,
    ];
    if (error !== null) return [partition, error.code];
    const decoded = [...decodeBatches(bytes.subarray(at, (at += byteLength)))]
      .filter((record) => record.offset >= offset && record.offset < next)
      .map(({ value }) => String(value));
    const values = records?.map(([, , , value]) => String(value)) ?? decoded;
    return [partition, offset, next, ...values];
  });
}

export async function produce(
  client: RawClient,
  partition: number,
  ...values: string[]
): Promise<void> {
  const fields = { topic: 'orders', partition, acks: -1 };
  const reply = await client.request('produce', fields, [batchOf(...values)]);
  if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply.fields));
}

export async function ask(client: RawClient, operation: string, fields: object): Promise<unknown> {
  const reply = await client.request(operation, { reader: 'r', ...fields });
  return reply.kind === 'ok' ? reply.fields : codeOf(reply);
}

/** How the cursors of `failingStorage` fare. */
export interface CursorFaults {
  failure: StorageError | undefined;
  /** Commits wait for it. */
  held?: Promise<void>;
}

/** Storage in memory whose cursors are committed as `faults` say. */
export function failingStorage(faults: CursorFaults): OpenStorage {
  const failing = (log: PartitionLog): PartitionLog =>
    override(log, {
      commitCursor: async (reader: string, offset: number): Promise<void> => {
        await faults.held;
        if (faults.failure !== undefined) throw faults.failure;
        await log.commitCursor(reader, offset);
      },
    });
  return () => {
    const storage = openMemoryStorage();
    const log = (id: string, index: number): PartitionLog => failing(storage.log(id, index));
    return override(storage, { log });
  };
}
