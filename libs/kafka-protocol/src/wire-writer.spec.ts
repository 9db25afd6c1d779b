import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

const UNENCODABLE = expect.objectContaining({ code: 'UNENCODABLE' }) as Error;

type Write = (writer: WireWriter) => void;

const REFUSALS: readonly (readonly [what: string, write: Write])[] = [
  ['128 as int8', (w) => w.int8(128)],
  ['-32769 as int16', (w) => w.int16(-32769)],
  ['-1 as uint16', (w) => w.uint16(-1)],
  ['2^31 as int32', (w) => w.int32(2 ** 31)],
  ['a fraction as int32', (w) => w.int32(0.5)],
  ['NaN as int32', (w) => w.int32(NaN)],
  ['2^53 as int64', (w) => w.int64(2 ** 53)],
  ['a fraction as int64', (w) => w.int64(1.5)],
  ['a uuid without dashes', (w) => w.uuid('0'.repeat(32))],
  ['a uuid of other characters', (w) => w.uuid('0000000g-0000-0000-0000-000000000000')],
  ['a string of 32,768 bytes', (w) => w.string('x'.repeat(32768))],
  ['a compact string of 32,768 bytes', (w) => w.compactString('é'.repeat(16384))],
];

function written(write: Write): Buffer {
  const writer = new WireWriter();
  write(writer);
  return Buffer.concat(writer.finish());
}

describe('WireWriter', () => {
  it.each(REFUSALS)('refuses %s', (_what, write) => {
    expect(() => written(write)).toThrow(UNENCODABLE);
  });

  it.each([
    ['0000000000000000', 0],
    ['ffffffffffffffff', -1],
    ['ffffffff00000000', -(2 ** 32)],
    ['00000000ffffffff', 2 ** 32 - 1],
    ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['ffe0000000000001', Number.MIN_SAFE_INTEGER],
  ])('writes int64 as %s', (hex, value) => {
    expect(written((w) => w.int64(value)).toString('hex')).toBe(hex);
  });

  it('hands long byte strings on without a copy, in their places', () => {
    const first = Buffer.alloc(5000, 1);
    const second = Buffer.alloc(2000, 2);
    const writer = new WireWriter();
    writer.int8(7);
    writer.byteString(first);
    writer.compactByteString(second);
    writer.int8(8);
    const chunks = writer.finish();
    expect(chunks[1]).toBe(first);
    expect(chunks[3]).toBe(second);
    const reader = new WireReader(Buffer.concat(chunks));
    expect([reader.int8(), reader.byteString(), reader.compactByteString()]).toEqual([
      ...[7, first, second],
    ]);
    expect(reader.int8()).toBe(8);
  });

  it('hands on several chunks that are one byte string', () => {
    const chunks = [Buffer.alloc(3000, 1), Buffer.alloc(0), Buffer.alloc(10, 2)];
    const writer = new WireWriter();
    writer.nullableChunks(chunks);
    const given = writer.finish();
    expect(given).toContain(chunks[0]);
    expect(new WireReader(Buffer.concat(given)).byteString()).toEqual(Buffer.concat(chunks));
  });

  it('writes the length of a frame with that of the chunks in it', () => {
    const writer = new WireWriter();
    writer.int32(0);
    writer.byteString(Buffer.alloc(4096));
    const frame = Buffer.concat(writer.finishFrame());
    expect(frame.readInt32BE()).toBe(frame.length - 4);
  });

  it.each([0, 1, 127, 128, 129, 16383, 16384, 40_000])(
    'writes a tagged field of %i bytes with its size',
    (length) => {
      const value = Buffer.from(Array.from({ length }, (_, i) => i & 0xff));
      const bytes = written((w) => {
        const at = w.beginTagged(3);
        for (const byte of value) w.int8((byte << 24) >> 24);
        w.endTagged(at);
        w.int8(42);
      });
      const reader = new WireReader(bytes);
      expect(reader.uvarint()).toBe(3);
      const end = reader.taggedEnd();
      expect(bytes.subarray(reader.position, end)).toEqual(value);
      expect(bytes.subarray(end)).toEqual(Buffer.from([42]));
    },
  );

  it('grows with what is written, and keeps what was', () => {
    const text = 'é'.repeat(15_000);
    const bytes = written((w) => {
      for (let i = 0; i < 5; i++) w.string(text);
    });
    const reader = new WireReader(bytes);
    for (let i = 0; i < 5; i++) expect(reader.string()).toBe(text);
    expect(reader.remaining).toBe(0);
  });

  it('is not disturbed by another writer in between', () => {
    const outer = new WireWriter();
    outer.int32(1);
    expect(written((w) => w.int32(2)).readInt32BE()).toBe(2);
    outer.int32(3);
    const inner = written((w) => w.int32(4));
    expect(Buffer.concat(outer.finish()).toString('hex')).toBe('0000000100000003');
    expect(inner.readInt32BE()).toBe(4);
  });

  it('goes on after a writer that an error stopped', () => {
    expect(() => written((w) => w.int8(1000))).toThrow(UNENCODABLE);
    expect(written((w) => w.string('ok')).toString('hex')).toBe('00026f6b');
  });
});
