// Bad requests of the Kafka protocol out of good ones. The same seed gives the same frames.
import { decodeRequest, findApi, KafkaCodecError, type ApiCodec } from '@walrusmq/kafka-protocol';
import { crc32c } from '@walrusmq/record-batch';
import type { SeededRandom } from '../crash/seeded-random';
import { BATCHES, framed as requestFrame, type KafkaSeed } from './kafka-seeds';

const PREFIX_BYTES = 4;
/** Of an API key and a version, behind the length. */
const KEY_POSITION = 4;
const VERSION_POSITION = 6;
/** What the first eight bytes say has to be there for an answer. */
const START_BYTES = 8;
const CRC_POSITION = 17;
const CRC_START = 21;
/** Lengths and counts at the ends of their ranges, in each of the protocol's encodings. */
const TOKENS = [
  ...['7fffffff', '80000000', 'ffffffff', 'fffffffe', '7fff', '8000', 'ffff', '00', 'ff', '80'],
  ...['ffffffff0f', 'ffffffff7f', 'ffffffffff01', '8080808010', '808000', '01', 'feffffff0f'],
  ...['00000001', '00100000', '0001', '7fffffffffffffff', '8000000000000000', 'ffffffffffffffff'],
].map((hex) => Buffer.from(hex, 'hex'));
const LENGTHS = [0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 64 * 2 ** 20, 64 * 2 ** 20 + 1];
const API_VERSIONS_KEY = 18;
const KEYS = [-1, 4, 5, 6, 7, 27, 58, 67, 93, 100, 1_000, 32_767, -32_768];

function framed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

/**
 * Whether these bytes are one request that a broker of our codecs can read: it has to go on behind
 * it, if only with an error. Behind any other it closes the connection.
 */
export function isReadable(bytes: Buffer): boolean {
  if (bytes.length < PREFIX_BYTES + START_BYTES) return false;
  if (bytes.readUInt32BE(0) !== bytes.length - PREFIX_BYTES) return false;
  const codec = findApi(bytes.readInt16BE(KEY_POSITION))?.codec;
  if (codec === undefined) return false;
  const version = bytes.readInt16BE(VERSION_POSITION);
  const isOther = version < codec.minVersion || version > codec.maxVersion;
  if (isOther) return codec.key === API_VERSIONS_KEY;
  try {
    decodeRequest(codec as unknown as ApiCodec<unknown, unknown>, bytes.subarray(PREFIX_BYTES));
    return true;
  } catch (error) {
    if (!(error instanceof KafkaCodecError)) throw error;
    return false;
  }
}

/** Makes requests that no honest client would send, and some that one would. */
export class KafkaMutator {
  private readonly mutations: readonly (() => Buffer)[] = [
    () => this.flipBits(),
    () => this.flipBits(),
    () => this.overwrite(),
    () => this.overwrite(),
    () => this.insert(),
    () => framed(this.cut(this.body())),
    () => framed(this.body().subarray(0, this.random.between(0, START_BYTES - 1))),
    () => this.lieAboutLength(),
    () => this.splice(),
    () => this.repeatPart(),
    () => this.otherVersion(),
    () => this.otherApi(),
    () => this.addTags(),
    () => this.spoilBatch(),
    () => this.spoilBatch(),
    () => Buffer.from(this.seed().frame),
  ];

  constructor(
    private readonly seeds: readonly KafkaSeed[],
    private readonly random: SeededRandom,
  ) {}

  /** The next frame, its length included; not every one is wrong. */
  next(): Buffer {
    return this.random.pick(this.mutations)();
  }

  private seed(): KafkaSeed {
    return this.random.pick(this.seeds);
  }

  private body(): Buffer {
    return Buffer.from(this.seed().frame.subarray(PREFIX_BYTES));
  }

  private place(bytes: Buffer): number {
    return this.random.between(0, Math.max(0, bytes.length - 1));
  }

  /** Behind what names the API and the version, most of the time. */
  private placeBehindStart(bytes: Buffer): number {
    if (bytes.length <= START_BYTES || this.random.chance(0.05)) return this.place(bytes);
    return this.random.between(START_BYTES, bytes.length - 1);
  }

