import { runStorageCycles } from './storage-cycles';

describe('a process killed while it appends through libs/storage', () => {
  it('W35: leaves behind all that was written, under each schedule', async () => {
    const cycles = 60;
    const totals = await runStorageCycles(cycles, Date.now() % 2 ** 32);
    // The seed is part of what a failure shows.
    expect(totals).toEqual({ ...totals, findings: [] });
    expect(totals.acknowledged).toBeGreaterThan(cycles);
  }, 600_000);
});
