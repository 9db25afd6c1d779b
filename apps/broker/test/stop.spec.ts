import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBatches } from '@walrusmq/record-batch';
import { openMemoryStorage, type InstanceStorage } from '@walrusmq/storage';
import { codeOf, type RawClient } from './raw-client';
import { AppendGate, STORAGES, TestBroker, batchOf, override, until } from './test-broker';

describe('stop', () => {
  it.each(STORAGES)('loses no acknowledged record under load on %s', async (_, openStorage) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-stop-'));
    const opened: InstanceStorage[] = [];
    const broker = await TestBroker.start({ dataDir }, async (options) => {
      opened.push(await openStorage(options));
      return stayOpenInMemory(opened[0]!);
    });
    const client = await broker.withTopic();
    const { acknowledged, codes } = await produceUntilStopped(broker, client);
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    expect(codes.filter((code) => code !== 'ok' && code !== 'SHUTTING_DOWN')).toEqual([]);

    const isOnDisk = opened[0]?.directory !== '';
    const storage = isOnDisk ? await openStorage({ directory: dataDir }) : opened[0]!;
    const topic = storage.catalogue.find('orders');
    const log = storage.log(topic?.id ?? '', 0);
    // No more than the log lets wait for the disk: the reads of its opening may not be over.
    const stored = [...decodeBatches(await log.read(0, 2 ** 24))].map(({ value }) => String(value));
    expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
    await storage.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('answers what is in flight, refuses what comes later, and closes', async () => {
    const gate = new AppendGate();
    const broker = await TestBroker.start({}, gate.openStorage);
    const client = await broker.withTopic();
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
    await until(() => gate.appends === 1);
    const stopped = broker.broker.stop();
    client.send('metadata', {});
    await until(() => broker.counter('errorReplies') === 1);
    gate.open();
    expect(codeOf(await client.reply())).toBe('ok');
    const late = await client.reply();
    expect([codeOf(late), late.fields.retriable]).toEqual(['SHUTTING_DOWN', true]);
    await client.closed;
    await stopped;
  });

  it('answers fetches that wait, at once', async () => {
    const broker = await TestBroker.start();
    const client = await broker.withTopic();
    client.send('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 });
    const other = await broker.greeted();
    await other.request('metadata', {});
    const stopped = broker.broker.stop();
    expect(codeOf(await client.reply())).toBe('ok');
    await stopped;
  });

  it('cuts off a request that does not end within the timeout', async () => {
    const gate = new AppendGate();
    const broker = await TestBroker.start({ stopTimeoutMs: 100 }, gate.openStorage);
    const client = await broker.withTopic();
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
    await until(() => gate.appends === 1);
    await broker.broker.stop();
    expect(await client.replyOrEnd()).toBeUndefined();
    gate.open();
  });

  it('takes no connection afterwards, and stops once however often it is asked', async () => {
    const broker = await TestBroker.start();
    await Promise.all([broker.broker.stop(), broker.broker.stop()]);
    await expect(broker.connect()).rejects.toThrow(/ECONNREFUSED/);
  });

  it('reports a close that failed, with everything else closed', async () => {
    const failing = override<InstanceStorage>(openMemoryStorage(), {
      close: () => Promise.reject(new Error('the last sync failed')),
    });
    const broker = await TestBroker.start({}, () => failing);
    const client = await broker.greeted();
    await expect(broker.broker.stop()).rejects.toThrow('the last sync failed');
    await client.closed;
  });
});

/** Storage in memory cannot be opened again, so it outlives the close of its broker. */
function stayOpenInMemory(storage: InstanceStorage): InstanceStorage {
  if (storage.directory !== '') return storage;
  return override(storage, { close: () => Promise.resolve() });
}

/** Keeps 64 produces in flight, stops the broker after 500 replies, and goes on to the end. */
async function produceUntilStopped(
  broker: TestBroker,
  client: RawClient,
): Promise<{ acknowledged: string[]; codes: unknown[] }> {
  const acknowledged: string[] = [];
  const codes = new Set<unknown>();
  const values = new Map<number, string>();
  const produce = (): void => {
    const value = `value ${values.size}`;
    const request = { topic: 'orders', partition: 0, acks: -1 };
    values.set(client.send('produce', request, [batchOf(value)]), value);
  };
  for (let i = 0; i < 64; i += 1) produce();
  let stopped: Promise<void> | undefined;
  for (;;) {
    const reply = await client.replyOrEnd();
    if (reply === undefined) break;
    codes.add(codeOf(reply));
    if (reply.kind === 'ok') acknowledged.push(values.get(reply.correlationId) ?? 'unknown');
    if (acknowledged.length === 500) stopped ??= broker.broker.stop();
    produce();
  }
  await stopped;
  return { acknowledged, codes: [...codes] };
}
