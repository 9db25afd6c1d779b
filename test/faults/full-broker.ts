// A broker in its own process on a disk that fills up: it refuses to produce, serves consumers and
// readers meanwhile, and goes on by itself once somebody deletes something.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Consumer, Producer } from '@walrusmq/client';
import { ERROR_TABLE } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink, RefusedError } from '../crash/protocol-link';
import { run } from './worker-process';

const BATCH_BYTES = 250_000;
/** The disk has 256 MB: so many batches fill it several times. */
const BATCHES_MAX = 4_000;
/** Each takes some KiB of the disk until the groups' log is made short. */
const COMMITS = 1_000;
const METADATA = 'm'.repeat(4_000);
const FLAGS = ['--block-bytes', '1MiB', '--blocks-per-file', '8', '--log-level', 'error'];

/** A topic of one partition, and the values that the broker acknowledged. */
class Topic {
  readonly values: string[] = [];

  constructor(
    private readonly link: ProtocolLink,
    readonly name: string,
  ) {}

  async create(): Promise<void> {
    await this.link.request('createTopic', { name: this.name, partitions: 1 });
  }

  async produce(value: string): Promise<void> {
    const fields = { topic: this.name, partition: 0, acks: -1 } as const;
    await this.link.request('produce', fields, [encodeBatch([{ value: Buffer.from(value) }])]);
    this.values.push(value);
  }

  /** All that was acknowledged is there, in order; `more` may be behind it. */
  async check(link = this.link, more = 0): Promise<void> {
    const records = await link.readAll(this.name, 0);
    assert.equal(records.length, this.values.length + more);
    this.values.forEach((value, i) => assert.equal(String(records[i]?.value), value));
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
}

/** Produces until the disk is full. */
async function fillUp(topic: Topic): Promise<number> {
  for (let i = 0; i < BATCHES_MAX; i += 1) {
    const code = await codeOf(topic.produce(`${i} `.padEnd(BATCH_BYTES, 'x')));
    if (code === undefined) continue;
    assert.equal(code, 'NO_SPACE');
    return i;
  }
  throw new Error(`${BATCHES_MAX} batches did not fill the disk`);
}

/** A new group on a full disk: a member of it is given everything, and what it commits is kept. */
async function consumeFull(address: string, keep: Topic, group: string): Promise<void> {
  const consumer = new Consumer({ broker: address, group, topics: [keep.name], from: 'earliest' });
  try {
    let consumed = 0;
    await consumer.run({
      eachRecord: (record) => {
        assert.equal(String(record.value), keep.values[consumed]);
        consumed += 1;
        if (consumed === keep.values.length) setImmediate(() => void consumer.close());
      },
    });
    assert.equal(consumed, keep.values.length);
  } finally {
    await consumer.close();
  }
}

/** Commits of a client that is no member: far more than one block of the groups' log takes. */
async function commitFull(link: ProtocolLink, keep: Topic, group: string): Promise<void> {
  for (let i = 0; i < COMMITS; i += 1) {
    const offset = i % keep.values.length;
    const offsets = [[keep.name, 0, offset, null, METADATA]] as const;
    const { fields } = await link.request('offsetCommit', { group, offsets });
    assert.deepEqual(fields.partitions, [[keep.name, 0, null]]);
  }
}

/** Where a group stands in the topic. */
async function committedOffset(link: ProtocolLink, group: string): Promise<number | null> {
  const { fields } = await link.request('offsetFetch', { group });
  assert.equal(fields.offsets.length, 1);
  return fields.offsets[0]?.[2] ?? null;
}

/** What has to work on a full disk, and what must not. */
async function serveFull(link: ProtocolLink, keep: Topic, fill: Topic): Promise<void> {
  await keep.check();
  await fill.check();
  for (let offset = 1; offset <= keep.values.length; offset += 1) {
    await link.request('readerCommit', { reader: 'r', offsets: [[keep.name, 0, offset]] });
  }
  const partitions: [string, number][] = [[keep.name, 0]];
  const { fields } = await link.request('readerFetch', { reader: 'r', partitions });
  assert.equal(fields.offsets[0]?.[2], keep.values.length);
  const large = fill.produce('y'.repeat(BATCH_BYTES));
  assert.equal(await codeOf(large), 'NO_SPACE');
}

/** @returns A line about what happened. */
export async function fillBroker(disk: string): Promise<string> {
  assert.equal(ERROR_TABLE.NO_SPACE.retriable, true);
  // The journal alone takes most of the disk that the others get.
  const large = join(disk, 'large');
  mkdirSync(large);
  run('mount', '-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', large);
  const line = await fillUntilItRecovers(join(large, 'data'));
  run('umount', large);
  return line;
}

async function fillUntilItRecovers(dataDir: string): Promise<string> {
  const broker = new BrokerProcess({ dataDir, flags: FLAGS });
  const counts: number[] = [];
  const consumed: number[] = [];
  let keep: Topic;
  try {
    const address = await broker.ready;
    const link = await ProtocolLink.open(address);
    keep = new Topic(link, 'keep');
    await keep.create();
    for (let i = 0; i < 20; i += 1) await keep.produce(`kept ${i}`);

    const ways = [
      (name: string) => link.request('deleteTopic', { name }),
      (name: string) => link.request('deleteRecords', { topic: name, before: 'latest' }),
    ];
    for (const [round, free] of ways.entries()) {
      const fill = new Topic(link, `fill-${round}`);
      await fill.create();
      counts.push(await fillUp(fill));
      await serveFull(link, keep, fill);
      await consumeFull(address, keep, `members-${round}`);
      await commitFull(link, keep, `alone-${round}`);
      consumed.push(keep.values.length);
      assert.equal(await codeOf(keep.produce('x'.repeat(BATCH_BYTES))), 'NO_SPACE');
      counts.push(await recover(address, keep, () => free(fill.name)));
    }
  } finally {
    await broker.kill();
  }
  const again = new BrokerProcess({ dataDir, flags: FLAGS });
  try {
    const link = await ProtocolLink.open(await again.ready);
    await keep.check(link);
    for (const [round, count] of consumed.entries()) {
      assert.equal(await committedOffset(link, `members-${round}`), count);
      assert.equal(await committedOffset(link, `alone-${round}`), (COMMITS - 1) % count);
    }
    assert.equal(await again.stop(), 0);
  } finally {
    await again.kill();
  }
  const [first, sent, second, later] = counts;
  return `full after ${first} and ${second} batches; ${sent} and ${later} sends then went through`;
}

/** An SDK producer that meets the full disk delivers all it was given, once there is room. */
async function recover(
  address: string,
  keep: Topic,
  free: () => Promise<unknown>,
): Promise<number> {
  const producer = new Producer({ broker: address, deliveryTimeoutMs: 120_000 });
  try {
    let isDelivered = false;
    const value = 'z'.repeat(BATCH_BYTES);
    const sends = Array.from({ length: 8 }, () => producer.send({ topic: keep.name, value }));
    const all = Promise.all(sends).then((results) => {
      isDelivered = true;
      return results;
    });
    // It is refused while the disk is full: the broker answers it so, again and again.
    for (let i = 0; i < 20; i += 1) {
      assert.equal(await codeOf(keep.produce('w'.repeat(BATCH_BYTES))), 'NO_SPACE');
    }
    assert.equal(isDelivered, false);
    await free();
    const delivered = await all;
    for (let i = 0; i < delivered.length; i += 1) keep.values.push(value);
    await keep.produce('after');
    await keep.check();
    return delivered.length;
  } finally {
    await producer.close();
  }
}
