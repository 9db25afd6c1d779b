import { Pace, waitUntil } from './pace';

describe('Pace', () => {
  it('spreads records evenly, and does not move when somebody is late', () => {
    const pace = new Pace(400, 1_000);
    expect([0, 1, 2, 400, 4_001].map((index) => pace.dueMs(index))).toEqual([
      1_000, 1_002.5, 1_005, 2_000, 11_002.5,
    ]);
  });
});

describe('waitUntil', () => {
  it('ends no earlier than the moment, near and far', async () => {
    const clock = (): number => performance.now();
    for (const ms of [-5, 0, 0.3, 1.9, 7.5]) {
      const dueMs = clock() + ms;
      await waitUntil(dueMs, clock);
      expect(clock()).toBeGreaterThanOrEqual(dueMs);
    }
  });

  it('gives up when it is told to', async () => {
    const stop = new AbortController();
    const waiting = waitUntil(performance.now() + 60_000, () => performance.now(), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow();
  });
});
