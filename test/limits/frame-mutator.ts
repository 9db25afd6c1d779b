// Bad frames out of good ones. The same seed gives the same frames.
import { encodeFrame } from '@walrusmq/protocol';
import { crc32c } from '@walrusmq/record-batch';
import type { SeededRandom } from '../crash/seeded-random';
import type { Seed } from './seed-frames';

const PREFIX_BYTES = 4;
const CRC_POSITION = 17;
const CRC_START = 21;
/** Markers of msgpack, and bytes at the ends of their ranges. */
const TOKENS = [
  ...[0x00, 0x7f, 0x80, 0x8f, 0x90, 0x93, 0x94, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc4, 0xc6],
  ...[0xc7, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff],
];
const LENGTHS = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 64 * 2 ** 20, 64 * 2 ** 20 + 1];
const NUMBERS = [
  -1,
  0,
  1,
  127,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  0.5,
  NaN,
  Infinity,
];
const TEXTS = ['', '.', '..', 'a/b', '__proto__', 'constructor', '\u0000', 'é', 'fuzz-a', 'latest'];

type Value = unknown;

function framed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}

/** Makes frames that no honest client would send, and some that one would. */
export class FrameMutator {
  private readonly mutations: readonly (() => Buffer)[] = [
    () => this.flipBits(),
    () => this.setTokens(),
    () => framed(this.cut(this.body())),
    () => this.body().subarray(0, 3),
    () => this.lieAboutLength(),
    () => this.splice(),
    () => this.repeatPart(),
    () => this.swapTypes(),
    () => this.swapTypes(),
    () => this.swapTypes(),
    () => this.renameOperation(),
    () => this.nest(),
    () => this.announceMany(),
    () => this.spoilBatch(),
    () => this.spoilBatch(),
    () => this.whole(this.seed()),
  ];

  constructor(
    private readonly seeds: readonly Seed[],
    private readonly random: SeededRandom,
  ) {}

  /** The next frame, its length prefix included; not every one is wrong. */
  next(): Buffer {
    return this.random.pick(this.mutations)();
  }

  private seed(): Seed {
    return this.random.pick(this.seeds);
  }

  private whole({ kind, fields, tail }: Seed): Buffer {
    const id = this.random.chance(0.05) ? 0xffff_ffff : this.random.between(0, 300);
    return Buffer.concat(encodeFrame(kind, id, fields, tail === undefined ? undefined : [tail]));
  }

  private body(): Buffer {
    return Buffer.from(this.whole(this.seed()).subarray(PREFIX_BYTES));
  }

  private place(bytes: Buffer): number {
    return this.random.between(0, Math.max(0, bytes.length - 1));
  }

  private flipBits(): Buffer {
    const body = this.body();
    for (let left = this.random.between(1, 8); left > 0; left -= 1) {
      body[this.place(body)]! ^= 1 << this.random.between(0, 7);
    }
    return framed(body);
  }

  private setTokens(): Buffer {
    const body = this.body();
    for (let left = this.random.between(1, 3); left > 0; left -= 1) {
      body[this.place(body)] = this.random.pick(TOKENS);
    }
    return framed(body);
  }

  private cut(bytes: Buffer): Buffer {
    return bytes.subarray(0, this.place(bytes));
  }

