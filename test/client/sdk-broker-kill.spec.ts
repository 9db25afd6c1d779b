// The SDK against a broker process that is killed and started again on its port.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, Producer } from '@walrusmq/client';
import { BrokerProcess, fixedPort } from '../crash/broker-process';

const KILLS = 3;
const backoff = { initialMs: 10, maxMs: 100 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('SDK over kill -9 of the broker', () => {
  let dataDir: string;
  let port: number;
  let broker: BrokerProcess;
  let address: string;

  async function start(): Promise<void> {
    broker = new BrokerProcess({ dataDir, flags: fixedPort(port) });
    address = await broker.ready;
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-kill-'));
    port = await freePort();
    await start();
  });

  afterEach(async () => {
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('loses no acknowledged record and keeps the order, in the log and at a reader', async () => {
    const admin = new Admin({ broker: address });
    await admin.createTopic('t', { partitions: 2 });
    const producer = new Producer({ broker: address, backoff });
    const options = { broker: address, topics: ['t'], backoff };
    const consumer = new Consumer<Buffer, { n: number }>(options);
    const read = new Map<string, number>();
    const last = [-1, -1];
    const reading = consumer.run({
      eachRecord: ({ partition, offset, value }) => {
        if (offset !== (last[partition] ?? 0) + 1) throw new Error(`gap at ${partition}/${offset}`);
        last[partition] = offset;
        read.set(`${partition}/${offset}`, value?.n ?? -1);
      },
    });
    const acknowledged: { n: number; partition: number; offset: number }[] = [];
    let n = 0;
    let stopped = false;
    const sending = async (): Promise<void> => {
      while (!stopped) {
        const mine = n++;
        const receipt = await producer.send({
          topic: 't',
          partition: mine % 2,
          value: { n: mine },
        });
        acknowledged.push({ n: mine, partition: receipt.partition, offset: receipt.offset });
      }
    };
    const senders = Array.from({ length: 50 }, sending);
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await broker.kill();
      await start();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    stopped = true;
    await Promise.all(senders);
    await producer.close();
    const ends = await admin.listOffsets('t');
    const total = ends.reduce((sum, { offset }) => sum + offset, 0);
    const deadline = performance.now() + 20_000;
    while (read.size < total && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await consumer.close();
    await reading;
    await admin.close();
    expect(read.size).toBe(total);
    expect(acknowledged.length).toBe(n);
    for (const { n: sent, partition, offset } of acknowledged) {
      expect(read.get(`${partition}/${offset}`)).toBe(sent);
    }
  }, 60_000);

  it('goes on as a named reader after the process that read is closed over a kill', async () => {
    const admin = new Admin({ broker: address });
    await admin.createTopic('t');
    const producer = new Producer({ broker: address, backoff });
    await producer.sendMany(Array.from({ length: 500 }, (_, i) => ({ topic: 't', value: `${i}` })));
    await producer.close();
    const options = { broker: address, topics: ['t'], reader: 'r', backoff };
    const seen: number[] = [];
    const first = new Consumer(options);
    for await (const record of first) {
      seen.push(record.offset);
      if (seen.length === 100) {
        await first.commit();
        await broker.kill();
        await start();
      }
      if (seen.length === 200) break;
    }
    await first.commit();
    await first.close();
    const second = new Consumer(options);
    for await (const record of second) {
      seen.push(record.offset);
      if (seen.length === 500) break;
    }
    await second.close();
    await admin.close();
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i));
  }, 60_000);

  it('fails a send with its record when the broker does not come back in time', async () => {
    const admin = new Admin({ broker: address });
    await admin.createTopic('t');
    await admin.close();
    const producer = new Producer({ broker: address, backoff, deliveryTimeoutMs: 400 });
    await producer.send({ topic: 't', value: 'first' });
    await broker.kill();
    await expect(producer.send({ topic: 't', value: 'second' })).rejects.toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      records: [{ topic: 't', value: Buffer.from('second') }],
    });
    await producer.close();
  }, 60_000);
});
