// An idempotent producer whose answers get lost, while its broker is killed and comes back: every
// acknowledged record stands in the log once, and all of them in order.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, Producer, type RecordReceipt } from '@walrusmq/client';
import { BrokerProcess, fixedPort } from '../crash/broker-process';
import { SeededRandom } from '../crash/seeded-random';
import { CuttingProxy } from './cutting-proxy';

const KILLS = 3;
const PARTITIONS = 2;
/** The run goes on until so many connections were cut with an answer under way. */
const CUTS = 60;
/** Of so many pieces of answers one is lost. */
const CUT_ONE_IN = 4;
/** Records that have no outcome yet, at most. */
const UNSETTLED_MAX = 400;
const backoff = { initialMs: 5, maxMs: 50 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an idempotent producer', () => {
  const seed = Number(process.env.WALRUSMQ_TEST_SEED ?? Date.now() % 1_000_000);
  let dataDir: string;
  let port: number;
  let broker: BrokerProcess;
  let proxy: CuttingProxy;
  let isCutting = true;

  async function start(): Promise<string> {
    broker = new BrokerProcess({ dataDir, flags: fixedPort(port) });
    return broker.ready;
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-once-'));
    port = await freePort();
    await start();
    const random = new SeededRandom(seed);
    proxy = await CuttingProxy.start(port, () => isCutting && random.between(1, CUT_ONE_IN) === 1);
  });

  afterEach(async () => {
    await proxy.stop();
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** The values of a partition as a reader gets them, by offset. */
  async function read(address: string, partition: number, count: number): Promise<number[]> {
    const topics = [{ topic: 't', partitions: [partition] }];
    const consumer = new Consumer<Buffer, number>({ broker: address, topics, from: 'earliest' });
    const values: number[] = [];
    for await (const { offset, value } of consumer) {
      expect(offset).toBe(values.length);
      values.push(value ?? -1);
      if (values.length === count) break;
    }
    await consumer.close();
    return values;
  }

  it(`writes every record once and in order, seed ${seed} (WALRUSMQ_TEST_SEED)`, async () => {
    const admin = new Admin({ broker: `127.0.0.1:${port}`, backoff });
    await admin.createTopic('t', { partitions: PARTITIONS });
    // Small batches: many requests are under way when a connection is cut.
    const producer = new Producer({ broker: proxy.address, backoff, batchBytes: 512 });
    const receipts: Promise<RecordReceipt>[] = [];
    let settled = 0;
    let hasEnough = false;
    const sendAll = async (): Promise<void> => {
      for (let n = 0; !hasEnough || n % PARTITIONS !== 0; n++) {
        const receipt = producer.send({ topic: 't', partition: n % PARTITIONS, value: n });
        receipts.push(receipt);
        void receipt.then(() => (settled += 1));
        if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (n - settled > UNSETTLED_MAX) await receipts[n - UNSETTLED_MAX];
      }
    };
    const sending = sendAll();
    for (let kill = 1; kill <= KILLS; kill++) {
      await proxy.untilCut((CUTS * kill) / (KILLS + 1));
      await broker.kill();
      await start();
    }
    await proxy.untilCut(CUTS);
    hasEnough = true;
    await sending;
    const acknowledged = await Promise.all(receipts);
    isCutting = false;
    await producer.close();
    const ends = await admin.listOffsets('t');
    await admin.close();

    expect(proxy.cutCount).toBeGreaterThanOrEqual(CUTS);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const sent = [...acknowledged.keys()].filter((n) => n % PARTITIONS === partition);
      expect(ends.find((end) => end.partition === partition)?.offset).toBe(sent.length);
      expect(await read(`127.0.0.1:${port}`, partition, sent.length)).toEqual(sent);
      sent.forEach((n, offset) => expect(acknowledged[n]?.offset).toBe(offset));
    }
  }, 120_000);
});
