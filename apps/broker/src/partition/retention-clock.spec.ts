import { RetentionClock } from './retention-clock';

const MINUTE = 60_000;

describe('RetentionClock', () => {
  let wall = 1_000_000_000_000;
  let monotonic = 0;
  let clock: RetentionClock;
  const pass = (ms: number): void => {
    wall += ms;
    monotonic += ms;
  };

  beforeEach(() => {
    clock = new RetentionClock({ wallMs: () => wall, monotonicMs: () => monotonic });
    clock.now();
  });

  it('believes a clock that goes on, and one that drifts', () => {
    for (let look = 0; look < 100; look += 1) {
      pass(30_000);
      wall += 500;
      expect(clock.now()).toEqual({ wallMs: wall, isHeld: false, jumpMs: 0 });
    }
  });

  it('holds a jump forward for ten minutes, tells of it once, and believes it then', () => {
    pass(MINUTE);
    wall += 365 * 24 * 60 * MINUTE;
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: true, jumpMs: 365 * 24 * 60 * MINUTE });
    pass(9 * MINUTE);
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: true, jumpMs: 0 });
    pass(MINUTE);
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: false, jumpMs: 0 });
    pass(MINUTE);
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: false, jumpMs: 0 });
  });

  it('holds a second jump for ten minutes of its own', () => {
    wall += 60 * MINUTE;
    expect(clock.now()).toMatchObject({ isHeld: true, jumpMs: 60 * MINUTE });
    pass(9 * MINUTE);
    wall += 365 * 24 * 60 * MINUTE;
    expect(clock.now()).toMatchObject({ isHeld: true, jumpMs: 365 * 24 * 60 * MINUTE });
    pass(9 * MINUTE);
    expect(clock.now()).toMatchObject({ isHeld: true, jumpMs: 0 });
    pass(MINUTE);
    expect(clock.now()).toMatchObject({ isHeld: false, jumpMs: 0 });
  });

  it('lets a jump that was set right leave nothing behind', () => {
    wall += 24 * 60 * MINUTE;
    expect(clock.now().isHeld).toBe(true);
    pass(MINUTE);
    wall -= 24 * 60 * MINUTE;
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: false, jumpMs: 0 });
    pass(20 * MINUTE);
    wall += 2 * MINUTE;
    expect(clock.now()).toMatchObject({ isHeld: true, jumpMs: 2 * MINUTE });
  });

  it('believes a jump back at once, and holds the way forward again', () => {
    wall -= 24 * 60 * MINUTE;
    expect(clock.now()).toEqual({ wallMs: wall, isHeld: false, jumpMs: 0 });
    pass(MINUTE);
    wall += 24 * 60 * MINUTE;
    expect(clock.now()).toMatchObject({ isHeld: true });
  });

  it('takes up to a minute for no jump', () => {
    wall += MINUTE;
    expect(clock.now()).toMatchObject({ isHeld: false });
    wall += MINUTE + 1;
    expect(clock.now()).toMatchObject({ isHeld: true });
  });
});
