import * as fc from 'fast-check';
import { splitLines, type Line } from './lines';

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

async function linesOf(chunks: AsyncIterable<Buffer>, lineBytesMax = 1_000): Promise<Line[]> {
  const found: Line[] = [];
  for await (const line of splitLines(chunks, lineBytesMax)) found.push(line);
  return found;
}

describe('splitLines', () => {
  it('gives the same lines however the input is cut, with their numbers', async () => {
    const bytes = Buffer.from('first\n\nthird line\r\n✓ fourth');
    for (let size = 1; size <= bytes.length; size += 1) {
      const lines = await linesOf(chunked(bytes, size));
      expect(lines.map(({ bytes: line, number }) => [number, line.toString()])).toEqual([
        [1, 'first'],
        [2, ''],
        [3, 'third line\r'],
        [4, '✓ fourth'],
      ]);
    }
  });

  it('takes a last newline as an end and not as one more line', async () => {
    expect(await linesOf(chunked(Buffer.from('one\n'), 4))).toHaveLength(1);
    expect(await linesOf(chunked(Buffer.alloc(0), 4))).toHaveLength(0);
  });

  it('gives back every byte of any input', async () => {
    const input = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(input, fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
        const lines = await linesOf(chunked(bytes, size));
        const joined = Buffer.concat(lines.flatMap((line) => [line.bytes, Buffer.from('\n')]));
        const isEnded = bytes.length === 0 || bytes.at(-1) === 0x0a;
        const whole = isEnded ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
        expect(joined.equals(whole)).toBe(true);
      }),
    );
  });

  it('names a line that is too long before all of it is in memory', async () => {
    let handedOut = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('short\n');
      for (;;) {
        handedOut += 1;
        yield await Promise.resolve(Buffer.alloc(100, 'x'));
      }
    }
    await expect(linesOf(endless(), 1_000)).rejects.toThrow('line 2 is longer than 1000 bytes');
    expect(handedOut).toBe(11);
  });
});
