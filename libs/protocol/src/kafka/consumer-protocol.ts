// The two messages that members of a classic consumer group exchange through the broker, which
// keeps them as opaque bytes: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment,
// versions 0 to 3 (owned partitions: KIP-429, generation: KIP-792, rack: KIP-881). Each version
// only adds fields behind those of the one before, so a later one is read as the last that is
// known.

/** The protocol type of groups whose members share partitions by these messages. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';
/** The version of both messages that is written, and whose fields are known. */
export const CONSUMER_PROTOCOL_VERSION = 3;

/** Partitions of a topic. */
export interface NamedPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What a member tells the leader of its group. */
export interface ConsumerSubscription {
  readonly topics: readonly string[];
  /** For the assignor. */
  readonly userData: Buffer | null;
  /** What the member has, and goes on with until it is told otherwise. */
  readonly owned: readonly NamedPartitions[];
  /** The generation that the member was in last; -1 where it says none. */
  readonly generation: number;
  readonly rackId: string | null;
}

/** What the leader gives a member. */
export interface ConsumerAssignment {
  readonly partitions: readonly NamedPartitions[];
  /** From the assignor. */
  readonly userData: Buffer | null;
}

const NO_GENERATION = -1;

/**
 * The bytes of a subscription. Topics and partitions are put in order, so that members that say
 * the same have the same bytes.
 *
 * @param version 0 to 3; fields that came later are left out.
 */
export function encodeSubscription(
  { topics, userData, owned, generation, rackId }: ConsumerSubscription,
  version = CONSUMER_PROTOCOL_VERSION,
): Buffer {
  return Buffer.concat([
    int16(version),
    int32(topics.length),
    ...[...topics].sort().map(text),
    nullableBytes(userData),
    ...(version >= 1 ? namedPartitions(owned) : []),
    ...(version >= 2 ? [int32(generation)] : []),
    ...(version >= 3 ? [rackId === null ? int16(-1) : text(rackId)] : []),
  ]);
}

/** The bytes of an assignment, in the order of `encodeSubscription`. */
export function encodeAssignment(
  { partitions, userData }: ConsumerAssignment,
  version = CONSUMER_PROTOCOL_VERSION,
): Buffer {
  return Buffer.concat([int16(version), ...namedPartitions(partitions), nullableBytes(userData)]);
}

/** What a member subscribes to and has; undefined where the bytes are no subscription. */
export function decodeSubscription(bytes: Buffer): ConsumerSubscription | undefined {
  return readMessage(bytes, (cursor, version) => ({
    topics: readTopics(cursor),
    userData: cursor.nullableBytes(),
    owned: version >= 1 ? readPartitions(cursor) : [],
    generation: version >= 2 ? cursor.int32() : NO_GENERATION,
    rackId: version >= 3 ? cursor.nullableText() : null,
  }));
}

/**
 * What a member was given; undefined where the bytes are no assignment. A leader that gives a
 * member nothing may send no bytes at all.
 */
export function decodeAssignment(bytes: Buffer): ConsumerAssignment | undefined {
  if (bytes.length === 0) return { partitions: [], userData: null };
  return readMessage(bytes, (cursor) => ({
    partitions: readPartitions(cursor),
    userData: cursor.nullableBytes(),
  }));
}

/** The topics of a subscription, whatever comes behind them; undefined where there are none. */
export function decodeSubscribedTopics(bytes: Buffer): readonly string[] | undefined {
  return readMessage(bytes, readTopics);
}

/** The partitions of an assignment, whatever comes behind them; else as `decodeAssignment`. */
export function decodeAssignedPartitions(bytes: Buffer): readonly NamedPartitions[] | undefined {
  return bytes.length === 0 ? [] : readMessage(bytes, readPartitions);
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function nullableBytes(value: Buffer | null): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(value.length), value]);
}

function namedPartitions(lists: readonly NamedPartitions[]): Buffer[] {
  const sorted = [...lists].sort((one, other) => (one.topic < other.topic ? -1 : 1));
  const parts = sorted.map(({ topic, partitions }) => {
    const numbers = [...partitions].sort((one, other) => one - other);
    return Buffer.concat([text(topic), int32(numbers.length), ...numbers.map(int32)]);
  });
  return [int32(lists.length), ...parts];
}

function readTopics(cursor: MessageCursor): string[] {
  return cursor.list(2, () => cursor.text());
}

function readPartitions(cursor: MessageCursor): NamedPartitions[] {
  return cursor.list(6, () => ({
    topic: cursor.text(),
    partitions: cursor.list(4, () => cursor.int32()),
  }));
}

function readMessage<Value>(
  bytes: Buffer,
  read: (cursor: MessageCursor, version: number) => Value,
): Value | undefined {
  const cursor = new MessageCursor(bytes);
  const version = cursor.int16();
  const value = read(cursor, version);
  return version >= 0 && !cursor.hasFailed ? value : undefined;
}

/** Reads big-endian fields one after another; what lies behind the end is read as nothing. */
class MessageCursor {
  /** Whether something was read that is not there, or cannot be. */
  hasFailed = false;
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  int16(): number {
    const at = this.take(2);
    return at === undefined ? 0 : this.bytes.readInt16BE(at);
  }

  int32(): number {
    const at = this.take(4);
    return at === undefined ? 0 : this.bytes.readInt32BE(at);
  }

  text(): string {
    return this.textOf(this.int16());
  }

  nullableText(): string | null {
    const length = this.int16();
    return length === -1 ? null : this.textOf(length);
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length === -1) return null;
    const at = this.take(length);
    return at === undefined ? null : this.bytes.subarray(at, at + length);
  }

  /** @param bytesMin What an element takes at least: a count that cannot be is not believed. */
  list<Element>(bytesMin: number, read: () => Element): Element[] {
    const count = this.int32();
    if (count < 0 || count * bytesMin > this.bytes.length - this.position) this.hasFailed = true;
    return this.hasFailed ? [] : Array.from({ length: count }, read);
  }

  private textOf(length: number): string {
    const at = this.take(length);
    return at === undefined ? '' : this.bytes.toString('utf8', at, at + length);
  }

  private take(length: number): number | undefined {
    const at = this.position;
    if (length < 0 || length > this.bytes.length - at) this.hasFailed = true;
    if (this.hasFailed) return undefined;
    this.position = at + length;
    return at;
  }
}
