// What a program gets from a consumer.
import type { DecodedRecord, RecordHeader } from '@walrusmq/record-batch';
import { SerialisationError } from './errors';
import { DEFAULT_DECODING, type RecordDecoding } from './serialisers';

/**
 * One record as read.
 *
 * Key, value and header bytes are views of the reply they came in, which stays in memory as long as
 * one of them: copy what is kept for long.
 */
export class ConsumerRecord<K = Buffer, V = unknown> {
  private readKey: K | null | undefined;
  private readValue: V | null | undefined;

  /** @param decoding What key and value are read with. */
  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly stored: DecodedRecord,
    private readonly decoding: RecordDecoding = DEFAULT_DECODING,
  ) {}

  /** Position in its partition. */
  get offset(): number {
    return this.stored.offset;
  }

  /** Milliseconds since 1970, -1 if the record has none. */
  get timestamp(): number {
    return this.stored.timestamp;
  }

  /**
   * The key, null if it has none: bytes, unless the consumer has a serialisation for keys. Decoded
   * on first use.
   *
   * @throws {SerialisationError} Its bytes are not what that reads. `keyBytes` has them.
   */
  get key(): K | null {
    this.readKey ??= this.read(this.decoding.key, this.stored.key) as K | null;
    return this.readKey;
  }

  /** The key's bytes as they are stored, null if it has none. */
  get keyBytes(): Buffer | null {
    return this.stored.key;
  }

  /** The value's bytes as they are stored; null for a tombstone. */
  get valueBytes(): Buffer | null {
    return this.stored.value;
  }

  /**
   * The value, decoded on first use; null for a tombstone. Unless the consumer has a serialisation
   * for values its `content-type` header decides: parsed for JSON and msgpack, text for
   * `text/plain`, else the bytes. The type parameter is what the program expects; nothing checks
   * it.
   *
   * @throws {SerialisationError} The bytes are not what the header or the serialisation says.
   *   `valueBytes` has them.
   */
  get value(): V | null {
    this.readValue ??= this.read(this.decoding.value, this.stored.value) as V | null;
    return this.readValue;
  }

  /**
   * Decodes key and value now, as their first use would.
   *
   * @throws {SerialisationError} One of them cannot be.
   */
  decode(): void {
    this.readKey ??= this.read(this.decoding.key, this.stored.key) as K | null;
    this.readValue ??= this.read(this.decoding.value, this.stored.value) as V | null;
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
    const key = this.decoding.key === DEFAULT_DECODING.key ? this.keyBytes?.toString() : this.key;
    return { topic, partition, offset, timestamp, key: key ?? null, value };
  }

  private read(decode: RecordDecoding['key'], bytes: Buffer | null): unknown {
    try {
      return decode(bytes, this.stored.headers);
    } catch (error) {
      const where = `${this.topic}/${this.partition} offset ${this.offset}`;
      throw new SerialisationError(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
}
