// What becomes of a client's fetch sessions (KIP-227), of which the broker keeps none.
import { ClientBroker } from '../client-broker';
import type { ClientDefinition, ClientUnderTest } from '../client-under-test';
import { SessionProxy, TOLD_SESSION, type SeenFetch } from '../session-proxy';
import { WITHIN_MS } from './client-context';

const FETCH_SESSION_ID_NOT_FOUND = 70;
/** How often a client is told that a session began. */
const SESSIONS = 2;
const NO_SESSION: SeenFetch = { sessionId: 0, sessionEpoch: -1, errorCode: 0 };
const WANTS_SESSION: SeenFetch = { ...NO_SESSION, sessionEpoch: 0 };
const IN_SESSION: SeenFetch = {
  sessionId: TOLD_SESSION,
  sessionEpoch: 1,
  errorCode: FETCH_SESSION_ID_NOT_FOUND,
};

/** @param keeps Whether the client asks for sessions at all. */
export function describeFetchSessions(
  definition: ClientDefinition,
  keeps: 'sessions' | 'none',
): void {
  describe(`fetch sessions of ${definition.name}`, () => {
    let proxy: SessionProxy;
    let broker: ClientBroker;
    let client: ClientUnderTest;
    beforeAll(async () => {
      proxy = await SessionProxy.start(SESSIONS);
      broker = await ClientBroker.start('--kafka-advertised', proxy.address);
      proxy.forwardTo(broker.addresses.kafka);
      client = await definition.start({ ...broker.addresses, kafka: proxy.address });
    });
    afterAll(async () => {
      try {
        await client.stop();
      } finally {
        await proxy.stop();
        await broker.stop();
      }
    });

    /** Reads a record, and one that is written once `between` is over. */
    const read = async (between: () => Promise<void>): Promise<readonly (string | undefined)[]> => {
      const topic = await broker.newTopic();
      await broker.write(topic, 0, ['before']);
      const reading = client.read({
        ...{ topic, partition: 0, offset: 0, count: 2, withinMs: WITHIN_MS },
      });
      await between();
      await broker.write(topic, 0, ['meanwhile']);
      return (await reading).map(({ value }) => value?.toString());
    };

    if (keeps === 'none') {
      it('are none', async () => {
        expect(await read(() => proxy.untilAnswered(0))).toEqual(['before', 'meanwhile']);
        expect(proxy.seen.filter(({ sessionEpoch }) => sessionEpoch !== -1)).toEqual([]);
        expect(proxy.seen).toContainEqual(NO_SESSION);
      });
      return;
    }
    it('are not known, upon which it reads on without one', async () => {
      const values = await read(() => proxy.untilAnswered(FETCH_SESSION_ID_NOT_FOUND));
      expect(values).toEqual(['before', 'meanwhile']);
      expect(proxy.seen[0]).toEqual(WANTS_SESSION);
      expect(proxy.seen).toContainEqual(IN_SESSION);
      const refused = proxy.seen.findIndex(({ errorCode }) => errorCode !== 0);
      // Some keep the id of the session that is over (franz-go), others do not (Java).
      const whole = proxy.seen.slice(refused).filter(({ sessionEpoch }) => sessionEpoch === 0);
      expect(whole.length).toBeGreaterThan(0);
      expect(whole.filter(({ errorCode }) => errorCode !== 0)).toEqual([]);
    });
  });
}
