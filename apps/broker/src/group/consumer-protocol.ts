// The two messages that clients of the classic protocol put into their groups' opaque bytes when
// the protocol type is `consumer` (ConsumerProtocolSubscription and ConsumerProtocolAssignment,
// versions 0 to 3). Later versions only add fields behind those that are read here.

/** The protocol type of clients that share partitions among consumers. */
const CONSUMER = 'consumer';

/** Partitions of a topic in an assignment. */
export interface NamedPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What a member subscribes to; undefined where the bytes do not tell. */
export function subscribedTopics(
  protocolType: string,
  metadata: Buffer,
): readonly string[] | undefined {
  if (protocolType !== CONSUMER) return undefined;
  return readMessage(metadata, (cursor) => cursor.list(2, () => cursor.text()));
}

/** What a member was given; undefined where the bytes do not tell. */
export function assignedPartitions(
  protocolType: string,
  assignment: Buffer,
): readonly NamedPartitions[] | undefined {
  if (protocolType !== CONSUMER) return undefined;
  // The leader gave it nothing.
  if (assignment.length === 0) return [];
  return readMessage(assignment, (cursor) =>
    cursor.list(6, () => ({
      topic: cursor.text(),
      partitions: cursor.list(4, () => cursor.int32()),
    })),
  );
}

function readMessage<Value>(
  bytes: Buffer,
  read: (cursor: MessageCursor) => Value,
): Value | undefined {
  const cursor = new MessageCursor(bytes);
  const version = cursor.int16();
  const value = read(cursor);
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
    const length = this.int16();
    const at = this.take(length);
    return at === undefined ? '' : this.bytes.toString('utf8', at, at + length);
  }

  /** @param bytesMin What an element takes at least: a count that cannot be is not believed. */
  list<Element>(bytesMin: number, read: () => Element): Element[] {
    const count = this.int32();
    if (count < 0 || count * bytesMin > this.bytes.length - this.position) this.hasFailed = true;
    return this.hasFailed ? [] : Array.from({ length: count }, read);
  }

  private take(length: number): number | undefined {
    const at = this.position;
    if (length < 0 || length > this.bytes.length - at) this.hasFailed = true;
    if (this.hasFailed) return undefined;
    this.position = at + length;
    return at;
  }
}
