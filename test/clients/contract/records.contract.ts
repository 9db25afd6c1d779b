// What every client has to be able to do with records: write them, and read them as they were.
import { createHash } from 'node:crypto';
import { partitionForKey } from '@walrusmq/record-batch';
import type { Acks, Codec } from '../client-under-test';
import { awkwardRecords, plainRecords, record, sides } from '../test-records';
import { has, WITHIN_MS, type ClientContext } from './client-context';

const KIB = 1024;
const VALUE_BYTES_MAX = 8 * KIB * KIB;
const ACKS_NAMES: Readonly<Record<Acks, string>> = { [-1]: 'all', 0: '0', 1: '1' };

export function describeRecords(context: ClientContext): void {
  describeWrites(context);
  if (has(context, 'produceTransaction')) describeTransactions(context);
  describeKinds(context);
  describeSizes(context);
  describeReads(context);
}

/** Idempotent where the client cannot be otherwise. */
const settled = ({ capabilities }: ClientContext, acks: Acks = -1, codec: Codec = 'none') => ({
  acks,
  codec,
  idempotent: capabilities.idempotence === 'always',
});

function describeWrites(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  for (const codec of capabilities.codecs) {
    for (const acks of capabilities.acks) {
      it(`writes ${codec} batches with acks=${ACKS_NAMES[acks]} and reads them`, async () => {
        const topic = await broker().newTopic();
        const records = plainRecords(100);
        const request = { topic, ...settled(context, acks, codec), records };
        const offsets = await client().produce(request);
        const read = { topic, partition: 0, offset: 0, count: 100, withinMs: WITHIN_MS };
        const { expected, got } = sides(records, await client().read(read));
        expect(got).toEqual(expected);
        // Who is not answered, or does not tell, has nothing to say here.
        const told = acks === 0 || offsets === null ? null : offsets;
        expect(told ?? got.map((_, i) => i)).toEqual(got.map((_, i) => i));
        const batches = await broker().storedBatches(topic, 0);
        expect(new Set(batches.map(({ compression }) => compression))).toEqual(new Set([codec]));
      });
    }
  }

  for (const isOn of capabilities.idempotence === 'never' ? [] : [true]) {
    it('numbers its batches when it is idempotent', async () => {
      const topic = await broker().newTopic();
      const records = plainRecords(10);
      const request = { topic, ...settled(context), idempotent: isOn, records };
      await client().produce(request);
      const batches = await broker().storedBatches(topic, 0);
      expect(batches.length).toBeGreaterThan(0);
      const ids = batches.map((each) => `${each.producerId}:${each.producerEpoch}`);
      expect(new Set(ids).size).toBe(1);
      expect(batches[0]?.producerId).toBeGreaterThanOrEqual(0);
      const sequences = batches.map(({ baseSequence }) => baseSequence);
      const first = batches.map(({ baseOffset }) => baseOffset);
      expect(sequences).toEqual(first);
    });
  }
}

function describeTransactions(context: ClientContext): void {
  const { client, broker } = context;

  it('is told by the error of its transactional id that there are no transactions', async () => {
    const topic = await broker().newTopic();
    const writing = client().produceTransaction({ topic, transactionalId: 'transfers' });
    // A client that tries again gives up with an error of its own.
    await expect(writing).rejects.toMatchObject({ kafkaCode: 53 });
    expect(await endOffsets(context, topic)).toEqual([0]);
  });
}

function describeKinds(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  it('reads the keys, values, headers and timestamps that it wrote', async () => {
    const topic = await broker().newTopic();
    const records = awkwardRecords(capabilities);
    await client().produce({ topic, ...settled(context), records });
    const count = records.length;
    const read = await client().read({
      topic,
      partition: 0,
      offset: 0,
      count,
      withinMs: WITHIN_MS,
    });
    const { expected, got } = sides(records, read);
    expect(got).toEqual(expected);
    expect(read.map((each) => [each.topic, each.partition])).toEqual(records.map(() => [topic, 0]));
  });

  if (capabilities.ignoresAppendTime !== true) describeAppendTime(context);

  it('puts records where it is told, or its partitioner says', async () => {
    const topic = await broker().newTopic(5);
    const keyed = plainRecords(50, null);
    const named = plainRecords(25).map((each, i) => ({ ...each, partition: i % 5 }));
    await client().produce({ topic, ...settled(context), records: named });
    const ends = await endOffsets(context, topic);
    expect(ends).toEqual([5, 5, 5, 5, 5]);
    await client().produce({ topic, ...settled(context), records: keyed });
    const after = await endOffsets(context, topic);
    const grown = after.map((end) => end - 5);
    expect(grown.reduce((sum, count) => sum + count, 0)).toBe(50);
    const expected = [0, 0, 0, 0, 0];
    for (const { key } of keyed) expected[partitionForKey(key!, 5)]! += 1;
    // The other partitioners keep equal keys together: no more partitions than keys.
    const isMurmur2 = capabilities.partitioner === 'murmur2';
    expect(isMurmur2 ? grown : expected).toEqual(expected);
  });
}

