import { runCrashCycles, summaryLine, type CrashOptions } from './crash-cycles';

describe('a broker killed while it is being sent to', () => {
  it.each(['sync-each', 'no-fsync'])(
    'still holds all that it acknowledged, and nothing else (%s)',
    async (fsync) => {
      const cycles = fsync === 'sync-each' ? 15 : 5;
      const options: CrashOptions = { cycles, seed: Date.now() % 2 ** 32, fsync };
      const totals = await runCrashCycles(options);
      // The text carries the seed: it is what a failure shows.
      const line = summaryLine(options, totals);
      expect({ line, texts: totals.texts }).toEqual({ line, texts: [] });
      expect(totals.acknowledged).toBeGreaterThan(cycles);
    },
    600_000,
  );
});