  private lieAboutLength(): Buffer {
    const frame = framed(this.body());
    const length = frame.readUInt32BE(0);
    const near = Math.max(0, length + this.random.between(-4, 4));
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

  /** A value of the fields, however deep, in exchange for one of another kind. */
  private swapTypes(): Buffer {
    const { kind, fields, tail } = this.seed();
    const changed = structuredCloneOf(fields) as Record<string, Value>;
    for (let left = this.random.between(1, 3); left > 0; left -= 1) this.swapIn(changed);
    return this.whole({ kind, fields: changed, tail: this.random.chance(0.9) ? tail : undefined });
  }

  private swapIn(fields: Record<string, Value>): void {
    let holder: Record<string, Value> = fields;
    for (;;) {
      const keys = Object.keys(holder);
      if (keys.length === 0) return;
      const key = this.random.pick(keys);
      const value = holder[key];
      if (isObject(value) && Object.keys(value).length > 0 && this.random.chance(0.7)) {
        holder = value;
        continue;
      }
      if (this.random.chance(0.1) && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
      else holder[key] = this.otherThan(value);
      return;
    }
  }

  private otherThan(value: Value): Value {
    const { random } = this;
    const list = (item: Value): Value[] => new Array<Value>(random.pick([1, 3, 300])).fill(item);
    const makers: readonly (() => Value)[] = [
      () => null,
      () => random.chance(0.5),
      () => random.pick(NUMBERS),
      () => random.between(0, 40_000),
      () => random.pick(TEXTS),
      () => 'x'.repeat(random.pick([249, 250, 5_000])),
      () => Buffer.alloc(random.between(0, 100), 7),
      () => list(value),
      () => list(random.pick(NUMBERS)),
      () => ({}),
      () => ({ [random.pick(TEXTS.slice(0, 4))]: value }),
      () => [],
    ];
    return random.pick(makers)();
  }

  private renameOperation(): Buffer {
    const { fields, tail } = this.seed();
    const kind = this.random.chance(0.8) ? this.seed().kind : this.random.pick(TEXTS);
    return this.whole({ kind, fields, tail });
  }

  /** Written by hand, since an honest encoder nests no deeper than it may. */
  private nest(): Buffer {
    const { kind, fields } = this.seed();
    const key = this.random.pick([...Object.keys(fields), 'other']);
    const text = (value: string): Buffer =>
      Buffer.concat([Buffer.from([0xd9, Buffer.byteLength(value)]), Buffer.from(value)]);
    const depth = this.random.pick([1, 5, 14, 15, 16, 29, 30, 31, 32, 33, 1_000]);
    const level = this.random.pick(['91', '81a161', '9181a161', '81a16191']);
    const levels = Buffer.from(level.repeat(depth), 'hex');
    const [start, middle] = [Buffer.from([0x93]), Buffer.from([7, 0x81])];
    const pieces = [start, text(kind), middle, text(key), levels, Buffer.from([0xc0])];
    return framed(Buffer.concat(pieces));
  }

  /** A list, map, text or bytes of a length that does not follow. */
  private announceMany(): Buffer {
    const { kind } = this.seed();
    const token = this.random.pick([0xdd, 0xdf, 0xdb, 0xc6]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(this.random.pick([1, 100, 2 ** 20, 2 ** 31 - 1, 2 ** 32 - 1]));
    const head = Buffer.concat([
      ...[Buffer.from([0x93, 0xa0 | Math.min(31, kind.length)]), Buffer.from(kind.slice(0, 31))],
      ...[Buffer.from([1, 0x81, 0xa1, 0x61, token]), length],
    ]);
    return framed(Buffer.concat([head, Buffer.alloc(this.random.between(0, 200), 0xc0)]));
  }

  /** A produce whose batch is wrong, half of them with a checksum that is right. */
  private spoilBatch(): Buffer {
    const withTail = this.seeds.filter(
      ({ kind, tail }) => kind === 'produce' && tail !== undefined,
    );
    const { kind, fields, tail = Buffer.alloc(0) } = this.random.pick(withTail);
    const batch = Buffer.from(tail);
    for (let left = this.random.between(1, 4); left > 0; left -= 1) {
      if (this.random.chance(0.5)) batch[this.place(batch)]! ^= 1 << this.random.between(0, 7);
      else batch[this.random.between(0, 60)] = this.random.pick([0, 1, 0x7f, 0x80, 0xff]);
    }
    if (this.random.chance(0.5))
      batch.writeUInt32BE(crc32c(batch.subarray(CRC_START)), CRC_POSITION);
    return this.whole({ kind, fields, tail: this.random.chance(0.2) ? this.cut(batch) : batch });
  }
}

/** As structuredClone, with Buffers as they are. */
function structuredCloneOf(value: Value): Value {
  if (Array.isArray(value)) return value.map(structuredCloneOf);
  if (!isObject(value)) return value;
  const copied = Object.entries(value).map(
    ([key, each]) => [key, structuredCloneOf(each)] as const,
  );
  return Object.fromEntries(copied);
}
