// Members whose process stands still for longer than their session, and goes on.
import { eventually, type Interception, type SeenRequest } from '../../testing/fake-broker';
import { names, openClassic } from '../../testing/classic-fixture';
import { onceAnswered, standStill } from '../../testing/frozen-process';
import { gate, GroupFixture } from '../../testing/group-fixture';
import type { Consumer } from '../consumer';
import type { ConsumerOptions } from '../consumer-options';

jest.setTimeout(20_000);

/** Many intervals between heartbeats. */
const FROZEN_MS = 200;
const KEYS = ['t/0', 't/1', 't/2', 't/3'];
const ALL_LOST = [`lost ${KEYS.join()}`];

describe.each(['consumer', 'classic', 'classic, stopping for rebalances'])(
  'a member that stood still in a group (%s)',
  (protocol) => {
    let fixture: GroupFixture;
    /** What the program was told, in order. */
    let told: string[];
    /** The heartbeats of before that. */
    let heartbeatsThen: number;
    const operation = protocol === 'consumer' ? 'consumerGroupHeartbeat' : 'heartbeat';
    const heartbeats = (): number => fixture.broker.count(operation);

    beforeEach(async () => {
      fixture = await GroupFixture.start();
      told = [];
    });

    afterEach(() => fixture.stop());

    function open(options: Partial<ConsumerOptions> = {}): Consumer {
      const listening: Partial<ConsumerOptions> = {
        autoCommit: false,
        onPartitionsRevoked: (those) => void told.push(`revoked ${names(those).join()}`),
        onPartitionsLost: (those) => {
          heartbeatsThen = heartbeats();
          told.push(`lost ${names(those).join()}`);
        },
        ...options,
      };
      if (protocol === 'consumer') return fixture.open(listening);
      const eager = protocol === 'classic' ? {} : { assignors: ['range'] as const };
      return openClassic(fixture, { metadataMaxAgeMs: 60_000, ...eager, ...listening });
    }

    /** A consumer that has handled all records. */
    async function atRest(options?: Partial<ConsumerOptions>): Promise<Consumer> {
      const consumer = open(options);
      let count = 0;
      consumer.run({ eachRecord: () => void (count += 1) }).catch(() => undefined);
      await eventually(() => count === 40, 'all records');
      return consumer;
    }

    /** The group goes on without its only member. */
    function putOut(): void {
      const { group } = fixture;
      const those = protocol === 'consumer' ? group : group.classic;
      those.putOut(those.memberIds[0] ?? '');
    }

    /** The group wants all partitions back, and says so in its answer. */
    function wantBack(): Interception | undefined {
      for (const key of KEYS) fixture.group.give(key, 'another');
      return protocol === 'consumer' ? undefined : { error: 'REBALANCE_IN_PROGRESS' };
    }

    /** Meets the next heartbeat; resolves when that was sent. */
    function atNextHeartbeat(meet: (request: SeenRequest) => Interception | undefined): void {
      let isOver = false;
      fixture.broker.intercept = (request) => {
        if (isOver || request.operation !== operation) return undefined;
        isOver = true;
        return meet(request);
      };
    }

    it('is told by its next heartbeat that it has lost all', async () => {
      await atRest();
      let before = Infinity;
      atNextHeartbeat(() => {
        void onceAnswered(() => {
          standStill(FROZEN_MS);
          putOut();
          before = heartbeats();
        });
        return undefined;
      });
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
      expect(heartbeatsThen).toBe(before + 1);
    });

    it('loses what an old answer wants back: others have it by then', async () => {
      await atRest();
      atNextHeartbeat(() => {
        void onceAnswered(() => {
          standStill(FROZEN_MS);
          putOut();
        });
        return wantBack();
      });
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
    });

    it('loses what it was giving up when its handler ends only then', async () => {
      const started = gate();
      const work = gate();
      const consumer = open();
      const running = consumer.run({
        eachRecord: async () => {
          started.open();
          await work.opened;
        },
      });
      running.catch(() => undefined);
      await started.opened;
      atNextHeartbeat(wantBack);
      const count = heartbeats();
      await eventually(() => heartbeats() > count + 2, 'it giving them up');
      expect(told).toEqual([]);
      standStill(FROZEN_MS);
      putOut();
      work.open();
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
    });

    it('loses all when its connections were cut meanwhile', async () => {
      await atRest({ autoCommit: { intervalMs: 5 } });
      atNextHeartbeat(() => {
        void onceAnswered(() => {
          standStill(FROZEN_MS);
          putOut();
          fixture.broker.dropConnections();
        });
        return undefined;
      });
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
    });

    it('loses all over the connection it has, though every answer was overdue', async () => {
      await atRest({ requestTimeoutMs: FROZEN_MS / 2 });
      let connection = 0;
      atNextHeartbeat((request) => {
        ({ connection } = request);
        void onceAnswered(() => {
          standStill(FROZEN_MS);
          putOut();
        });
        return undefined;
      });
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
      const last = fixture.broker.requests.filter((each) => each.operation === operation).at(-1);
      expect(last?.connection).toBe(connection);
    });

    it('asks over another connection when no answer comes', async () => {
      const consumer = await atRest({ requestTimeoutMs: 60_000 });
      let dead = 0;
      fixture.broker.intercept = (request) => {
        if (request.operation !== operation) return undefined;
        if (dead === 0) dead = request.connection;
        return request.connection === dead ? 'hang' : undefined;
      };
      await eventually(() => dead > 0, 'a heartbeat without an answer');
      putOut();
      await eventually(() => told.length > 0, 'the loss');
      expect(told).toEqual(ALL_LOST);
      await eventually(() => consumer.assignment().length === 4, 'it coming back');
    });

    it('ends with what it had revoked when the broker is away: nobody says otherwise', async () => {
      const consumer = await atRest();
      await fixture.broker.stop();
      standStill(FROZEN_MS);
      await consumer.close();
      expect(told).toEqual([`revoked ${KEYS.join()}`]);
    });
  },
);

