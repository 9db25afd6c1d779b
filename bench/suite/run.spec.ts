import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inNewDirectory, sampler } from './run';
import { NOTHING, type Sampled } from './throughput-rows';

function moment(seconds: number, writtenEntries: number) {
  return { phase: 'write' as const, seconds, totals: { ...NOTHING, writtenEntries } };
}

describe('sampler', () => {
  it('starts at 0, and takes rates over no less than a quarter of a second', () => {
    const seen: Sampled[] = [];
    const record = sampler('write', moment(0, 0), (sampled) => seen.push(sampled));
    record(moment(0.5, 100));
    record(moment(1, 300));
    record(moment(1.01, 310));
    const rates = seen.map((sampled) => [
      sampled.moment.seconds,
      Math.round(sampled.rates.writtenEntries),
    ]);
    expect(rates).toEqual([
      [0, 0],
      [0.5, 200],
      [1, 400],
      [1.01, 412],
    ]);
  });
});

describe('inNewDirectory', () => {
  it('removes the directory, also when the work fails', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'walrus-run-'));
    try {
      const answer = await inNewDirectory(parent, (directory) =>
        Promise.resolve(existsSync(directory)),
      );
      expect(answer).toBe(true);
      const failing = inNewDirectory(parent, () => Promise.reject(new Error('no')));
      await expect(failing).rejects.toThrow('no');
      expect(readdirSync(parent)).toEqual([]);
    } finally {
      rmSync(parent, { recursive: true });
    }
  });
});