function describeAppendTime(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  it('reads the time at which records were appended where the topic says so', async () => {
    const startedMs = Date.now();
    const topic = await broker().newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const records = plainRecords(5).map((each) =>
      capabilities.timestamps ? { ...each, timestampMs: 1_000 } : each,
    );
    await client().produce({ topic, ...settled(context), records });
    const read = await client().read({
      ...{ topic, partition: 0, offset: 0, count: 5, withinMs: WITHIN_MS },
    });
    const times = new Set(read.map(({ timestampMs }) => timestampMs));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(startedMs);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
  });
}

async function endOffsets({ broker }: ClientContext, topic: string): Promise<readonly number[]> {
  const offsets = await broker().admin.listOffsets(topic, { at: 'latest' });
  return [...offsets].sort((a, b) => a.partition - b.partition).map(({ offset }) => offset);
}

function describeSizes(context: ClientContext): void {
  const { capabilities, client, broker } = context;

  const largest = Math.min(capabilities.valueBytesMax, VALUE_BYTES_MAX);
  it(`carries a value of ${Math.floor(largest / KIB)} KiB between small ones`, async () => {
    const topic = await broker().newTopic(1, { 'max.message.bytes': String(2 * VALUE_BYTES_MAX) });
    const big = Buffer.alloc(largest, 'walrus ');
    const values = [Buffer.from('before'), big, Buffer.from('after')];
    for (const value of values) {
      await client().produce({ topic, ...settled(context), records: [record({ value })] });
    }
    const read = await client().read({
      ...{ topic, partition: 0, offset: 0, count: 3, withinMs: WITHIN_MS },
    });
    // Digests: a difference of megabytes helps nobody.
    const digest = (bytes: Buffer | null): string =>
      createHash('sha256')
        .update(bytes ?? 'null')
        .digest('hex');
    expect(read.map(({ value }) => digest(value))).toEqual(values.map(digest));
  });

  it('is told that a batch is too large, and goes on', async () => {
    const topic = await broker().newTopic(1, { 'max.message.bytes': '20000' });
    const send = (value: Buffer) =>
      client().produce({ topic, ...settled(context), records: [record({ value })] });
    await expect(send(Buffer.alloc(60 * KIB, 'w'))).rejects.toMatchObject({ kafkaCode: 10 });
    await send(Buffer.from('small'));
    const read = await client().read({
      ...{ topic, partition: 0, offset: 0, count: 1, withinMs: WITHIN_MS },
    });
    expect(read.map(({ value }) => value?.toString())).toEqual(['small']);
  });
}

function describeReads(context: ClientContext): void {
  const { client, broker } = context;

  it('reads many records of several partitions, each in its order', async () => {
    const topic = await broker().newTopic(3);
    const records = Array.from({ length: 3_000 }, (_, i) =>
      record({ partition: i % 3, value: Buffer.from(`record ${i}`) }),
    );
    await client().produce({ topic, ...settled(context, -1, 'none'), records });
    for (const partition of [0, 1, 2]) {
      const read = await client().read({
        ...{ topic, partition, offset: 0, count: 1_000, withinMs: WITHIN_MS },
      });
      const written = records.filter((each) => each.partition === partition);
      const { expected, got } = sides(written, read);
      expect(got).toEqual(expected);
    }
  });

  it('begins in the middle of a batch', async () => {
    const topic = await broker().newTopic();
    await broker().write(
      topic,
      0,
      Array.from({ length: 100 }, (_, i) => `value ${i}`),
    );
    const read = await client().read({
      ...{ topic, partition: 0, offset: 57, count: 43, withinMs: WITHIN_MS },
    });
    expect(read.map(({ offset }) => offset)).toEqual(Array.from({ length: 43 }, (_, i) => 57 + i));
    expect(read[0]?.value?.toString()).toBe('value 57');
  });

  it('gets a record that is written while it waits', async () => {
    const topic = await broker().newTopic();
    await broker().write(topic, 0, ['before']);
    const reading = client().read({
      ...{ topic, partition: 0, offset: 0, count: 2, withinMs: WITHIN_MS },
    });
    await broker().write(topic, 0, ['while it waits']);
    const values = (await reading).map(({ value }) => value?.toString());
    expect(values).toEqual(['before', 'while it waits']);
  });
}
