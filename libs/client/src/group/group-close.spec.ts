// How members of groups end: in bounded time, whatever the broker and the program are doing.
import { setTimeout as sleep } from 'node:timers/promises';
import { openClassic } from '../../testing/classic-fixture';
import { eventually } from '../../testing/fake-broker';
import { gate, GroupFixture } from '../../testing/group-fixture';
import type { Consumer } from '../consumer';
import type { ConsumerOptions } from '../consumer-options';

jest.setTimeout(20_000);

/** The longest that the broker is waited for, for one request. */
const REQUEST_MS = 400;

describe.each(['consumer', 'classic', 'classic, stopping for rebalances'])(
  'the end of a member of a group (%s)',
  (protocol) => {
    let fixture: GroupFixture;

    beforeEach(async () => {
      fixture = await GroupFixture.start();
    });

    afterEach(() => fixture.stop());

    function open(options: Partial<ConsumerOptions> = {}): Consumer {
      const patience = { requestTimeoutMs: REQUEST_MS, ...options };
      if (protocol === 'consumer') return fixture.open(patience);
      const eager = protocol === 'classic' ? {} : { assignors: ['range'] as const };
      return openClassic(fixture, { ...eager, ...patience });
    }

    /** Whether the end came before so much time of one request had passed. */
    async function endsWithin(requests: number, closing: Promise<unknown>): Promise<boolean> {
      const ended = closing.then(
        () => true,
        () => true,
      );
      return Promise.race([ended, sleep(requests * REQUEST_MS, false)]);
    }

    /** A consumer that is saving what it has done, and has done more since. */
    async function saving(): Promise<Consumer> {
      const consumer = open({ autoCommit: { intervalMs: 5 } });
      const rest = gate();
      let count = 0;
      const running = consumer.run({
        eachRecord: async () => {
          count += 1;
          if (count === 20) await rest.opened;
        },
      });
      running.catch(() => undefined);
      await eventually(() => count === 20, 'half of the records');
      const before = fixture.broker.count('offsetCommit');
      rest.open();
      await eventually(() => fixture.broker.count('offsetCommit') > before, 'a commit');
      await eventually(() => count === 40, 'the rest of the records');
      return consumer;
    }

    it('waits for a broker that does not answer as long as for one request', async () => {
      fixture.broker.intercept = ({ operation }) =>
        operation === 'offsetCommit' ? 'hang' : undefined;
      const consumer = await saving();
      const closing = consumer.close();
      // One to save and one to leave; half of one more for the machine.
      expect(await endsWithin(2.5, closing)).toBe(true);
      await expect(closing).rejects.toMatchObject({ code: 'TIMEOUT' });
    });

    it('waits for a broker that is gone as long as for one request', async () => {
      fixture.broker.intercept = ({ operation }) =>
        operation === 'offsetCommit' ? 'hang' : undefined;
      const consumer = await saving();
      await fixture.broker.stop();
      const closing = consumer.close();
      expect(await endsWithin(1.5, closing)).toBe(true);
      await expect(closing).rejects.toMatchObject({ code: 'TIMEOUT' });
    });

    it('does not wait for a broker that is gone while it joins', async () => {
      fixture.broker.intercept = ({ operation }) =>
        operation === 'metadata' || operation === 'hello' ? undefined : 'hang';
      const consumer = open();
      consumer.run({ eachRecord: () => undefined }).catch(() => undefined);
      await eventually(() => fixture.broker.requests.length > 1, 'it joining');
      await fixture.broker.stop();
      const closing = consumer.close();
      expect(await endsWithin(1.5, closing)).toBe(true);
      await closing;
    });

    it('waits for onPartitionsLost, as long as for any callback', async () => {
      const told = gate();
      const events: string[] = [];
      const consumer = open({
        autoCommit: false,
        onPartitionsLost: async () => {
          events.push('losing');
          await told.opened;
          events.push('lost');
        },
      });
      let count = 0;
      consumer.run({ eachRecord: () => void (count += 1) }).catch(() => undefined);
      await eventually(() => count === 40, 'all records');
      const { group } = fixture;
      const those = protocol === 'consumer' ? group : group.classic;
      those.putOut(those.memberIds[0] ?? '');
      await eventually(() => events.length > 0, 'the loss');
      const closing = consumer.close().then(() => events.push('closed'));
      setTimeout(() => told.open(), 20);
      await closing;
      expect(events).toEqual(['losing', 'lost', 'closed']);
    });

    it('does not wait for onPartitionsLost for longer than it is to', async () => {
      let isLosing = false;
      const consumer = open({
        onPartitionsLost: () => {
          isLosing = true;
          return new Promise(() => undefined);
        },
      });
      let count = 0;
      consumer.run({ eachRecord: () => void (count += 1) }).catch(() => undefined);
      await eventually(() => count === 40, 'all records');
      const { group } = fixture;
      const those = protocol === 'consumer' ? group : group.classic;
      those.putOut(those.memberIds[0] ?? '');
      await eventually(() => isLosing, 'the loss');
      await consumer.close({ timeoutMs: 20 });
      expect(consumer.assignment()).toEqual([]);
    });
  },
);
