import { ScheduledWork, settle } from '../../testing/scheduled-work';

const later = (retryInMs: number) => () => ({ retryInMs });

describe('WorkScheduler: order and bounds', () => {
  it('runs keys beside each other and each key in order', async () => {
    const work = new ScheduledWork([['a', 'a', 'b', undefined, undefined]], { max: 10 });
    void work.scheduler.run();
    await settle();
    expect(work.atWork).toEqual(['0:0', '0:2', '0:3', '0:4']);
    await work.succeed('0:0');
    expect(work.atWork).toContain('0:1');
  });

  it('moves finished only over what is done without a gap', async () => {
    const work = new ScheduledWork([['a', 'b', 'c', 'd']], { max: 4 });
    void work.scheduler.run();
    await settle();
    await work.succeed('0:2', '0:1');
    expect(work.finished).toEqual([0]);
    await work.succeed('0:0');
    expect(work.finished).toEqual([3]);
    await work.succeed('0:3');
    expect(work.finished).toEqual([4]);
  });

  it('works on no more than max, and takes nothing while no handler is free', async () => {
    const work = new ScheduledWork([Array.from({ length: 100 }, () => undefined)], { max: 3 });
    void work.scheduler.run();
    await settle();
    expect(work.calls).toHaveLength(3);
    expect(work.taken).toHaveLength(3);
  });

  it('takes no more of a partition than its window holds, and goes on with others', async () => {
    const many = (key: string): string[] => Array.from({ length: 50 }, () => key);
    const work = new ScheduledWork([many('a'), many('b')], { max: 4, windowRecords: 5 });
    void work.scheduler.run();
    await settle();
    expect(work.atWork).toEqual(['0:0', '1:0']);
    expect(work.partitions.map(({ position }) => position)).toEqual([5, 5]);
    for (let offset = 0; offset < 50; offset++) await work.succeed(`1:${offset}`);
    expect(work.finished).toEqual([0, 50]);
  });

  it('holds no more in all partitions together than the total', async () => {
    const records = Array.from({ length: 30 }, () => Array.from({ length: 9 }, () => 'k'));
    const work = new ScheduledWork(records, { max: 40, windowRecords: 9, totalRecords: 60 });
    void work.scheduler.run();
    await settle();
    expect(work.taken).toHaveLength(60);
    await work.succeed(work.atWork[0]!);
    expect(work.taken).toHaveLength(61);
  });

  it('counts handlers that do not wait as done at once', async () => {
    const work = new ScheduledWork([Array.from({ length: 5_000 }, () => 'k')], { max: 1 });
    const seen: number[] = [];
    work.instantly = ({ offset }) => void seen.push(offset);
    void work.scheduler.run();
    await settle();
    expect(seen).toHaveLength(5_000);
    expect(work.finished).toEqual([5_000]);
  });

  it('moves finished over offsets that hold nothing, behind what is at work', async () => {
    const work = new ScheduledWork([['a'], []], { max: 4 });
    void work.scheduler.run();
    await settle();
    work.scheduler.passedOver(work.partitions[0]!, 7);
    work.scheduler.passedOver(work.partitions[1]!, 5);
    expect(work.finished).toEqual([0, 5]);
    await work.succeed('0:0');
    expect(work.finished).toEqual([7, 5]);
  });
});

