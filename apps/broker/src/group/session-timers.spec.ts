import fc from 'fast-check';
import { TurnedClock } from '../../test/group-fixture';
import type { GroupTimer } from './group-step';
import { SessionTimers } from './session-timers';

// Properties take their time on a machine that is busy with other things.
jest.setTimeout(60_000);

describe('SessionTimers', () => {
  it('tells of each timer at its deadline, whatever was started, stopped and moved', async () => {
    const action = fc.record({
      what: fc.constantFrom('start', 'start', 'start', 'stop', 'stopAll', 'wait'),
      group: fc.constantFrom('a', 'b'),
      timer: fc.constantFrom<GroupTimer>('join', 'sync', 'session:x', 'revoke:x'),
      amount: fc.integer({ min: 0, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const clock = new TurnedClock();
        const deadlines = new Map<string, number>();
        const timers = new SessionTimers(clock, ({ groupId, timer }) => {
          const key = `${groupId} ${timer}`;
          expect(deadlines.get(key)).toBe(clock.monotonicMs());
          expect(timers.isDue(groupId, timer)).toBe(true);
          timers.stop(groupId, timer);
          deadlines.delete(key);
        });
        for (const { what, group, timer, amount } of actions) {
          const key = `${group} ${timer}`;
          if (what === 'start') {
            timers.start(group, timer, amount);
            deadlines.set(key, clock.monotonicMs() + amount);
          } else if (what === 'stop') {
            timers.stop(group, timer);
            deadlines.delete(key);
          } else if (what === 'stopAll') {
            timers.stopAll(group);
            for (const each of [...deadlines.keys()]) {
              if (each.startsWith(`${group} `)) deadlines.delete(each);
            }
          } else await clock.turn(amount);
          expect(clock.timers.size).toBeLessThanOrEqual(1);
        }
        await clock.turn(100);
        expect([...deadlines]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('tells of a timer once, and again when it is started again', async () => {
    const clock = new TurnedClock();
    let count = 0;
    const timers = new SessionTimers(clock, () => (count += 1));
    timers.start('g', 'join', 10);
    await clock.turn(50);
    expect([count, timers.isDue('g', 'join')]).toEqual([1, true]);
    timers.start('g', 'join', 10);
    expect(timers.isDue('g', 'join')).toBe(false);
    await clock.turn(10);
    expect(count).toBe(2);
  });

  it('does not wake for heartbeats, only for what may be due', async () => {
    const clock = new TurnedClock();
    let wakes = 0;
    const schedule = clock.schedule.bind(clock);
    clock.schedule = (callback, delayMs) => {
      wakes += 1;
      return schedule(callback, delayMs);
    };
    const timers = new SessionTimers(clock, () => undefined);
    for (let second = 0; second < 100; second += 1) {
      timers.start('g', 'session:x', 45_000);
      await clock.turn(1_000);
    }
    expect(wakes).toBeLessThan(5);
  });

  it('forgets ended timers whose time is far off', () => {
    const timers = new SessionTimers(new TurnedClock(), () => undefined);
    for (let member = 0; member < 10_000; member += 1) {
      timers.start('g', `session:${member}`, 1_000_000);
      timers.stop('g', `session:${member}`);
    }
    expect((timers as unknown as { heap: unknown[] }).heap.length).toBeLessThan(1_100);
  });
});
