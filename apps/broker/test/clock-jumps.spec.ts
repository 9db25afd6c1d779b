// A whole broker whose machine's wall clock is set forward and back by hours. Retention alone is in
// retention-clock.spec.ts and retention.spec.ts, groups in group-coordinator.spec.ts.
import { encodeBatch } from '@walrusmq/record-batch';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, until } from './test-broker';

const HOUR_MS = 3_600_000;
const PRODUCE = { topic: 'orders', partition: 0, acks: 1 };

describe('a wall clock that jumps', () => {
  const machine = Date.now.bind(Date);
  let jumpedMs = 0;
  let broker: TestBroker;
  let client: RawClient;

  beforeAll(async () => {
    jest.spyOn(Date, 'now').mockImplementation(() => machine() + jumpedMs);
    broker = await TestBroker.start({ retentionMs: HOUR_MS, retentionIntervalMs: 10 });
    client = await broker.withTopic();
  });
  afterAll(async () => {
    await broker.stop();
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    jumpedMs = 0;
  });

  const produce = async (timestamp: number): Promise<void> => {
    const batch = encodeBatch([{ value: Buffer.from('x'), timestamp }]);
    expect(codeOf(await client.request('produce', PRODUCE, [batch]))).toBe('ok');
  };
  const offsetAt = async (at: number | string): Promise<unknown> => {
    const { fields } = await client.request('listOffsets', { topic: 'orders', at });
    return (fields.offsets as [number, number, number][])[0]?.slice(1);
  };
  /** Lets retention look several times. */
  const passes = async (): Promise<void> => {
    const before = broker.counter('retentionPasses');
    await until(() => broker.counter('retentionPasses') >= before + 5);
  };

  it('deletes nothing and loses no order, forward, back and again', async () => {
    const startMs = machine();
    await produce(startMs);
    await passes();
    jumpedMs = 5 * HOUR_MS;
    await produce(Date.now());
    await passes();
    expect(await offsetAt('earliest')).toEqual([0, -1]);
    jumpedMs = -5 * HOUR_MS;
    await produce(Date.now());
    await passes();
    jumpedMs = 0;
    await produce(Date.now());
    await passes();
    const { fields } = await client.request('fetch', { partitions: [['orders', 0, 0]] });
    expect((fields.partitions as unknown[][])[0]!.slice(2, 5)).toEqual([null, 0, 4]);

    // The first that is not older, whatever came in between.
    expect(await offsetAt(startMs - 6 * HOUR_MS)).toEqual([0, startMs]);
    const [afterHour] = (await offsetAt(startMs + HOUR_MS)) as number[];
    expect(afterHour).toBe(1);
    expect(await offsetAt(startMs + 6 * HOUR_MS)).toEqual([4, -1]);
    expect(await offsetAt('latest')).toEqual([4, -1]);
  });

  it.each([5 * HOUR_MS, -5 * HOUR_MS])(
    'ends no wait early and none late (%i ms)',
    async (jumpMs) => {
      const fetch = { partitions: [['orders', 0, 4]], maxWaitMs: 200 };
      const sentMs = performance.now();
      client.send('fetch', fetch);
      jumpedMs = jumpMs;
      expect((await client.reply()).tailBytes).toBe(0);
      expect(performance.now() - sentMs).toBeGreaterThanOrEqual(199);
      // Nor is an idle client, or one that has just come, hung up on.
      expect(codeOf(await (await broker.greeted()).request('metadata', {}))).toBe('ok');
      expect(codeOf(await client.request('fetch', { ...fetch, maxWaitMs: 1 }))).toBe('ok');
      expect(broker.counter('connectionsDropped')).toBe(0);
    },
  );
});
