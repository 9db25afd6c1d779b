import fc from 'fast-check';
import { SerialisationError } from '../errors';
import { processingSettings, retryDelayMs } from './processing-options';

describe('processingSettings', () => {
  it('are none without options, so that one handler alone costs nothing', () => {
    expect(processingSettings({}, false)).toBeUndefined();
  });

  it('have one attempt unless retries are asked for, and five then', () => {
    expect(processingSettings({ deadLetters: {} }, false)?.attempts).toBe(1);
    expect(processingSettings({ retry: {} }, false)?.attempts).toBe(5);
  });

  it('never have a window smaller than the handlers that work in it', () => {
    const concurrency = { per: 'key', max: 50, windowRecords: 10 } as const;
    expect(processingSettings({ concurrency }, false)?.windowRecords).toBe(50);
  });

  it('do not try again what could not be deserialised', () => {
    const { isRetriable } = processingSettings({ retry: {} }, false)!;
    expect(isRetriable(new SerialisationError('no'))).toBe(false);
    expect(isRetriable(new Error('no'))).toBe(true);
  });
});

describe('retryDelayMs', () => {
  it('doubles up to the maximum, less what is random', () => {
    const backoff = { initialMs: 100, maxMs: 1_000, factor: 2, jitter: 0.5 };
    const delays = [1, 2, 3, 4, 5].map((attempt) => retryDelayMs(backoff, attempt, 0));
    expect(delays).toEqual([100, 200, 400, 800, 1_000]);
    expect(retryDelayMs(backoff, 1, 0.999)).toBeGreaterThanOrEqual(50);
  });

  it('is a number within its bounds, whatever the options and the attempt', () => {
    const backoffs = fc.record({
      initialMs: fc.nat(2 ** 31 - 1),
      maxMs: fc.nat(2 ** 31 - 1),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(backoffs, fc.integer({ min: 1, max: 2 ** 31 }), random, (backoff, n, r) => {
        const delayMs = retryDelayMs(backoff, n, r);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(backoff.maxMs);
      }),
    );
  });
});
