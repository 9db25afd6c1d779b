import { RecordBatchError } from '../record-batch-error';
import { snappy } from './snappy';

const LIMIT = 1024 * 1024;
const HEADER = '82534e4150505900' + '00000001' + '00000001';

function unpack(hex: string): string {
  return snappy.decompress(Buffer.from(hex.replaceAll(' ', ''), 'hex'), LIMIT).toString('latin1');
}

describe('snappy', () => {
  it('is written in the frame of Java’s client, a chunk for each 32 KiB', () => {
    const packed = snappy.compress(Buffer.alloc(70_000, 'walrus'), undefined);
    expect(packed.subarray(0, 16).toString('hex')).toBe(HEADER);
    const sizes: number[] = [];
    for (let at = 16; at < packed.length; at += 4 + packed.readInt32BE(at)) {
      const chunk = packed.subarray(at + 4, at + 4 + packed.readInt32BE(at));
      sizes.push(snappy.decompress(chunk, LIMIT).length);
    }
    expect(sizes).toEqual([32_768, 32_768, 70_000 - 65_536]);
  });

  it('is read without a frame, as librdkafka sends it', () => {
    expect(unpack('03 08 61626c')).toBe('abl');
    expect(unpack('00')).toBe('');
  });

  it.each([
    ['a copy with an offset of one byte', '0b 08 61626c 11 03', 'ablablablab'],
    ['a copy with an offset of two bytes', '0b 08 61626c 1e 0300', 'ablablablab'],
    ['a copy with an offset of four bytes', '0b 08 61626c 1f 03000000', 'ablablablab'],
    ['literals with a length in one byte', `3d f0 3c ${'61'.repeat(61)}`, 'a'.repeat(61)],
    ['literals with a length in four bytes', '03 fc 02000000 61626c', 'abl'],
  ])('reads %s', (_what, hex, text) => {
    expect(unpack(hex)).toBe(text);
  });

  it('reads frames one behind the other, and one without chunks', () => {
    const frame = `${HEADER} 00000005 03 08 61626c`;
    expect(unpack(frame + frame)).toBe('ablabl');
    expect(unpack(HEADER)).toBe('');
  });

  it('keeps the chunks of a frame apart', () => {
    const second = '00000004 04 01 03 00';
    expect(() => unpack(`${HEADER} 00000005 03 08 61626c ${second}`)).toThrow('bytes back');
  });

  it.each([
    ['a size that does not end', '8080808080', 'no size'],
    ['a size beyond what so few bytes unpack to', 'ffffffff0f 00', 'cannot unpack'],
    ['literals that are not there', '03 08 61', 'past their block'],
    ['a length that is not there', '03 f4 00', 'inside an element'],
    ['an offset that is not there', '04 01', 'inside an element'],
    ['an offset of 0', '05 00 61 01 00', '0 bytes back'],
    ['an offset before the start', '05 00 61 01 02', '2 bytes back'],
    ['an offset of 4 GiB', '05 00 61 0f ffffffff', '4294967295 bytes back'],
    ['more than the size says', '02 08 61626c', 'more than it says'],
    ['a copy of more than the size says', '04 00 61 01 01', 'more than it says'],
    ['less than the size says', '04 08 61626c', 'lacks 1'],
    ['a frame cut in its header', HEADER.slice(0, 24), 'in its header'],
    ['a frame cut in a length', `${HEADER} 0000`, 'length of a chunk'],
    ['a chunk that is not there', `${HEADER} 00000006 03 08 61626c`, 'length 6, 5 bytes'],
    ['a chunk of no bytes', `${HEADER} 00000000`, 'length 0'],
    ['a chunk of negative length', `${HEADER} ffffffff 00`, 'length -1'],
  ])('refuses %s', (_what, hex, message) => {
    expect(() => unpack(hex)).toThrow(RecordBatchError);
    expect(() => unpack(hex)).toThrow(message);
  });

  it('adds up what chunks say before it unpacks one', () => {
    const chunk = snappy.compress(Buffer.alloc(32_768), undefined).subarray(16);
    const bomb = Buffer.concat([
      Buffer.from(HEADER, 'hex'),
      ...Array.from({ length: 33 }, () => chunk),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => snappy.decompress(bomb, LIMIT)).toThrow(`over ${LIMIT} bytes`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(LIMIT);
  });
});
