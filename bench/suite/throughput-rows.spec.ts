import type { Moment } from './crew';
import { batchRow, NOTHING, ratesBetween, readsRow, writesRow } from './throughput-rows';

function moment(seconds: number, totals: Partial<Moment['totals']>, phase: Moment['phase']) {
  return { phase, seconds, totals: { ...NOTHING, ...totals } };
}

describe('ratesBetween', () => {
  it('divides by the time that passed, not by the nominal interval', () => {
    const before = moment(1, { writtenEntries: 100, writtenBytes: 1000 }, 'write');
    const now = moment(1.5, { appends: 2, writtenEntries: 300, writtenBytes: 2000 }, 'write');
    expect(ratesBetween(before, now)).toEqual({
      appends: 4,
      writtenEntries: 400,
      writtenBytes: 2000,
      readEntries: 0,
      readBytes: 0,
    });
  });

  it('is zero at the first moment', () => {
    const start = moment(0, { writtenEntries: 7 }, 'read');
    expect(Object.values(ratesBetween(start, start))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('rows', () => {
  const totals = {
    appends: 4,
    writtenEntries: 40,
    writtenBytes: 3 * 2 ** 20,
    readEntries: 10,
    readBytes: 2 ** 20,
  };
  const now = moment(2, totals, 'read');
  const sampled = {
    moment: now,
    rates: ratesBetween(moment(0, {}, 'read'), now),
    dirty: { kilobytes: 2048, percent: 1.239 },
    timestamp: 1_700_000_000.9,
  };
  const shared = {
    timestamp: 1_700_000_000,
    elapsed_seconds: '2.00',
    dirty_pages_kb: 2048,
    dirty_ratio_percent: '1.24',
  };

  it('of writes have entries and bytes', () => {
    expect(writesRow(sampled)).toEqual({
      ...shared,
      writes_per_second: '20',
      bytes_per_second: '1572864',
      total_writes: 40,
      total_bytes: 3 * 2 ** 20,
    });
  });

  it('of reads have both directions in MiB', () => {
    expect(readsRow(sampled)).toEqual({
      ...shared,
      phase: 'read',
      write_mb_per_sec: '1.500',
      read_mb_per_sec: '0.500',
      total_write_mb: '3.000',
      total_read_mb: '1.000',
    });
  });

  it('of batches tell batches from entries', () => {
    expect(batchRow(sampled)).toEqual({
      ...shared,
      batches_per_second: '2.00',
      entries_per_second: '20',
      bytes_per_second: '1572864',
      total_batches: 4,
      total_entries: 40,
      total_bytes: 3 * 2 ** 20,
    });
  });
});