  private flipBits(): Buffer {
    const body = this.body();
    for (let left = this.random.between(1, 8); left > 0; left -= 1) {
      body[this.placeBehindStart(body)]! ^= 1 << this.random.between(0, 7);
    }
    return framed(body);
  }

  private overwrite(): Buffer {
    const body = this.body();
    for (let left = this.random.between(1, 3); left > 0; left -= 1) {
      this.random.pick(TOKENS).copy(body, this.placeBehindStart(body));
    }
    return framed(body);
  }

  private insert(): Buffer {
    const body = this.body();
    const at = this.placeBehindStart(body);
    return framed(
      Buffer.concat([body.subarray(0, at), this.random.pick(TOKENS), body.subarray(at)]),
    );
  }

  private cut(bytes: Buffer): Buffer {
    return bytes.subarray(0, this.place(bytes));
  }

  private lieAboutLength(): Buffer {
    const frame = framed(this.body());
    const near = Math.max(0, frame.readUInt32BE(0) + this.random.between(-4, 4));
    frame.writeUInt32BE(this.random.chance(0.5) ? near : this.random.pick(LENGTHS), 0);
    return frame;
  }

  private splice(): Buffer {
    const one = this.body();
    const other = this.body();
    return framed(Buffer.concat([this.cut(one), other.subarray(this.place(other))]));
  }

  private repeatPart(): Buffer {
    const body = this.body();
    const [from, to] = [this.place(body), this.place(body)].sort((a, b) => a - b);
    const part = body.subarray(from, to);
    const times = this.random.pick([0, 2, 3, 50]);
    const parts = Array.from({ length: times }, () => part);
    return framed(Buffer.concat([body.subarray(0, from), ...parts, body.subarray(to)]));
  }

  private otherVersion(): Buffer {
    const frame = Buffer.from(this.seed().frame);
    frame.writeInt16BE(this.random.between(-1, 20), VERSION_POSITION);
    return frame;
  }

  private otherApi(): Buffer {
    const frame = Buffer.from(this.seed().frame);
    const key = this.random.chance(0.5) ? this.seed().codec.key : this.random.pick(KEYS);
    frame.writeInt16BE(key, KEY_POSITION);
    return frame;
  }

  /** Tagged fields that nobody knows, in the place of none at the end of a flexible request. */
  private addTags(): Buffer {
    const flexible = this.seeds.filter(({ isFlexible }) => isFlexible);
    const frame = this.random.pick(flexible).frame;
    const count = this.random.pick([1, 3, 127]);
    const tags = Array.from({ length: count }, (_, i) => {
      const size = this.random.between(0, 20);
      return Buffer.concat([Buffer.from([i, size]), Buffer.alloc(size, 0x01)]);
    });
    const tail = this.random.chance(0.5) ? Buffer.alloc(0) : this.random.pick(TOKENS);
    const body = frame.subarray(PREFIX_BYTES, frame.length - 1);
    return framed(Buffer.concat([body, Buffer.from([count]), ...tags, tail]));
  }

  /** A produce whose batch is wrong, half of them with a checksum that is right. */
  private spoilBatch(): Buffer {
    const produce = this.seeds.filter(({ codec }) => codec.name === 'Produce');
    const { codec, version, request } = this.random.pick(produce);
    const batch = Buffer.from(this.random.pick(BATCHES));
    for (let left = this.random.between(1, 4); left > 0; left -= 1) {
      if (this.random.chance(0.5)) batch[this.place(batch)]! ^= 1 << this.random.between(0, 7);
      else batch[this.random.between(0, 60)] = this.random.pick([0, 1, 0x7f, 0x80, 0xff]);
    }
    if (this.random.chance(0.5)) {
      batch.writeUInt32BE(crc32c(batch.subarray(CRC_START)), CRC_POSITION);
    }
    const records = this.random.chance(0.2) ? this.cut(batch) : batch;
    const acks = this.random.pick([-1, 0, 1, 1]);
    const spoilt = withRecords(request, records) as Readonly<Record<string, unknown>>;
    return requestFrame(codec, version, { ...spoilt, acks });
  }
}

function withRecords(value: unknown, records: Buffer): unknown {
  if (Array.isArray(value)) return value.map((each) => withRecords(each, records));
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'records' ? records : withRecords(each, records),
    ]),
  );
}
