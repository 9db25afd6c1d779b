// What a program gets from a consumer.
import type { DecodedRecord, RecordHeader } from '@walrusmq/record-batch';
import { SerialisationError } from './errors';
import { decodeValue } from './serialisation';

/**
 * One record as read.
 *
 * Key, value and header bytes are views of the reply they came in, which stays in memory as long as
 * one of them: copy what is kept for long.
 */
export class ConsumerRecord<V = unknown> {
  private decoded: V | undefined;
  private isDecoded: boolean;

  /** @param raw Whether `value` is the bytes, whatever the headers say. */
  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly stored: DecodedRecord,
    raw: boolean,
  ) {
    this.isDecoded = raw;
    if (raw) this.decoded = stored.value as V;
  }

  /** Position in its partition. */
  get offset(): number {
    return this.stored.offset;
  }

  /** Milliseconds since 1970, -1 if the record has none. */
  get timestamp(): number {
    return this.stored.timestamp;
  }

  /** The key's bytes, null if it has none. */
  get key(): Buffer | null {
    return this.stored.key;
  }

  /** The value's bytes as they are stored; null for a tombstone. */
  get valueBytes(): Buffer | null {
    return this.stored.value;
  }

  /**
   * The value by its `content-type` header, decoded on first use: parsed for JSON, else the bytes;
   * null for a tombstone. The type parameter is what the program expects; nothing checks it.
   *
   * @throws {SerialisationError} The header says JSON and the bytes are none. `valueBytes` has
   *   them.
   */
  get value(): V | null {
    if (!this.isDecoded) {
      try {
        this.decoded = decodeValue(this.stored.value, this.stored.headers) as V;
      } catch (error) {
        const where = `${this.topic}/${this.partition} offset ${this.offset}`;
        throw new SerialisationError(`${where}: ${(error as Error).message}`, { cause: error });
      }
      this.isDecoded = true;
    }
    return this.decoded ?? null;
  }

  /** Header values by name; of a name that repeats the last one. */
  get headers(): Readonly<Record<string, Buffer | null>> {
    const byName = Object.create(null) as Record<string, Buffer | null>;
    for (const { key, value } of this.stored.headers) byName[key] = value;
    return byName;
  }

  /** All headers, in order. */
  get headerList(): readonly RecordHeader[] {
    return this.stored.headers;
  }

  /** What logs and `JSON.stringify` show. */
  toJSON(): Record<string, unknown> {
    const { topic, partition, offset, timestamp, value } = this;
    return { topic, partition, offset, timestamp, key: this.key?.toString() ?? null, value };
  }
}
