import fc from 'fast-check';
import { crc32c, crc32cByTables } from './crc32c';

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
  const readCommand = Buffer.from(
    '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
      '0200000000000000',
    'hex',
  );
  it.each([
    ['32 bytes of 0', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes that ascend', ascending, 0x46dd794e],
    ['32 bytes that descend', ascending.toReversed(), 0x113fdb5c],
    ['an iSCSI read command', readCommand, 0xd9963a56],
    ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
    ['no bytes', new Uint8Array(0), 0],
  ])('gives the published value for %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('equals the definition for any bytes and any part of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (bytes, a, b) => {
        const start = Math.min(a, b, bytes.length);
        const end = Math.min(Math.max(a, b), bytes.length);
        const expected = bitByBit(bytes.subarray(start, end));
        expect(crc32c(bytes, start, end)).toBe(expected);
        expect(crc32cByTables(bytes, start, end, 0)).toBe(expected);
      }),
    );
  });

  it('does without the package that is optional', () => {
    jest.isolateModules(() => {
      jest.doMock('@node-rs/crc32', () => {
        throw new Error('Cannot find native binding');
      });
      const { crc32c: alone } = jest.requireActual<typeof import('./crc32c')>('./crc32c');
      const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => index);
      expect(alone(bytes, 7)).toBe(crc32c(bytes, 7));
    });
    jest.dontMock('@node-rs/crc32');
  });

  it('goes on from the checksum of the bytes before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), (bytes, cut) => {
        const seed = crc32c(bytes, 0, Math.min(cut, bytes.length));
        const whole = crc32c(bytes, Math.min(cut, bytes.length), bytes.length, seed);
        expect(whole).toBe(crc32c(bytes));
      }),
    );
  });
});
