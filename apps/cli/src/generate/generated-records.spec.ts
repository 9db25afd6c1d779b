import { generatedRecords } from './generated-records';

const never = new AbortController().signal;

describe('generatedRecords', () => {
  it('gives so many records of that size, and says how far it is', async () => {
    const options = { count: 1_000, sizeBytes: 24, rate: undefined, seed: 5, signal: never };
    const source = generatedRecords(options, () => undefined);
    expect(source.totalBytes).toBe(24_000);
    const values: string[] = [];
    for await (const { key, value, where } of source.records) {
      expect([key, where]).toEqual([null, `record ${values.length + 1}`]);
      values.push(value.toString());
    }
    expect(source.bytesRead()).toBe(24_000);
    expect(new Set(values).size).toBe(1_000);
    expect(values.every((value) => value.length === 24)).toBe(true);
  });

  it('hands on what there is before it waits, and is never early', async () => {
    let pauses = 0;
    const options = { count: 5, sizeBytes: 8, rate: 200, seed: 5, signal: never };
    const startedMs = performance.now();
    const source = generatedRecords(options, () => (pauses += 1));
    let seen = 0;
    for await (const record of source.records) {
      expect(record.where).toBe(`record ${seen + 1}`);
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(seen * 5);
      seen += 1;
    }
    expect(seen).toBe(5);
    expect(pauses).toBeLessThanOrEqual(5);
  });

  it('goes on until it is interrupted, in the middle of a wait too', async () => {
    const stop = new AbortController();
    const options = { count: Infinity, sizeBytes: 8, rate: 1, seed: 5, signal: stop.signal };
    const source = generatedRecords(options, () => stop.abort(new Error('stopped')));
    const drain = async (): Promise<number> => {
      let seen = 0;
      for await (const record of source.records) seen += record.value.length;
      return seen;
    };
    await expect(drain()).rejects.toThrow();
    expect(source.totalBytes).toBeUndefined();
    expect(source.bytesRead()).toBe(8);
  });
});
