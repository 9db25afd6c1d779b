import { latestTimestamp } from './latest-timestamp';

/** As a log: the first record, in the order of offsets, that is not older. */
function logOf(timestamps: readonly number[]) {
  return {
    offsetForTimestamp: (at: number) => {
      const offset = timestamps.findIndex((timestamp) => timestamp >= at);
      const timestamp = timestamps[offset];
      return Promise.resolve(timestamp === undefined ? undefined : { offset, timestamp });
    },
  };
}

describe('latestTimestamp', () => {
  it.each([
    ['nothing', [], undefined],
    ['one record of the beginning of time', [0], 0],
    ['records in order', [5, 6, 7, 8], 3],
    ['the greatest in the middle', [5, 900, 7, 8], 1],
    ['the first of several', [5, 9, 9, 9], 1],
    ['a far one behind near ones', [1, 2, 3, 4, 1e15, 5], 4],
    ['far ones before a farther one', [1e15 + 7, 3, 1e15 + 8, 4], 2],
  ])('finds it with %s', async (_, timestamps, offset) => {
    const found = await latestTimestamp(logOf(timestamps));
    expect(found?.offset).toBe(offset);
    expect(found?.timestamp).toBe(offset === undefined ? undefined : timestamps[offset]);
  });

  it.each([
    ['at the end of exact numbers', [2 ** 53 - 4, 2 ** 53 - 2, 7], 1, 2 ** 53 - 2],
    ['beyond it', [5, 2 ** 60, 2 ** 61], 1, 2 ** 53 - 1],
    ['beyond it alone', [2 ** 62], 0, 2 ** 53 - 1],
  ])('ends with timestamps %s', async (_, timestamps, offset, timestamp) => {
    expect(await latestTimestamp(logOf(timestamps))).toEqual({ offset, timestamp });
  });

  it('asks the log no more often than a moment has bits, twice', async () => {
    let asked = 0;
    const log = logOf([3, 1_700_000_000_000, 17]);
    const counted = {
      offsetForTimestamp: (at: number) => {
        asked += 1;
        return log.offsetForTimestamp(at);
      },
    };
    expect((await latestTimestamp(counted))?.offset).toBe(1);
    expect(asked).toBeLessThan(110);
  });
});