describe('WorkScheduler: failures', () => {
  it('lets only the key of a record wait for its next attempt', async () => {
    const work = new ScheduledWork([['a', 'b', 'a', 'c']], { max: 2, judge: later(500) });
    void work.scheduler.run();
    await settle();
    await work.fail('0:0');
    await work.succeed('0:1');
    expect(work.atWork).toEqual(['0:3']);
    await work.succeed('0:3');
    await work.pass(499);
    expect(work.calls).toHaveLength(0);
    await work.pass(1);
    expect(work.call('0:0').attempt).toBe(2);
    expect(work.atWork).toEqual(['0:0']);
    expect(work.finished).toEqual([0]);
    await work.succeed('0:0');
    expect(work.atWork).toEqual(['0:2']);
    await work.succeed('0:2');
    expect(work.finished).toEqual([4]);
  });

  it('counts a record as finished only once it is buried', async () => {
    let buried: () => void = () => undefined;
    const work = new ScheduledWork([['a', 'a']], {
      max: 2,
      judge: () => 'bury',
      bury: () => new Promise((resolve) => (buried = resolve)),
    });
    void work.scheduler.run();
    await settle();
    await work.fail('0:0');
    expect(work.finished).toEqual([0]);
    expect(work.calls).toHaveLength(0);
    buried();
    await settle();
    expect(work.finished).toEqual([1]);
    expect(work.atWork).toEqual(['0:1']);
  });

  it('buries what cannot be read without a call of the handler', async () => {
    const failures: unknown[] = [];
    const work = new ScheduledWork([['bad', 'good']], {
      max: 1,
      check: ({ key }) => {
        if (key === 'bad') throw new Error('unreadable');
      },
      judge: () => 'bury',
      bury: (_, failure) => Promise.resolve(void failures.push(failure)),
    });
    void work.scheduler.run();
    await settle();
    expect(failures).toMatchObject([{ attempts: 0, error: { message: 'unreadable' } }]);
    expect(work.atWork).toEqual(['0:1']);
  });

  it('ends by an error after all at work has ended, and leaves the record unfinished', async () => {
    const work = new ScheduledWork([['a', 'b', 'c', 'd']], { max: 3 });
    const run = work.scheduler.run();
    const outcome = run.then(
      () => 'resolved',
      (error: unknown) => (error as Error).message,
    );
    await settle();
    await work.fail('0:1', new Error('handler'));
    expect(work.failedWith).toMatchObject({ message: 'handler' });
    expect(work.atWork).toEqual(['0:0', '0:2']);
    await work.succeed('0:0', '0:2');
    expect(await outcome).toBe('handler');
    expect(work.finished).toEqual([1]);
    expect(work.begun).toHaveLength(3);
  });

  it('ends by the error of a burial, with the record unfinished', async () => {
    const work = new ScheduledWork([['a']], {
      max: 1,
      judge: () => 'bury',
      bury: () => Promise.reject(new Error('no topic')),
    });
    const run = work.scheduler.run();
    await settle();
    work.call('0:0').fail(new Error('handler'));
    await expect(run).rejects.toThrow('no topic');
    expect(work.finished).toEqual([0]);
  });

  it('ends by what the program throws when it is asked whether to try again', async () => {
    const work = new ScheduledWork([['a']], {
      max: 1,
      judge: () => {
        throw new Error('isRetriable');
      },
    });
    const run = work.scheduler.run();
    await settle();
    work.call('0:0').fail(new Error('handler'));
    await expect(run).rejects.toThrow('isRetriable');
    expect(work.finished).toEqual([0]);
  });

  it('works on all that was taken before an error of the feed, and then throws it', async () => {
    const work = new ScheduledWork([['a', 'a']], { max: 1 });
    const run = work.scheduler.run();
    const outcome = run.catch((error: unknown) => (error as Error).message);
    await settle();
    work.feedError = new Error('corrupt');
    await work.succeed('0:0');
    expect(await outcome).toBe('corrupt');
    expect(work.finished).toEqual([1]);
  });
});

