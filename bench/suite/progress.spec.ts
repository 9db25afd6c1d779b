import { PassThrough } from 'node:stream';
import { short, startDisplay } from './progress';
import { NOTHING, type Sampled } from './throughput-rows';

function sampled(seconds: number): Sampled {
  return {
    moment: { phase: 'write', seconds, totals: NOTHING },
    rates: { ...NOTHING, writtenEntries: 206_000, writtenBytes: 153_800_000 },
    dirty: { kilobytes: 1, percent: 1.52 },
    timestamp: 0,
  };
}

function output(isTTY: boolean) {
  const stream = new PassThrough();
  return Object.assign(stream, {
    isTTY,
    columns: 120,
    text: () => String(stream.read() ?? ''),
    cursorTo: () => true,
    clearLine: () => true,
  });
}

describe('short', () => {
  it.each([
    [999, '999'],
    [1000, '1.00k'],
    [206_123, '206k'],
    [1_234_567, '1.23M'],
    [2.5e9, '2.50G'],
  ])('%d is %s', (value, text) => {
    expect(short(value)).toBe(text);
  });
});

describe('startDisplay', () => {
  it('writes a line every five seconds where there is no terminal', () => {
    const stream = output(false);
    const display = startDisplay('write', 120, stream as unknown as NodeJS.WriteStream);
    for (const seconds of [0.5, 4.9, 5.1, 5.6, 10.2]) display.show(sampled(seconds));
    display.end();
    expect(stream.text().split('\n')).toEqual([
      'write 5 s: 206k entries/s, 154MB/s, dirty 1.5 %',
      'write 10 s: 206k entries/s, 154MB/s, dirty 1.5 %',
      '',
    ]);
  });

  it('draws a bar with the rates on a terminal', () => {
    const stream = output(true);
    const display = startDisplay('write', 10, stream as unknown as NodeJS.WriteStream);
    display.show(sampled(4));
    display.end();
    const text = stream.text();
    expect(text).toContain('206k entries/s, 154MB/s');
    expect(text).toMatch(/[█░]{10}/);
  });
});
