import { wholeNumber } from './client-options';

describe('wholeNumber', () => {
  const parse = wholeNumber('--partitions', 1, 10_000);

  it.each([['1'], ['10000']])('takes %s', (text) => {
    expect(parse(text)).toBe(Number(text));
  });

  it.each([
    ['0'],
    ['10001'],
    ['-1'],
    ['1.5'],
    ['1e3'],
    ['0x10'],
    [' 1'],
    [''],
    ['99999999999999999'],
  ])('refuses "%s" and says what it takes', (text) => {
    const message = `--partitions must be a whole number from 1 to 10000, got "${text}"`;
    expect(() => parse(text)).toThrow(expect.objectContaining({ message, exitCode: 2 }) as Error);
  });
});
