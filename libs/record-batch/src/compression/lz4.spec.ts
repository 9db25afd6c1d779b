import { RecordBatchError } from '../record-batch-error';
import { lz4 } from './lz4-frame';
import { xxhash32 } from './xxhash32';

const LIMIT = 8 * 1024 * 1024;
const [INDEPENDENT, LINKED] = [0x60, 0x40];
const [KIB_64, MIB_4] = [0x40, 0x70];

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function frame(flags: number, sizes: number, ...parts: Buffer[]): Buffer {
  const descriptor = Buffer.from([flags, sizes]);
  return framed(descriptor, ...parts);
}

/** A frame with this descriptor, the right checksum of the header, blocks and an end mark. */
function framed(descriptor: Buffer, ...parts: Buffer[]): Buffer {
  const checksum = (xxhash32(descriptor, 0, descriptor.length) >>> 8) & 0xff;
  const header = [uint32(0x184d2204), descriptor, Buffer.from([checksum])];
  return Buffer.concat([...header, ...parts, uint32(0)]);
}

function block(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function unpack(stored: Buffer): string {
  return lz4.decompress(stored, LIMIT).toString('latin1');
}

describe('an LZ4 frame', () => {
  it('is written as Java’s client writes it', () => {
    const packed = lz4.compress(Buffer.alloc(100_000, 'x'), undefined);
    expect(packed.subarray(0, 7).toString('hex')).toBe('04224d18604082');
    expect(packed.readUInt32LE(packed.length - 4)).toBe(0);
  });

  it('stores blocks that do not shrink', () => {
    const packed = lz4.compress(Buffer.from('abc'), undefined);
    expect(packed.subarray(7).toString('hex')).toBe('0300008061626300000000');
  });

  it('compresses repeats that are far apart and runs that are long', () => {
    const far = Buffer.concat([
      Buffer.alloc(30, 'walrus'),
      Buffer.alloc(60_000),
      Buffer.from('end'),
    ]);
    for (const bytes of [far, Buffer.alloc(65_536, 'ab'), Buffer.alloc(65_536, 'twelve bytes')]) {
      const packed = lz4.compress(bytes, undefined);
      expect(packed.length).toBeLessThan(400);
      expect(lz4.decompress(packed, LIMIT).equals(bytes)).toBe(true);
    }
  });

  it('ends blocks as the format demands: five literals, no match in the last twelve bytes', () => {
    for (let length = 13; length < 60; length++) {
      const packed = lz4.compress(Buffer.alloc(length, 'a'), undefined);
      const bytes = packed.subarray(11, packed.length - 4);
      const literals = bytes.at(-6)! >>> 4;
      expect([length, packed.readUInt32LE(7) < 0x80000000, literals]).toEqual([length, true, 5]);
    }
  });

  it('reads blocks that repeat bytes of the block before, where the frame says so', () => {
    const parts = [block('3061626c'), block('040300103c')];
    expect(() => unpack(frame(INDEPENDENT, KIB_64, ...parts))).toThrow('reaches 3 bytes back');
    expect(unpack(frame(LINKED, KIB_64, ...parts))).toBe('ablablablab<');
  });

  it('reads frames one behind the other, none of which sees the other’s bytes', () => {
    const one = frame(LINKED, KIB_64, block('3061626c'));
    expect(unpack(Buffer.concat([one, one]))).toBe('ablabl');
    const second = frame(LINKED, KIB_64, block('040300103c'));
    expect(() => unpack(Buffer.concat([one, second]))).toThrow('reaches 3 bytes back');
  });

  it('checks the checksums of blocks and of the content', () => {
    const content = Buffer.from('checked');
    const hash = xxhash32(content, 0, content.length);
    const stored = (checksum: number): Buffer =>
      Buffer.concat([uint32(0x80000007), content, uint32(checksum)]);
    expect(unpack(frame(INDEPENDENT | 0x10, KIB_64, stored(hash)))).toBe('checked');
    expect(() => unpack(frame(INDEPENDENT | 0x10, KIB_64, stored(hash + 1)))).toThrow('checksum');
    const whole = frame(INDEPENDENT | 0x04, KIB_64, stored(0).subarray(0, 11));
    expect(unpack(Buffer.concat([whole, uint32(hash)]))).toBe('checked');
    expect(() => unpack(Buffer.concat([whole, uint32(hash - 1)]))).toThrow('checksum');
    expect(() => unpack(whole)).toThrow('ends inside its checksum');
  });

  it('holds a frame to the size it says', () => {
    const sized = (size: number): Buffer =>
      framed(
        Buffer.from([INDEPENDENT | 0x08, KIB_64, size, 0, 0, 0, 0, 0, 0, 0]),
        block('3061626c'),
      );
    expect(unpack(sized(3))).toBe('abl');
    expect(() => unpack(sized(4))).toThrow('a frame of 3 bytes says 4');
  });

  it.each([
    ['another magic', Buffer.from('04224d19604082', 'hex'), 'without the magic'],
    ['a frame that is to be skipped', Buffer.from('502a4d1800000000', 'hex'), 'without the magic'],
    ['another version', frame(0x20, KIB_64), 'flags 0x20'],
    ['a reserved flag', frame(INDEPENDENT | 2, KIB_64), 'flags 0x62'],
    ['a dictionary', frame(INDEPENDENT | 1, KIB_64, Buffer.alloc(4)), 'dictionary'],
    ['a small block size', frame(INDEPENDENT, 0x30), 'block size 0x30'],
    ['a reserved bit beside the block size', frame(INDEPENDENT, 0xc0), 'block size 0xc0'],
    ['a wrong header checksum', Buffer.from('04224d1860408300000000', 'hex'), 'its checksum'],
    ['a block larger than blocks are', frame(INDEPENDENT, KIB_64, uint32(65_537)), 'exceeds'],
    ['a stored block larger than blocks are', frame(INDEPENDENT, KIB_64, uint32(-1)), 'exceeds'],
    ['a block that is not there', frame(INDEPENDENT, KIB_64, uint32(9)), 'ends inside a block'],
    ['no end mark', frame(INDEPENDENT, KIB_64).subarray(0, 9), 'the length of a block'],
    ['literals that are not there', frame(INDEPENDENT, KIB_64, block('5061')), 'past their block'],
    ['a length without an end', frame(INDEPENDENT, KIB_64, block('f0ff')), 'inside a length'],
    ['a match without an end', frame(INDEPENDENT, KIB_64, block('1f610100ff')), 'inside a length'],
    ['an offset that is cut off', frame(INDEPENDENT, KIB_64, block('106101')), 'inside an offset'],
    ['an offset of 0', frame(INDEPENDENT, KIB_64, block('10610000103c')), '0 bytes back'],
    ['a match at the end', frame(INDEPENDENT, KIB_64, block('10610100')), 'without literals'],
  ])('refuses %s', (_what, stored, message) => {
    expect(() => lz4.decompress(stored, LIMIT)).toThrow(RecordBatchError);
    expect(() => lz4.decompress(stored, LIMIT)).toThrow(message);
  });

  it('refuses a block that unpacks to more than blocks have, before it unpacks it', () => {
    const run = Buffer.concat([Buffer.from('1f610100', 'hex'), Buffer.alloc(300, 0xff)]);
    const packed = Buffer.concat([run, Buffer.from('00503c3c3c3c3c', 'hex')]);
    const stored = frame(INDEPENDENT, KIB_64, uint32(packed.length), packed);
    expect(() => lz4.decompress(stored, LIMIT)).toThrow('a block of 76525 bytes exceeds its 65536');
    const large = frame(INDEPENDENT, MIB_4, uint32(packed.length), packed);
    expect(lz4.decompress(large, LIMIT)).toHaveLength(76_525);
    expect(() => lz4.decompress(large, 76_524)).toThrow('over 76524 bytes');
  });
});
