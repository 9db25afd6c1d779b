import { parseMeminfo, parseVmStat, readDirtyPages } from './dirty-pages';

describe('parseMeminfo', () => {
  const text = 'MemTotal:       16000000 kB\nMemFree:  1 kB\nDirty:            400000 kB\n';

  it('takes the dirty pages and their share of all memory', () => {
    expect(parseMeminfo(text)).toEqual({ kilobytes: 400_000, percent: 2.5 });
  });

  it('fails on a text that does not have them', () => {
    expect(() => parseMeminfo('MemTotal: 16000000 kB\n')).toThrow(/Dirty/);
    expect(() => parseMeminfo('')).toThrow(/no /);
  });
});

describe('parseVmStat', () => {
  const text =
    'Mach Virtual Memory Statistics: (page size of 16384 bytes)\n' +
    'Pages free:           1000.\nPages modified:        640.\n';

  it('counts pages of the size that it names', () => {
    expect(parseVmStat(text, 1024 ** 3)).toEqual({ kilobytes: 10240, percent: 0.9765625 });
  });

  it('fails on a text that has no such pages', () => {
    expect(() => parseVmStat('(page size of 16384 bytes)', 1)).toThrow(/no /);
  });
});

describe('readDirtyPages', () => {
  it('reads those of this machine', () => {
    const { kilobytes, percent } = readDirtyPages();
    expect(kilobytes).toBeGreaterThanOrEqual(0);
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThan(100);
  });
});
