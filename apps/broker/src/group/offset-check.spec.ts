import { TurnedClock, settle } from '../../test/group-fixture';
import { startOffsetCheck } from './offset-check';

const MINUTE_MS = 60_000;

describe('the check for old offsets', () => {
  let clock: TurnedClock;
  let checked: number[];
  let end: () => void;
  const start = (groups: number): void => {
    const runners = Array.from({ length: groups }, (_, index) => ({
      submit: () => void checked.push(index),
    }));
    const onFailure = (error: unknown): void => {
      throw error;
    };
    end = startOffsetCheck({
      clock,
      intervalMs: MINUTE_MS,
      runners: () => runners,
      onFailure,
    });
  };

  beforeEach(() => {
    clock = new TurnedClock();
    checked = [];
  });
  afterEach(() => {
    end();
    jest.restoreAllMocks();
  });

  it('asks every group, each interval', async () => {
    start(3);
    await clock.turn(2 * MINUTE_MS);
    expect(checked).toEqual([0, 1, 2, 0, 1, 2]);
    end();
    expect(clock.timers.size).toBe(0);
  });

  it('lets others have their turn after a tick of work, and ends between two groups', async () => {
    // As if each group took 4 ms.
    let nowMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 4));
    const turns: number[] = [];
    start(1_000);
    const [timer] = clock.timers;
    clock.timers.delete(timer!);
    timer!.callback();
    while (checked.length < 10) {
      turns.push(checked.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns.length).toBeGreaterThan(2);
    end();
    const before = checked.length;
    await settle();
    expect(checked).toHaveLength(before);
  });

  it('asks nobody while a jump of the clock is not believed', async () => {
    start(1);
    clock.jump(60 * MINUTE_MS);
    await clock.turn(10 * MINUTE_MS);
    expect(checked).toEqual([]);
    await clock.turn(MINUTE_MS);
    expect(checked).toEqual([0]);
  });
});
