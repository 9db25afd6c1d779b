// Clients that do not read, hundreds of them, against a broker in a process of its own: what it
// holds for them is bounded by its budgets, and those that read and write are served.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Consumer, Producer } from '@walrusmq/client';
import {
  describeConfigsCodec,
  encodeRequest,
  fetchCodec,
  produceCodec,
  type ApiCodec,
} from '@walrusmq/kafka-protocol';
import { encodeFrame } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink } from '../crash/protocol-link';

jest.setTimeout(120_000);

const KIB = 1024;
const MIB = 1024 * KIB;
const BUDGET_MIB = 16;
const FLAGS = [
  ...['--request-bytes-max', `${BUDGET_MIB}MiB`, '--reply-bytes-max', `${BUDGET_MIB}MiB`],
  ...['--push-bytes-max', `${BUDGET_MIB}MiB`, '--fsync', 'no-fsync', '--log-level', 'error'],
];
const COUNT = 200;
/** The budgets, what each connection may have beside them, and what the process itself grows by. */
const GROWTH_BYTES_MAX = 3 * BUDGET_MIB * MIB + COUNT * 64 * KIB + 96 * MIB;
const HELLO = encodeFrame('hello', 0, { protocol: [1, 1], client: 'deaf' });

function kafkaFrame<Request, Response>(
  codec: ApiCodec<Request, Response>,
  version: number,
  request: Request,
): Buffer {
  const origin = { correlationId: 1, clientId: 'deaf' };
  return Buffer.concat(encodeRequest(codec, version, origin, request));
}

