import { deflateSync } from 'node:zlib';
import { GeneratedValues } from './generated-values';

describe('GeneratedValues', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => new GeneratedValues(100, seed));
    for (const index of [0, 1, 10_484, 10_485, 1_000_000]) {
      expect(one!.at(index).equals(same!.at(index))).toBe(true);
      expect(one!.at(index).equals(other!.at(index))).toBe(false);
    }
    // Fixed for good: a run of another version has to send the same.
    expect(one!.at(0).toString('latin1', 0, 16)).toBe('sUx_CS8H3Pe5pF6W');
  });

  it.each([1, 7, 100, 1_024, 2_000_000])('has values of %i printable bytes', (sizeBytes) => {
    const values = new GeneratedValues(sizeBytes, 1);
    for (const index of [0, 3, 12_345]) {
      const value = values.at(index);
      expect(value).toHaveLength(sizeBytes);
      expect(value.toString('latin1', 0, 1_000)).toMatch(/^[\w-]+$/);
    }
  });

  it('does not repeat itself within a batch', () => {
    const values = new GeneratedValues(1_000, 3);
    const batch = Buffer.concat(Array.from({ length: 262 }, (_, index) => values.at(index)));
    expect(deflateSync(batch).length).toBeGreaterThan(0.74 * batch.length);
  });
});
