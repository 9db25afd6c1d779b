import {
  fsyncText,
  parseBatchEntries,
  parseByteCount,
  parseFsync,
  parseSeconds,
  parseThreadRange,
  SettingsError,
} from './setting-values';

describe('parseFsync', () => {
  it.each([
    ['sync-each', { kind: 'sync-each' }],
    ['no-fsync', { kind: 'no-fsync' }],
    ['none', { kind: 'no-fsync' }],
    ['async', { kind: 'milliseconds', intervalMs: 1000 }],
    ['100ms', { kind: 'milliseconds', intervalMs: 100 }],
    ['500', { kind: 'milliseconds', intervalMs: 500 }],
  ])('reads %s', (text, schedule) => {
    expect(parseFsync('FSYNC', text)).toEqual(schedule);
  });

  it.each(['', 'sync', '0', '0ms', '-5', '1.5ms', '5s', '4294967296', 'ms'])(
    'refuses %j and says what it takes',
    (text) => {
      expect(() => parseFsync('FSYNC', text)).toThrow(
        `FSYNC is '${text}'; expected sync-each, no-fsync, none, async, or milliseconds: 100ms`,
      );
    },
  );

  it('is undone by fsyncText', () => {
    for (const text of ['sync-each', 'no-fsync', '250ms']) {
      expect(fsyncText(parseFsync('FSYNC', text))).toBe(text);
    }
  });
});

describe('parseSeconds', () => {
  it.each([
    ['30s', 30],
    ['2m', 120],
    ['1h', 3600],
    ['90', 90],
    ['0.5s', 0.5],
  ])('reads %s', (text, seconds) => {
    expect(parseSeconds('DURATION', text)).toBe(seconds);
  });

  it.each(['', '0', '0s', '-1', '5d', 's', '1m30s', '1e3', 'ten'])('refuses %j', (text) => {
    expect(() => parseSeconds('DURATION', text)).toThrow(SettingsError);
  });
});

describe('parseThreadRange', () => {
  it('counts from 1 to a single number', () => {
    expect(parseThreadRange('THREADS', '8')).toEqual({ first: 1, last: 8 });
  });

  it('takes a range, of one count too, up to 128', () => {
    expect(parseThreadRange('THREADS', '4-16')).toEqual({ first: 4, last: 16 });
    expect(parseThreadRange('THREADS', '128-128')).toEqual({ first: 128, last: 128 });
  });

  it.each(['', '0', '0-4', '5-4', '129', '1-129', '-3', '2-', 'many'])('refuses %j', (text) => {
    expect(() => parseThreadRange('THREADS', text)).toThrow(
      `THREADS is '${text}'; expected a number N for 1 to N, or a range A-B, from 1 to 128`,
    );
  });
});

describe('parseBatchEntries', () => {
  it('takes 1 to 2,000', () => {
    expect([parseBatchEntries('BATCH', '1'), parseBatchEntries('BATCH', '2000')]).toEqual([
      1, 2000,
    ]);
  });

  it.each(['0', '2001', '1.5', '', '-1'])('refuses %j', (text) => {
    expect(() => parseBatchEntries('BATCH', text)).toThrow(SettingsError);
  });
});

describe('parseByteCount', () => {
  it.each([
    ['1.5GB', 1.5e9],
    ['500mb', 5e8],
    ['1GiB', 2 ** 30],
    ['64 KiB', 65536],
    ['12345', 12345],
  ])('reads %s', (text, bytes) => {
    expect(parseByteCount('MAX_BYTES', text)).toBe(bytes);
  });

  it.each(['', '0', 'GB', '1TB', '-1'])('refuses %j', (text) => {
    expect(() => parseByteCount('MAX_BYTES', text)).toThrow(SettingsError);
  });
});
