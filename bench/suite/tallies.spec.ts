import { sumTallies, Tally, tallyMemory } from './tallies';

describe('tallies', () => {
  it('are summed over all threads', () => {
    const memory = tallyMemory(3);
    const [first, last] = [new Tally(memory, 0), new Tally(memory, 2)];
    first.countAppend(1, 500);
    first.countAppend(1, 600);
    last.countAppend(2000, 1_500_000);
    last.countRead(700);
    expect(sumTallies(memory)).toEqual({
      appends: 3,
      writtenEntries: 2002,
      writtenBytes: 1_501_100,
      readEntries: 1,
      readBytes: 700,
    });
  });

  it('of one thread do not reach into those of the next', () => {
    const memory = tallyMemory(2);
    new Tally(memory, 0).countAppend(1, 500);
    expect(new Tally(memory, 1).writtenBytes).toBe(0);
    expect(new Tally(memory, 0).writtenBytes).toBe(500);
  });

  it('count past 2^32 bytes', () => {
    const memory = tallyMemory(1);
    const tally = new Tally(memory, 0);
    tally.countAppend(1, 2 ** 40);
    tally.countAppend(1, 1);
    expect(sumTallies(memory).writtenBytes).toBe(2 ** 40 + 1);
  });
});
