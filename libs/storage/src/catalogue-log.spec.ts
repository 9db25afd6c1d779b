import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { CatalogueLog } from './catalogue-log';
import { loadCatalogue } from './catalogue-records';
import type { ReplayedCatalogue } from './catalogue-records';
import type { InstanceStorage } from './instance-storage';
import { openMemoryStorage } from './memory-storage';
import type { LogAppend, PartitionLog } from './partition-log';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';
import { WalTopicCatalogue } from './wal-topic-catalogue';

// Properties take their time on a machine that is busy with other things.
jest.setTimeout(60_000);

const ONE = { partitionCount: 1 };

interface Opened {
  readonly replayed: ReplayedCatalogue;
  readonly own: CatalogueLog;
  readonly catalogue: WalTopicCatalogue;
}

async function open(
  log: PartitionLog,
  deadRecordsMin = 4_096,
  durableEnd = (): number => log.readableEnd,
): Promise<Opened> {
  const replayed = await loadCatalogue(
    Object.create(log, { handle: { value: 0 } }) as PartitionLog & { readonly handle: number },
  );
  const own = new CatalogueLog(log, replayed, { durableEnd, deadRecordsMin });
  own.shorten();
  return { replayed, own, catalogue: new WalTopicCatalogue(own, replayed.table) };
}

/** The topics of a log as another process would find them. */
async function foundIn(log: PartitionLog): Promise<readonly TopicDescription[]> {
  return (await open(log)).catalogue.list();
}