describe('clients that do not read', () => {
  let dataDir: string;
  let broker: BrokerProcess;
  let address: string;
  let kafkaAddress: string;
  let link: ProtocolLink;
  let rssBefore: number;
  const deaf: Socket[] = [];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-slow-'));
    broker = new BrokerProcess({ dataDir, flags: FLAGS });
    address = await broker.ready;
    kafkaAddress = (await broker.addresses).kafka ?? '';
    link = await ProtocolLink.open(address);
    await link.request('createTopic', { name: 'large', partitions: 1 });
    await link.request('createTopic', { name: 'small', partitions: 1 });
    const batch = encodeBatch([{ value: Buffer.alloc(500 * KIB, 'x') }]);
    for (let i = 0; i < 16; i += 1) {
      await link.request('produce', { topic: 'large', partition: 0, acks: -1 }, [batch]);
    }
    await serve(100);
    rssBefore = broker.rssBytes();
  });
  afterEach(async () => {
    for (const socket of deaf.splice(0)) socket.destroy();
    link.close();
    const code = await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
    if (code !== 0 || broker.stderr !== '') {
      throw new Error(`the broker ended with ${String(code)}:\n${broker.stderr}`);
    }
  });

  /** A client that sends this and never reads. */
  const openAt = async (place: string, ...bytes: readonly Buffer[]): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: Number(place.split(':')[1]) });
    socket.pause();
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(Buffer.concat(bytes));
    deaf.push(socket);
    return socket;
  };
  /** A client that sends this behind its hello, and never reads. */
  const open = (...requests: readonly Buffer[]): Promise<Socket> =>
    openAt(address, ...HELLO, ...requests);
  const openKafka = (...requests: readonly Buffer[]): Promise<Socket> =>
    openAt(kafkaAddress, ...requests);

  /** An SDK producer and an SDK consumer pass each other so many records. */
  const serve = async (count: number): Promise<void> => {
    const topics = ['small'];
    const consumer = new Consumer({ broker: address, topics, from: 'latest' });
    const producer = new Producer({ broker: address });
    const received: string[] = [];
    const run = (async () => {
      for await (const record of consumer) {
        received.push(String(record.valueBytes));
        if (received.at(-1) === 'last') break;
      }
    })();
    const { fields } = await link.request('listOffsets', { topic: 'small', at: 'latest' });
    expect(fields.offsets).toHaveLength(1);
    const values = Array.from({ length: count }, (_, i) => `value ${i}`);
    // Again and again, since the consumer may begin behind the first.
    const state = { isOver: false };
    const over = run.then(() => (state.isOver = true));
    while (!state.isOver) {
      await Promise.all(values.map((value) => producer.send({ topic: 'small', value })));
      await producer.send({ topic: 'small', value: 'last' });
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    await Promise.all([producer.close(), consumer.close()]);
    const whole = received.slice(received.indexOf('value 0'));
    expect(whole.slice(0, count)).toEqual(values);
  };

  const grownBytes = (): number => broker.rssBytes() - rssBefore;

  it('hold a bounded part of what they fetch', async () => {
    const fields = { partitions: [['large', 0, 0]], maxBytes: 16 * MIB };
    const fetches = Array.from({ length: 10 }, (_, i) => encodeFrame('fetch', i + 1, fields));
    for (let i = 0; i < COUNT; i += 1) await open(...fetches.flat());
    for (let round = 0; round < 3; round += 1) await serve(200);
    expect(grownBytes()).toBeLessThan(GROWTH_BYTES_MAX);
  });

  it('hold a bounded part of what they fetch by Kafka’s protocol', async () => {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 16 * MIB }];
    const fetch = kafkaFrame(fetchCodec, 11, {
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 16 * MIB, isolationLevel: 0 },
      topics: [{ topic: 'large', partitions }],
    });
    const fetches = Array.from({ length: 10 }, () => fetch);
    for (let i = 0; i < COUNT; i += 1) await openKafka(...fetches);
    for (let round = 0; round < 3; round += 1) await serve(200);
    expect(grownBytes()).toBeLessThan(GROWTH_BYTES_MAX);
  });

  it('hold a bounded part of what they subscribed to', async () => {
    const fields = { partitions: [['large', 0, 0]], creditBytes: 2 ** 30 };
    for (let i = 0; i < COUNT; i += 1) await open(...encodeFrame('subscribe', 1, fields));
    // They may use up all that there is for events, until they are hung up on.
    await serve(200);
    expect(grownBytes()).toBeLessThan(GROWTH_BYTES_MAX);
  });

  /**
   * Has clients write what they do not read the answers to, until they are not read either; then
   * one begins to read. Answers what the broker grew by, and how much that one got.
   */
  const floodWith = async (piece: Buffer, writers: readonly Socket[]) => {
    // Each writes until its socket takes no more, which is when the broker has stopped to read.
    for (let stuck = 0; stuck < 3;) {
      const takers = writers.filter((socket) => socket.writableLength === 0);
      for (const socket of takers) socket.write(piece);
      await serve(10);
      stuck = takers.length === 0 ? stuck + 1 : 0;
    }
    const grown = grownBytes();
    await serve(200);
    // It gets its answers, and is read again.
    const [first] = writers;
    first!.resume();
    while (first!.writableLength > 0) await once(first!, 'drain');
    return { grown, readBytes: first!.bytesRead };
  };
  const batch = encodeBatch([{ value: Buffer.alloc(100) }]);

  it('are not read any more, where they produce and pipeline without end', async () => {
    const fields = { topic: 'large', partition: 0, acks: 1 };
    // Its reply is large, so that the buffers of the system are full soon.
    const configs = Array.from({ length: 400 }, () => encodeFrame('describeConfigs', 2, {})).flat();
    const produce = Array.from({ length: 100 }, () => encodeFrame('produce', 1, fields, [batch]));
    const writers = await Promise.all(Array.from({ length: 8 }, () => open()));
    const piece = Buffer.concat([...produce.flat(), ...configs]);
    const { grown, readBytes } = await floodWith(piece, writers);
    expect(grown).toBeLessThan(GROWTH_BYTES_MAX);
    expect(readBytes).toBeGreaterThan(100 * KIB);
  });

  it('are not read any more, where they do so by Kafka’s protocol', async () => {
    const topicData = [{ name: 'large', partitionData: [{ index: 0, records: batch }] }];
    const produce = kafkaFrame(produceCodec, 9, { acks: 1, timeoutMs: 1_000, topicData });
    const resources = [{ resourceType: 2, resourceName: 'large', configurationKeys: null }];
    const described = { resources, includeSynonyms: true, includeDocumentation: true };
    const configs = kafkaFrame(describeConfigsCodec, 4, described);
    const piece = [
      ...Array.from({ length: 100 }, () => produce),
      ...Array.from({ length: 400 }, () => configs),
    ];
    const writers = await Promise.all(Array.from({ length: 8 }, () => openKafka()));
    const { grown, readBytes } = await floodWith(Buffer.concat(piece), writers);
    expect(grown).toBeLessThan(GROWTH_BYTES_MAX);
    expect(readBytes).toBeGreaterThan(100 * KIB);
  });
});