describe('a member of a group whose handler never waits', () => {
  let fixture: GroupFixture;
  /** When the first record was handled, and when the last one was. */
  let heartbeats: number[];
  let count: number;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
    heartbeats = [];
    count = 0;
  });

  afterEach(() => fixture.stop());

  function work(): void {
    count += 1;
    standStill(5);
    if (count === 1 || count === 40) heartbeats.push(fixture.heartbeats().length);
  }

  it.each([
    ['and returns nothing', work],
    [
      'and returns a promise',
      () => {
        work();
        return Promise.resolve();
      },
    ],
  ])('heartbeats beside a handler that does not wait %s', async (_, eachRecord) => {
    const consumer = fixture.open();
    consumer.run({ eachRecord }).catch(() => undefined);
    await eventually(() => count === 40, 'all records');
    expect(heartbeats[1]).toBeGreaterThan(heartbeats[0] ?? Infinity);
  });

  it('heartbeats beside handlers that do not wait, several at a time', async () => {
    const consumer = fixture.open();
    consumer.run({ eachRecord: work, concurrency: { per: 'key', max: 4 } }).catch(() => undefined);
    await eventually(() => count === 40, 'all records');
    expect(heartbeats[1]).toBeGreaterThan(heartbeats[0] ?? Infinity);
  });

  it('heartbeats beside a loop that does not wait', async () => {
    for await (const { topic } of fixture.open()) {
      expect(topic).toBe('t');
      work();
      if (count === 40) break;
    }
    expect(heartbeats[1]).toBeGreaterThan(heartbeats[0] ?? Infinity);
  });

  it('finishes what its handler has done when it is closed between two turns', async () => {
    const consumer = fixture.open({ autoCommit: { intervalMs: 60_000 } });
    let closing: Promise<void> | undefined;
    const seen = new Map<string, number>();
    const running = consumer.run({
      eachRecord: ({ topic, partition, offset }) => {
        seen.set(`${topic}/${partition}`, offset + 1);
        // The turn is used up; what comes right behind the handler closes the consumer.
        standStill(15);
        queueMicrotask(() => {
          closing ??= consumer.close();
        });
      },
    });
    await running;
    await closing;
    expect([...seen].filter(([key, end]) => fixture.group.committed.get(key) !== end)).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
  });
});
