import { KafkaCodecError } from './kafka-codec-error';
import { WireReader } from './wire-reader';

function over(hex: string, elementsMax?: number): WireReader {
  const options = elementsMax === undefined ? {} : { elementsMax };
  return new WireReader(Buffer.from(hex, 'hex'), 0, hex.length / 2, options);
}

function expectRefused(code: string, hex: string, read: (reader: WireReader) => unknown): void {
  let refusal: unknown;
  try {
    read(over(hex));
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(KafkaCodecError);
  expect((refusal as KafkaCodecError).code).toBe(code);
}

type Read = (reader: WireReader) => unknown;

const REFUSALS: readonly (readonly [what: string, code: string, hex: string, read: Read])[] = [
  ['an int32 of three bytes', 'TRUNCATED', '000000', (r) => r.int32()],
  ['an int64 of 2^53', 'UNSAFE_INTEGER', '0020000000000000', (r) => r.int64()],
  ['an int64 of -2^53', 'UNSAFE_INTEGER', 'ffe0000000000000', (r) => r.int64()],
  ['the least int64', 'UNSAFE_INTEGER', '8000000000000000', (r) => r.int64()],
  ['a string of length -1', 'MALFORMED', 'ffff', (r) => r.string()],
  ['a string of length -2', 'MALFORMED', 'fffe', (r) => r.nullableString()],
  ['a string longer than the frame', 'TRUNCATED', '7fff41', (r) => r.string()],
  ['a compact string that is null', 'MALFORMED', '00', (r) => r.compactString()],
  ['a compact string of 2^32 - 2', 'TRUNCATED', 'ffffffff0f', (r) => r.compactString()],
  [
    'a compact string of 2^15',
    'MALFORMED',
    `818002${'41'.repeat(32_768)}`,
    (r) => r.compactString(),
  ],
  ['a string that grows to that', 'MALFORMED', `2ab0${'ff'.repeat(10_928)}`, (r) => r.string()],
  ['bytes of length -1', 'MALFORMED', 'ffffffff', (r) => r.byteString()],
  ['bytes of the least length', 'MALFORMED', '80000000', (r) => r.nullableByteString()],
  ['bytes of the greatest length', 'TRUNCATED', '7fffffff00', (r) => r.nullableByteString()],
  ['compact bytes of 2^32 - 2', 'TRUNCATED', 'ffffffff0f00', (r) => r.compactByteString()],
  ['an array of length -1', 'MALFORMED', 'ffffffff', (r) => r.arrayLength(1)],
  ['an array of length -2', 'MALFORMED', 'fffffffe', (r) => r.nullableArrayLength(1)],
  ['an array of 2^31 - 1', 'TRUNCATED', '7fffffff00', (r) => r.arrayLength(1)],
  ['a compact array of 2^32 - 2', 'TRUNCATED', 'ffffffff0f', (r) => r.compactArrayLength(1)],
  [
    'three elements of four bytes in eleven',
    'TRUNCATED',
    `04${'00'.repeat(11)}`,
    (r) => r.compactArrayLength(4),
  ],
  ['a varint of 33 bits', 'MALFORMED', 'ffffffff1f', (r) => r.uvarint()],
  ['a varint of six bytes', 'MALFORMED', '808080808001', (r) => r.uvarint()],
  ['a varint without its end', 'TRUNCATED', '8080', (r) => r.uvarint()],
  ['tagged fields without their number', 'TRUNCATED', '', (r) => r.skipTaggedFields()],
  ['2^32 - 1 tagged fields', 'TRUNCATED', 'ffffffff0f0000', (r) => r.skipTaggedFields()],
  ['a tagged field longer than the frame', 'TRUNCATED', '010502ff', (r) => r.skipTaggedFields()],
  ['a tagged field of 2^32 - 1 bytes', 'TRUNCATED', '0105ffffffff0f', (r) => r.skipTaggedFields()],
];

describe('WireReader', () => {
  it.each(REFUSALS)('refuses %s', (_what, code, hex, read) => {
    expectRefused(code, hex, read);
  });

  it('reads integers of every size with their signs', () => {
    const reader = over('80' + '8000' + 'ffff' + '80000000' + 'ffe0000000000001');
    expect([reader.int8(), reader.int16(), reader.uint16()]).toEqual([-128, -32768, 65535]);
    expect(reader.int32()).toBe(-2147483648);
    expect(reader.int64()).toBe(Number.MIN_SAFE_INTEGER);
    expect(reader.remaining).toBe(0);
  });

  it.each([
    ['7fffffffffffffff', Number.MAX_SAFE_INTEGER],
    ['8000000000000000', Number.MIN_SAFE_INTEGER],
    ['ffffffffffffffff', -1],
    ['0000000100000000', 2 ** 32],
  ])('clamps int64 %s to %i', (hex, value) => {
    expect(over(hex).int64Clamped()).toBe(value);
  });

  it.each([
    ['00', 0],
    ['7f', 127],
    ['8001', 128],
    ['8000', 0],
    ['ffffffff0f', 0xffffffff],
  ])('reads varint %s as %i', (hex, value) => {
    expect(over(hex).uvarint()).toBe(value);
  });

  it('gives slices of the frame, not copies', () => {
    const frame = Buffer.from('000000020102', 'hex');
    const bytes = new WireReader(frame).byteString();
    expect(bytes.buffer).toBe(frame.buffer);
    expect(bytes).toEqual(Buffer.from('0102', 'hex'));
  });

  it('skips tagged fields that it does not know', () => {
    const reader = over('02' + '00' + '00' + 'ff01' + '03' + 'aabbcc' + '2a');
    reader.skipTaggedFields();
    expect(reader.int8()).toBe(42);
  });

  it('counts the elements of all arrays of a frame against one limit', () => {
    const reader = over('03' + '03' + '0000', 3);
    expect(reader.compactArrayLength(1)).toBe(2);
    const tooMany = expect.objectContaining({ code: 'TOO_LARGE' }) as Error;
    expect(() => reader.compactArrayLength(1)).toThrow(tooMany);
  });

  it('does not count null and empty arrays', () => {
    const reader = over('00' + '01' + 'ffffffff' + '00000000', 0);
    expect(reader.compactNullableArrayLength(8)).toBe(-1);
    expect(reader.compactArrayLength(8)).toBe(0);
    expect(reader.nullableArrayLength(8)).toBe(-1);
    expect(reader.arrayLength(8)).toBe(0);
  });

  it('says where and what it refuses', () => {
    expect(() => over('000541').string()).toThrow('byte 2 of 3: 5 bytes wanted, 1 are left');
  });
});