describe('WorkScheduler: seek, pause, drain and drop', () => {
  it('drops what was not begun at a seek, and counts nothing from before it', async () => {
    const work = new ScheduledWork([['a', 'a', 'b', 'c', 'd', 'e']], { max: 2 });
    void work.scheduler.run();
    await settle();
    const { signal } = work.call('0:0').context;
    expect(signal.aborted).toBe(false);
    work.partitions[0]!.seek({ offset: 4 });
    work.scheduler.changed();
    expect(signal.aborted).toBe(true);
    await work.succeed('0:0', '0:2');
    expect(work.atWork).toEqual(['0:4', '0:5']);
    expect(work.finished).toEqual([4]);
    await work.succeed('0:5', '0:4');
    expect(work.finished).toEqual([6]);
  });

  it('keeps a key behind a handler from before the seek', async () => {
    const work = new ScheduledWork([['a', 'b']], { max: 4 });
    void work.scheduler.run();
    await settle();
    work.partitions[0]!.seek({ offset: 0 });
    work.scheduler.changed();
    await settle();
    expect(work.atWork).toEqual(['0:0', '0:1']);
    work.call('0:0').succeed();
    await settle();
    expect(work.call('0:0').moves).toBe(1);
    expect(work.finished).toEqual([0]);
  });

  it('counts what is in work rightly when handlers from before a seek end', async () => {
    const work = new ScheduledWork([Array.from({ length: 9 }, () => undefined)], {
      max: 8,
      totalBytes: 2,
    });
    void work.scheduler.run();
    await settle();
    work.partitions[0]!.seek({ offset: 5 });
    work.scheduler.changed();
    await settle();
    await work.succeed('0:0', '0:1');
    expect(work.atWork).toEqual(['0:5', '0:6']);
  });

  it('neither buries nor tries again what fails after a seek', async () => {
    for (const verdict of ['bury', { retryInMs: 500 }] as const) {
      const work = new ScheduledWork([['a', 'a']], { max: 4, judge: () => verdict });
      void work.scheduler.run();
      await settle();
      work.partitions[0]!.seek({ offset: 1 });
      work.scheduler.changed();
      await work.fail('0:0');
      expect(work.atWork).toEqual(['0:1']);
      expect(work.clock.pendingCount).toBe(0);
      expect(work.failedWith).toBeUndefined();
    }
  });

  it('takes a record that waits for its next attempt out of the way at a seek', async () => {
    const work = new ScheduledWork([['a', 'a']], { max: 1, judge: later(1_000) });
    void work.scheduler.run();
    await settle();
    await work.fail('0:0');
    work.partitions[0]!.seek({ offset: 1 });
    work.scheduler.changed();
    await settle();
    expect(work.clock.pendingCount).toBe(0);
    expect(work.atWork).toEqual(['0:1']);
  });

  it('begins nothing of a paused partition, and all of it after that', async () => {
    const work = new ScheduledWork([['a', 'a'], ['b']], { max: 4, judge: later(10) });
    void work.scheduler.run();
    await settle();
    work.partitions[0]!.pause();
    work.scheduler.changed();
    await work.fail('0:0');
    await work.pass(10);
    await work.succeed('1:0');
    expect(work.calls).toHaveLength(0);
    work.partitions[0]!.resume();
    work.scheduler.changed();
    await settle();
    expect(work.atWork).toEqual(['0:0']);
    await work.succeed('0:0');
    await work.succeed('0:1');
    expect(work.finished).toEqual([2, 1]);
  });

  it('finishes what is at work when it drains, and begins nothing', async () => {
    const work = new ScheduledWork([['a', 'a', 'b', 'c']], { max: 2, judge: later(10) });
    const run = work.scheduler.run();
    await settle();
    await work.become('draining');
    await work.fail('0:2');
    await work.succeed('0:0');
    await run;
    expect(work.finished).toEqual([1]);
    expect(work.begun).toHaveLength(2);
    expect(work.clock.pendingCount).toBe(0);
  });

  it('ends with handlers at work when it is abandoned, and counts them no more', async () => {
    const work = new ScheduledWork([['a', 'b']], { max: 2 });
    const run = work.scheduler.run();
    await settle();
    const { signal } = work.call('0:1').context;
    work.scheduler.abandon();
    await run;
    expect(signal.aborted).toBe(true);
    await work.succeed('0:0', '0:1');
    expect(work.finished).toEqual([0]);
  });

  it('works on everything fetched when nothing more will come', async () => {
    const work = new ScheduledWork([['a', 'a', 'b']], { max: 1 });
    const run = work.scheduler.run();
    await settle();
    await work.become('ending');
    await work.succeed('0:0');
    await work.succeed('0:1');
    await work.succeed('0:2');
    await run;
    expect(work.finished).toEqual([3]);
  });

  it('tells when a partition is idle, and forgets it when it is dropped', async () => {
    const work = new ScheduledWork(
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
      { max: 4 },
    );
    void work.scheduler.run();
    await settle();
    const [given, kept] = work.partitions;
    given!.pause();
    work.scheduler.changed();
    let isIdle = false;
    void work.scheduler.idle(given!).then(() => (isIdle = true));
    await settle();
    expect(isIdle).toBe(false);
    await work.succeed('0:0');
    expect(isIdle).toBe(true);
    expect(given!.finished).toBe(1);
    expect(work.scheduler.isAtWork(kept!)).toBe(true);
    work.scheduler.drop(given!);
    given!.resume();
    given!.position = 2;
    work.scheduler.changed();
    await settle();
    expect(work.atWork).toEqual(['1:0']);
  });

  it.each(['wait for their next attempt', 'stand by, as it is paused'])(
    'keeps nothing of a dropped partition whose records %s',
    async (how) => {
      const work = new ScheduledWork([['a', 'a', undefined, 'b']], { max: 3, judge: later(100) });
      void work.scheduler.run();
      await settle();
      const [partition] = work.partitions;
      for (const name of ['0:0', '0:2', '0:3']) await work.fail(name);
      partition!.pause();
      work.scheduler.changed();
      if (how.startsWith('stand')) await work.pass(100);
      expect(work.windows.size).toBe(1);
      work.scheduler.drop(partition!);
      expect(work.windows.size).toBe(0);
      work.scheduler.changed();
      await work.pass(100);
      expect(work.begun).toHaveLength(3);
      expect(work.windows.size).toBe(0);
    },
  );

  it('counts nothing of a partition that was dropped with handlers at work', async () => {
    const work = new ScheduledWork([['a', 'a']], { max: 4 });
    void work.scheduler.run();
    await settle();
    const { signal } = work.call('0:0').context;
    work.partitions[0]!.position = 2;
    work.scheduler.drop(work.partitions[0]!);
    expect(signal.aborted).toBe(true);
    await work.succeed('0:0');
    expect(work.calls).toHaveLength(0);
    expect(work.finished).toEqual([0]);
  });
});

describe('WorkScheduler: what a commit may save', () => {
  it('is all below the oldest unfinished record, and the one given', async () => {
    const work = new ScheduledWork([['a', 'b', 'c', 'd']], { max: 4 });
    void work.scheduler.run();
    await settle();
    const [partition] = work.partitions;
    expect(work.scheduler.committable(partition!)).toBe(0);
    expect(work.scheduler.committableWith(partition!, 2)).toBe(0);
    expect(work.scheduler.committableWith(partition!, 0)).toBe(1);
    await work.succeed('0:0', '0:2');
    expect(work.scheduler.committableWith(partition!, 1)).toBe(2);
    expect(work.scheduler.committableWith(partition!, 3)).toBe(1);
    expect(work.scheduler.committable(partition!)).toBe(1);
  });
});
