// The rate at which requests are begun, on a clock that the test turns.
import { encodeFrame } from '@walrusmq/protocol';
import { pino } from 'pino';
import { LaneClock, QuotaClient } from '../../test/quota-clients';
import { defaultSettings } from '../config/settings-table';
import { InstanceQuota } from '../instance/instance-quota';
import type { BoundInstance } from '../msgpack/session';
import { Counters } from '../observability/counters';
import { Connection } from './connection';
import { MemoryBudget } from './memory-budget';
import { MsgpackProtocol } from './msgpack-wire';

const KIB = 1024;
const NONE = { bytesInPerSecond: null, bytesOutPerSecond: null, requestsPerSecond: null };
const CLIENTS = 8;
/** Requests that each client has sent and no reply to. */
const IN_FLIGHT = 4;

function produceOf(bytes: number): Buffer {
  const fields = { topic: 't', partition: 0, acks: -1 };
  return Buffer.concat(encodeFrame('produce', 1, fields, [Buffer.alloc(bytes)]));
}

describe('a quota', () => {
  it.each([
    ['of bytes in', 'small batches', { bytesInPerSecond: 1_000_000 }, produceOf(10 * KIB)],
    ['of bytes in', 'batches above a share', { bytesInPerSecond: 2_000_000 }, produceOf(99 * KIB)],
    ['of bytes in', 'one batch a second', { bytesInPerSecond: 300_000 }, produceOf(280 * KIB)],
    ['of requests', 'lists', { requestsPerSecond: 200 }, encoded('listTopics')],
    ['of requests', 'batches', { requestsPerSecond: 2_000 }, produceOf(KIB)],
    ['of requests', 'fetches', { requestsPerSecond: 500 }, encoded('fetch')],
  ])('%s is held within 10 %% over any 10 s with %s', async (_, __, quotas, request) => {
    const clock = new LaneClock();
    const quota = new InstanceQuota({ ...NONE, ...quotas }, clock);
    const counters = new Counters();
    const budget = (): MemoryBudget => new MemoryBudget(16 * 1024 * KIB);
    const context = {
      limits: defaultSettings,
      budget: budget(),
      replyBudget: budget(),
      pushBudget: budget(),
      counters,
      log: pino({ level: 'silent' }),
    };
    let begun = 0;
    const protocol = new MsgpackProtocol(defaultSettings, () => {
      begun += 1;
      return Promise.resolve({ fields: {} });
    });
    const clients = Array.from({ length: CLIENTS }, () => new QuotaClient(request));
    for (const client of clients) {
      const wire = protocol.open();
      wire.session.instance = { quota } as BoundInstance;
      new Connection(client, wire, context, 0).open(() => undefined);
      for (let count = 0; count < IN_FLIGHT; count += 1) client.ask();
    }
    const size = 'bytesInPerSecond' in quotas ? request.length : 1;
    const perSecond = Object.values(quotas)[0]!;
    const totals = [0];
    for (let second = 0; second < 20; second += 1) {
      for (let ms = 0; ms < 1_000; ms += 1) {
        clock.tick();
        await new Promise((resolve) => setImmediate(resolve));
      }
      totals.push(begun * size);
    }
    for (let from = 0; from <= 10; from += 1) {
      const rate = (totals[from + 10]! - totals[from]!) / 10;
      expect(rate / perSecond).toBeGreaterThan(0.9);
      expect(rate / perSecond).toBeLessThan(1.1);
    }
    // None was dropped: what was sent was begun, or waits.
    const answered = clients.reduce((sum, { replies }) => sum + replies, 0);
    expect(answered).toBeGreaterThan(begun - CLIENTS * IN_FLIGHT);
    expect(counters.requests).toBe(begun);
  });
});

function encoded(operation: string): Buffer {
  return Buffer.concat(encodeFrame(operation, 1, {}));
}
