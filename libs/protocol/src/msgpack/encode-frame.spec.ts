import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { encodeFrame } from './encode-frame';
import { MessageWriter } from './message-writer';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

function write(value: unknown): Buffer {
  const writer = new MessageWriter(0);
  writer.write(value);
  return writer.take();
}

describe('MessageWriter', () => {
  it('writes what an independent decoder reads', () => {
    // Of lengths beyond every border of a length's own width; to draw each part takes seconds.
    const some = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
    const repeated = fc.tuple(some, fc.nat(700)).map(([one, times]) => one.repeat(times));
    const numbers = fc.tuple(fc.nat(), fc.nat(70_000));
    const value = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary' }),
      repeated.map((one) => Buffer.from(one).toString()),
      fc.maxSafeInteger(),
      fc.double(),
      numbers.map(([first, length]) => Array.from({ length }, (_, index) => first + index)),
    );
    fc.assert(
      fc.property(value, (sent) => {
        const isNegativeZero = (inner: unknown): boolean => Object.is(inner, -0);
        fc.pre(!JSON.stringify(sent).includes('__proto__') && !isNegativeZero(sent));
        const read: unknown = unpackr.unpack(write(sent));
        expect(JSON.stringify(read)).toBe(JSON.stringify(sent));
      }),
    );
  });

  it.each([
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_536, 'ce00010000'],
    [2 ** 32 - 1, 'ceffffffff'],
    [2 ** 32, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-128, 'd080'],
    [-129, 'd1ff7f'],
    [-32_768, 'd18000'],
    [-32_769, 'd2ffff7fff'],
    [-(2 ** 31), 'd280000000'],
    [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
    [Number.MIN_SAFE_INTEGER, 'd3ffe0000000000001'],
    [1.5, 'cb3ff8000000000000'],
    ['', 'a0'],
    ['é', 'a2c3a9'],
    ['x'.repeat(31), `bf${'78'.repeat(31)}`],
    ['x'.repeat(32), `d920${'78'.repeat(32)}`],
    [Buffer.from('ab'), 'c4026162'],
    [[null, true, false], '93c0c3c2'],
    [{ a: undefined, b: undefined }, '80'],
    [[undefined], '91c0'],
  ])('writes %p in its shortest integer or plain form', (value, hex) => {
    expect(write(value).toString('hex')).toBe(hex);
  });

  it.each([
    ['a function', () => 0],
    ['a date', new Date(0)],
    ['a bigint', 1n],
    ['a Map', new Map()],
  ])('refuses %s', (_what, value) => {
    expect(() => write({ field: value })).toThrow(TypeError);
  });

  it('refuses a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(() => write(cycle)).toThrow('nest over 32 deep');
  });
});

describe('encodeFrame', () => {
  it('passes the pieces of the tail on without copying them', () => {
    const tail = [Buffer.from('one'), Buffer.from('two')];
    const [head, ...rest] = encodeFrame('produce', 5, { topic: 't' }, tail);
    expect(rest[0]).toBe(tail[0]);
    expect(rest[1]).toBe(tail[1]);
    expect(head!.readUInt32BE(0)).toBe(head!.length - 4 + 6);
  });

  it.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses the correlation id %d', (id) => {
    expect(() => encodeFrame('ok', id, {})).toThrow(RangeError);
  });
});