/** Lets what was started go on until it has nothing left to do. */
async function untilQuiet(log: PartitionLog): Promise<void> {
  for (let last = -1; last !== log.logEndOffset + log.logStartOffset;) {
    last = log.logEndOffset + log.logStartOffset;
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

type Step = { readonly append: readonly Buffer[] } | { readonly truncate: number };

/** A log that writes down what is done to it, so that every moment of it can be made again. */
function recorded(log: PartitionLog, steps: Step[]): PartitionLog {
  return Object.create(log, {
    append: {
      value: (batches: readonly Buffer[]): LogAppend => {
        steps.push({ append: batches.map((batch) => Buffer.from(batch)) });
        return log.append(batches);
      },
    },
    truncate: {
      value: async (before: number): Promise<void> => {
        steps.push({ truncate: before });
        await log.truncate(before);
      },
    },
  }) as PartitionLog;
}

describe('CatalogueLog', () => {
  let storage: InstanceStorage;
  let log: PartitionLog;
  beforeEach(() => {
    storage = openMemoryStorage();
    log = storage.log(randomUUID(), 0);
  });
  afterEach(() => storage.close());

  /** Makes a topic and deletes it, so many times. */
  async function churn({ own, catalogue }: Opened, times: number): Promise<void> {
    for (let round = 0; round < times; round += 1) {
      await catalogue.create('short-lived', ONE);
      own.forgetDeleted([(await catalogue.delete('short-lived')).id]);
    }
    await untilQuiet(log);
  }

  it('keeps the log short, and topics as they are, in the order of their creation', async () => {
    const opened = await open(log, 20);
    const { catalogue, replayed } = opened;
    for (const name of ['b', 'a', 'c']) await catalogue.create(name, { partitionCount: 2 });
    const pins = [{ kind: 'group' as const, name: 'g', expireMs: 5 }];
    for (let round = 3; round < 300; round += 1) {
      await catalogue.alter('b', { partitionCount: round, configs: { x: `${round}` }, pins });
    }
    await churn(opened, 300);
    expect(log.logStartOffset).toBeGreaterThan(800);
    // Twice what counts and what may be dead, and what one writing of all adds.
    expect(log.logEndOffset - log.logStartOffset).toBeLessThan(2 * 4 + 20 + 5);
    const again = await open(log);
    expect(again.catalogue.list()).toEqual(catalogue.list());
    expect(again.catalogue.list().map(({ name }) => name)).toEqual(['b', 'a', 'c']);
    expect(again.catalogue.find('b')).toMatchObject({ partitionCount: 299, pins });
    expect(again.replayed.instanceId).toBe(replayed.instanceId);
  });

  it('truncates nothing that is not on the disk once more, and does so later', async () => {
    const opened = await open(log, 10, () => 0);
    await opened.catalogue.create('stays', ONE);
    await churn(opened, 50);
    expect(log.logStartOffset).toBe(0);
    // All was written anew once; again and again would help nobody.
    expect(log.logEndOffset).toBeLessThan(1 + 1 + 100 + 4);
    const found = opened.catalogue.list();
    const again = await open(log);
    await untilQuiet(log);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(again.catalogue.list()).toEqual(found);
    expect(await foundIn(log)).toEqual(found);
  });

  it('tells of deleted topics until their logs are gone', async () => {
    const opened = await open(log, 10);
    const { id } = await opened.catalogue.create('large', ONE);
    await opened.catalogue.delete('large');
    await churn(opened, 50);
    expect(log.logStartOffset).toBeGreaterThan(3);
    const again = await open(log, 10);
    expect([...again.replayed.deletedTopics.keys()]).toContain(id);
    again.own.forgetDeleted(again.replayed.deletedTopics.keys());
    await churn(again, 50);
    expect([...(await open(log)).replayed.deletedTopics.keys()]).not.toContain(id);
  });

  it('loses no change that comes while all is written anew', async () => {
    const { catalogue } = await open(log, 5);
    const names = Array.from({ length: 1_500 }, (_, index) => `t${index}`);
    await Promise.all(names.map((name) => catalogue.create(name, ONE)));
    for (let round = 2; round < 6; round += 1) {
      const altered = names.map((name) => catalogue.alter(name, { partitionCount: round }));
      // It takes several turns of the event loop to write so many topics.
      await new Promise((resolve) => setImmediate(resolve));
      const created = catalogue.create(`late-${round}`, ONE);
      await Promise.all([...altered, created]);
    }
    await untilQuiet(log);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(catalogue.list()).toHaveLength(1_504);
    expect(await foundIn(log)).toEqual(catalogue.list());
  });

  it('goes on where the log has no room for that, and does not try each time', async () => {
    let refused = 0;
    const narrow = Object.create(log, {
      append: {
        value: (batches: readonly Buffer[]): LogAppend => {
          const bytes = batches.reduce((sum, { length }) => sum + length, 0);
          if (bytes < 1_000) return log.append(batches);
          refused += 1;
          throw new StorageError('NO_SPACE', 'as the test wants it');
        },
      },
    }) as PartitionLog;
    const opened = await open(narrow, 20);
    for (let index = 0; index < 10; index += 1) await opened.catalogue.create(`t${index}`, ONE);
    await churn(opened, 100);
    expect(refused).toBeGreaterThan(2);
    expect(refused).toBeLessThan(12);
    expect(await foundIn(log)).toEqual(opened.catalogue.list());
  });

  it('shows the same topics after a crash at any moment, truncations included', async () => {
    const change = fc.tuple(
      fc.constantFrom('create', 'alter', 'delete', 'forget'),
      fc.constantFrom('a', 'b', 'c'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 20, maxLength: 80 }), async (changes) => {
        const memory = openMemoryStorage();
        const steps: Step[] = [];
        const watched = recorded(memory.log(randomUUID(), 0), steps);
        const { own, catalogue } = await open(watched, 3);
        const gone: string[] = [];
        const moments = [{ step: steps.length, topics: catalogue.list() }];
        for (const [what, name] of changes) {
          const topic = catalogue.find(name);
          if (what === 'forget') own.forgetDeleted(gone.splice(0));
          else if (what === 'create' && topic === undefined) await catalogue.create(name, ONE);
          else if (what === 'delete' && topic) gone.push((await catalogue.delete(name)).id);
          else if (topic) await catalogue.alter(name, { configs: { at: `${steps.length}` } });
          moments.push({ step: steps.length, topics: catalogue.list() });
        }
        await untilQuiet(watched);
        for (let cut = 1; cut <= steps.length; cut += 1) {
          const after = memory.log(randomUUID(), 0);
          for (const step of steps.slice(0, cut)) {
            if ('truncate' in step) await after.truncate(step.truncate);
            else await after.append(step.append.map((batch) => Buffer.from(batch))).synced;
          }
          const known = moments.findLastIndex(({ step }) => step <= cut);
          const next = moments.slice(Math.max(0, known), known + 2).map(({ topics }) => topics);
          expect(next).toContainEqual(await foundIn(after));
        }
        await memory.close();
      }),
      { numRuns: 40 },
    );
  });
});
