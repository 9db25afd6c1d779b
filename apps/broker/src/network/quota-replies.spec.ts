// The rate at which fetched records leave connections, on a clock that the test turns.
import { encodeFrame } from '@walrusmq/protocol';
import { pino } from 'pino';
import { LaneClock, QuotaClient } from '../../test/quota-clients';
import { defaultSettings } from '../config/settings-table';
import { InstanceQuota } from '../instance/instance-quota';
import type { BoundInstance } from '../msgpack/session';
import { Counters } from '../observability/counters';
import { Connection } from './connection';
import type { ConnectionContext } from './connection-context';
import { MemoryBudget } from './memory-budget';
import { MsgpackProtocol } from './msgpack-wire';

const KIB = 1024;
const BUDGET_BYTES = 16 * 1024 * KIB;
const FETCH = Buffer.concat(encodeFrame('fetch', 1, {}));

describe('a quota of bytes out', () => {
  it.each([
    ['small batches', 1_000_000, 10 * KIB],
    ['batches of more than its clients hold', 2_000_000, 100 * KIB],
    ['batches larger than what may be held', 800_000, 300 * KIB],
  ])(
    'is held within 10 %% over any 10 s with %s',
    async (_, perSecond, batchBytes) => {
      const clock = new LaneClock();
      const none = { bytesInPerSecond: null, requestsPerSecond: null };
      const quota = new InstanceQuota({ ...none, bytesOutPerSecond: perSecond }, clock);
      const replyBudget = new MemoryBudget(BUDGET_BYTES);
      const context: ConnectionContext = {
        limits: defaultSettings,
        budget: new MemoryBudget(BUDGET_BYTES),
        replyBudget,
        pushBudget: new MemoryBudget(BUDGET_BYTES),
        counters: new Counters(),
        log: pino({ level: 'silent' }),
      };
      const protocol = new MsgpackProtocol(defaultSettings, async (__, session) => {
        session.instance = { quota } as BoundInstance;
        await Promise.resolve();
        // As a fetch pass: whole batches, and the first even if it is larger than the room.
        const room = session.replyRoom.roomBytes();
        const fits = Math.min(Math.floor(room / batchBytes), 40);
        const bytes = batchBytes * (fits === 0 && room > 64 * KIB ? 1 : fits);
        session.replyRoom.reserve(bytes);
        return { fields: {}, tail: [Buffer.alloc(bytes)], reservedBytes: bytes };
      });
      const fetchers = Array.from({ length: 8 }, () => new QuotaClient(FETCH));
      const connections = fetchers.map(
        (fetcher) => new Connection(fetcher, protocol.open(), context, 0),
      );
      for (const connection of connections) connection.open(() => undefined);
      for (const fetcher of fetchers) fetcher.ask();
      const totals = [0];
      let heldBytesMax = 0;
      for (let second = 0; second < 20; second += 1) {
        for (let ms = 0; ms < 1_000; ms += 1) {
          clock.tick();
          await new Promise((resolve) => setImmediate(resolve));
          heldBytesMax = Math.max(heldBytesMax, replyBudget.usedBytes);
        }
        totals.push(fetchers.reduce((sum, { sentBytes }) => sum + sentBytes, 0));
      }
      for (let from = 0; from <= 10; from += 1) {
        const rate = (totals[from + 10]! - totals[from]!) / 10;
        expect(rate / perSecond).toBeGreaterThan(0.9);
        expect(rate / perSecond).toBeLessThan(1.1);
      }
      // A quarter of a second, 64 KiB for each and the batch that was one too many.
      const most = perSecond / 4 + 8 * 64 * KIB + batchBytes;
      expect(heldBytesMax).toBeLessThan(Math.max(most, 8 * batchBytes + KIB));
    },
    30_000,
  );
});
