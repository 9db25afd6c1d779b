import { countCalls, syncsPerOperation } from './sync-count';

describe('countCalls', () => {
  it('counts every call once, also one whose end strace shows later', () => {
    const trace = [
      '1201  fdatasync(21) = 0',
      '1202  fdatasync(22 <unfinished ...>',
      '1201  fsync(5)  = -1 EIO (Input/output error)',
      '1202  <... fdatasync resumed>) = 0',
      'msync(0x7f, 4096, MS_SYNC) = 0',
      '1201  +++ exited with 0 +++',
      '',
    ];
    expect(countCalls(trace.join('\n'))).toBe(4);
  });

  it('finds none in an empty trace', () => {
    expect(countCalls('')).toBe(0);
  });
});

describe('syncsPerOperation', () => {
  it('leaves out what both runs have in common', () => {
    const shorter = { operations: 1000, syncs: 1040 };
    expect(syncsPerOperation(shorter, { operations: 3000, syncs: 3040 })).toBe(1);
    expect(syncsPerOperation(shorter, { operations: 3000, syncs: 1040 })).toBe(0);
  });

  it('refuses runs of one length', () => {
    const run = { operations: 10, syncs: 1 };
    expect(() => syncsPerOperation(run, run)).toThrow(RangeError);
  });
});
