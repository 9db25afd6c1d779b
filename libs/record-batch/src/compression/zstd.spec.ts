import { RecordBatchError } from '../record-batch-error';
import { zstd, zstdLibraries } from './zstd';
import { zstdSizes } from './zstd-frame';

const LIMIT = 1024 * 1024;
const MAGIC = '28b52ffd';
/** Frame descriptors: none of the flags, a size in the header, a size of one byte and no window. */
const [PLAIN, SIZED, SINGLE] = ['00', '80', '20'];
/** A window of 1 MiB. */
const WINDOW = '50';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** The header of a block: 0 raw, 1 a repeated byte, 2 compressed. */
function block(type: number, size: number, isLast = true): string {
  const word = (size << 3) | (type << 1) | Number(isLast);
  return Buffer.from([word & 0xff, (word >>> 8) & 0xff, word >>> 16]).toString('hex');
}

describe('the sizes that zstd frames say', () => {
  it.each([
    ['raw', `${MAGIC} ${PLAIN} ${WINDOW} ${block(0, 3)} 61626c`, 3, 3],
    ['a repeated byte', `${MAGIC} ${PLAIN} ${WINDOW} ${block(1, 100_000)} 61`, 100_000, 100_000],
    ['compressed', `${MAGIC} ${PLAIN} ${WINDOW} ${block(2, 2)} 0000`, 0, 131_072],
    ['compressed in a small window', `${MAGIC} ${PLAIN} 0a ${block(2, 2)} 0000`, 0, 2_560],
    ['a size of four bytes', `${MAGIC} ${SIZED} ${WINDOW} 03000000 ${block(2, 2)} 0000`, 3, 3],
    ['a size of two bytes', `${MAGIC} 60 0100 ${block(2, 2)} 0000`, 257, 257],
    ['a size of one byte', `${MAGIC} ${SINGLE} 03 ${block(0, 3)} 61626c`, 3, 3],
    ['a size of eight bytes', `${MAGIC} e0 0300000000000000 ${block(0, 3)} 61626c`, 3, 3],
    ['a dictionary id of 0', `${MAGIC} 01 ${WINDOW} 00 ${block(0, 1)} 61`, 1, 1],
    ['a checksum', `${MAGIC} 04 ${WINDOW} ${block(0, 1)} 61 00000000`, 1, 1],
    ['a frame that is skipped', `5f2a4d18 02000000 ffff`, 0, 0],
    [
      'two blocks and two frames',
      `${MAGIC} ${PLAIN} ${WINDOW} ${block(0, 1, false)} 61 ${block(2, 1)} 00`.repeat(2),
      2,
      2 * 131_073,
    ],
  ])('are those of %s', (_what, text, min, max) => {
    expect(zstdSizes(hex(text))).toMatchObject({ min, max });
  });

  it.each([
    ['nothing', '', 'no frame'],
    ['another magic', `29b52ffd ${PLAIN} ${WINDOW} ${block(0, 0)}`, 'without the magic'],
    ['a header that is cut off', `${MAGIC} ${SIZED} ${WINDOW} 0300`, 'inside its header'],
    ['a reserved bit', `${MAGIC} 08 ${WINDOW} ${block(0, 0)}`, 'reserved bit'],
    ['a dictionary', `${MAGIC} 01 ${WINDOW} 07 ${block(0, 1)} 61`, 'dictionary'],
    ['the reserved type', `${MAGIC} ${PLAIN} ${WINDOW} ${block(3, 0)}`, 'reserved type'],
    ['a block beyond 128 KiB', `${MAGIC} ${PLAIN} ${WINDOW} ${block(1, 131_073)} 61`, 'exceeds'],
    ['a block beyond its window', `${MAGIC} ${PLAIN} 00 ${block(1, 1_025)} 61`, 'exceeds'],
    [
      'a block that is not there',
      `${MAGIC} ${PLAIN} ${WINDOW} ${block(0, 3)} 61`,
      'inside a block',
    ],
    ['no last block', `${MAGIC} ${PLAIN} ${WINDOW} ${block(0, 1, false)} 61`, 'header of a block'],
    ['a checksum that is cut off', `${MAGIC} 04 ${WINDOW} ${block(0, 1)} 61 00`, 'its checksum'],
    ['a size below its blocks', `${MAGIC} ${SINGLE} 03 ${block(0, 4)} 61616161`, 'exceeds 3'],
    [
      'a size above its blocks',
      `${MAGIC} ${SINGLE} 04 ${block(0, 3)} 616161`,
      'the 4 bytes it says',
    ],
    [
      'a size that no blocks can have',
      `${MAGIC} c0 ${WINDOW} ffffffffffffffff ${block(2, 2)} 0000`,
      'bytes it says',
    ],
    ['skipped bytes that are not there', '502a4d18 ffffffff', 'to be skipped'],
  ])('are refused: %s', (_what, text, message) => {
    expect(() => zstdSizes(hex(text))).toThrow(RecordBatchError);
    expect(() => zstdSizes(hex(text))).toThrow(message);
  });
});

describe('zstd', () => {
  const codec = zstd();

  it('refuses a bomb of repeated bytes before it allocates for it', () => {
    const blocks = Array.from({ length: 9 }, (_, n) => `${block(1, 131_072, n === 8)} 00`).join('');
    const before = process.memoryUsage().arrayBuffers;
    expect(() => codec.decompress(hex(`${MAGIC} ${PLAIN} ${WINDOW} ${blocks}`), LIMIT)).toThrow(
      `over ${LIMIT} bytes`,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(LIMIT);
  });

  it('reads frames that do not say their size, and passes over those that are skipped', () => {
    const frame = `${MAGIC} ${PLAIN} ${WINDOW} ${block(0, 3)} 61626c`;
    const skipped = '5a2a4d18 03000000 010203';
    expect(codec.decompress(hex(frame + skipped + frame), LIMIT).toString()).toBe('ablabl');
    expect(codec.decompress(hex(skipped), LIMIT)).toHaveLength(0);
  });

  it('goes on after what it refused', () => {
    const bytes = Buffer.alloc(100_000, 'still works');
    const packed = codec.compress(bytes, undefined);
    for (let round = 0; round < 50; round++) {
      const broken = Buffer.from(packed).fill(0xff, 12, 20);
      expect(() => codec.decompress(broken, LIMIT)).toThrow(RecordBatchError);
      expect(codec.decompress(packed, LIMIT).equals(bytes)).toBe(true);
    }
  });

  it('uses Node’s own zlib where that has zstd', () => {
    const hasOwn = 'zstdCompressSync' in jest.requireActual<object>('node:zlib');
    const names = zstdLibraries().map(({ name }) => name);
    expect(names).toEqual([...(hasOwn ? ['node:zlib'] : []), '@bokuweb/zstd-wasm']);
  });

  it('leaves the WebAssembly module usable for whoever else initialises it', async () => {
    zstdLibraries().at(-1)!.load().compress(Buffer.from('ours first'), 3);
    const package_ = jest.requireActual<typeof import('@bokuweb/zstd-wasm')>('@bokuweb/zstd-wasm');
    await package_.init();
    const packed = package_.compress(Buffer.alloc(1000, 'theirs'), 3);
    expect(Buffer.from(package_.decompress(packed)).equals(Buffer.alloc(1000, 'theirs'))).toBe(
      true,
    );
    expect(codec.decompress(Buffer.from(packed), LIMIT)).toHaveLength(1000);
  });
});
