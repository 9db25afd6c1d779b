// Lists of partitions by topic, short enough that one member may own all of an instance: each topic
// id once, in 16 bytes, and runs of partitions for each list.
import { TOPIC_PARTITIONS_MAX } from './topic-catalogue';

/** Partitions of one topic. */
export interface PartitionList {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** The topic ids, joined where all are UUIDs, and each list as bytes. */
export type PackedPartitionLists = readonly [topicIds: Buffer | readonly string[], ...Buffer[]];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_BYTES = 16;

/**
 * The lists as few bytes: 16 for each topic, and four for each of its places in a list where its
 * partitions there are a run. Order is kept.
 */
export function packPartitionLists(
  lists: readonly (readonly PartitionList[])[],
): PackedPartitionLists {
  const places = new Map<string, number>();
  for (const { topicId } of lists.flat()) {
    if (!places.has(topicId)) places.set(topicId, places.size);
  }
  const ids = [...places.keys()];
  const packedIds = ids.every((id) => UUID.test(id))
    ? Buffer.from(ids.join('').replaceAll('-', ''), 'hex')
    : ids;
  return [packedIds, ...lists.map((list) => packList(list, places))];
}

/** The reverse; undefined for what no call of `packPartitionLists` makes of `count` lists. */
export function unpackPartitionLists(
  packed: unknown,
  count: number,
): PartitionList[][] | undefined {
  if (!Array.isArray(packed) || packed.length !== count + 1) return undefined;
  const [packedIds, ...lists] = packed as unknown[];
  const ids = unpackIds(packedIds);
  if (ids === undefined || !lists.every((list) => Buffer.isBuffer(list))) return undefined;
  const unpacked = lists.map((list) => unpackList(list, ids));
  return unpacked.every((list) => list !== undefined) ? unpacked : undefined;
}

/** For each topic: how far its place is from the one before, how many runs, and those. */
function packList(list: readonly PartitionList[], places: ReadonlyMap<string, number>): Buffer {
  const bytes: number[] = [];
  let place = 0;
  for (const { topicId, partitions } of list) {
    const next = places.get(topicId) ?? 0;
    writeSigned(bytes, next - place);
    place = next;
    const runs = runsOf(partitions);
    writeUnsigned(bytes, runs.length);
    let end = 0;
    for (const { first, length } of runs) {
      writeSigned(bytes, first - end);
      writeUnsigned(bytes, length);
      end = first + length;
    }
  }
  return Buffer.from(bytes);
}

function runsOf(partitions: readonly number[]): { first: number; length: number }[] {
  const runs: { first: number; length: number }[] = [];
  for (const partition of partitions) {
    const last = runs.at(-1);
    if (last !== undefined && partition === last.first + last.length) last.length += 1;
    else runs.push({ first: partition, length: 1 });
  }
  return runs;
}

function unpackList(bytes: Buffer, ids: readonly string[]): PartitionList[] | undefined {
  const reader = new NumberReader(bytes);
  const list: PartitionList[] = [];
  let place = 0;
  while (!reader.isAtEnd) {
    place += reader.signed();
    const topicId = ids[place];
    const partitions = unpackRuns(reader);
    if (topicId === undefined || partitions === undefined) return undefined;
    list.push({ topicId, partitions });
  }
  return list;
}

function unpackRuns(reader: NumberReader): number[] | undefined {
  const partitions: number[] = [];
  let end = 0;
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    const first = end + reader.signed();
    const length = reader.unsigned();
    end = first + length;
    // What is not a number compares as false.
    if (!(first >= 0 && length > 0 && end <= TOPIC_PARTITIONS_MAX)) return undefined;
    for (let partition = first; partition < end; partition += 1) partitions.push(partition);
  }
  return reader.isCutOff ? undefined : partitions;
}

function unpackIds(packed: unknown): readonly string[] | undefined {
  if (Array.isArray(packed)) {
    return packed.every((id) => typeof id === 'string') ? packed : undefined;
  }
  if (!Buffer.isBuffer(packed) || packed.length % UUID_BYTES !== 0) return undefined;
  const hex = packed.toString('hex');
  const ids: string[] = [];
  for (let at = 0; at < hex.length; at += 2 * UUID_BYTES) {
    const parts = [8, 12, 16, 20, 32].map((to, index, ends) =>
      hex.slice(at + (ends[index - 1] ?? 0), at + to),
    );
    ids.push(parts.join('-'));
  }
  return ids;
}

/** Seven bits a byte, the lowest first; the eighth says that more come. */
function writeUnsigned(bytes: number[], value: number): void {
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
}

/** Small numbers of either sign are small. */
function writeSigned(bytes: number[], value: number): void {
  writeUnsigned(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Numbers as they were written; NaN from the first on that is cut off or too large. */
class NumberReader {
  isCutOff = false;
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.bytes[this.position];
      if (byte === undefined) break;
      this.position += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    this.isCutOff = true;
    return Number.NaN;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
