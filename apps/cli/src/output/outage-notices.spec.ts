import { PassThrough } from 'node:stream';
import { BrokerError, ConnectionError, type RetryNotice } from '@walrusmq/client';
import { outageNotices } from './outage-notices';

const LOST = new ConnectionError('h', 1, 'lost the connection to the broker at h:1: gone', true);

function watched(): { tell: (notice: Partial<RetryNotice>, nowMs: number) => string } {
  const screen = new PassThrough({ encoding: 'utf8' });
  let nowMs = 0;
  const onRetry = outageNotices(screen, () => nowMs);
  return {
    tell(notice, atMs) {
      nowMs = atMs;
      onRetry({ error: LOST, activity: 'connect', attempt: 1, delayMs: 50, ...notice });
      return (screen.read() as string | null) ?? '';
    },
  };
}

const LINE = 'walrusmq: CONNECTION: lost the connection to the broker at h:1: gone; trying again\n';

it('tells of an outage once, however many connections complain for however long', () => {
  const { tell } = watched();
  expect(tell({}, 0)).toBe(LINE);
  for (let nowMs = 0; nowMs < 60_000; nowMs += 7_000) {
    expect(tell({ attempt: 1 + nowMs }, nowMs)).toBe('');
  }
});

it('tells of the next one', () => {
  const { tell } = watched();
  expect(tell({}, 0)).toBe(LINE);
  expect(tell({}, 20_000)).toBe(LINE);
});

it('tells why a broker that is there takes nothing, and not what groups do all day', () => {
  const { tell } = watched();
  const busy = new BrokerError('REBALANCE_IN_PROGRESS', 'it rebalances');
  expect(tell({ error: busy, activity: 'heartbeat' }, 0)).toBe('');
  const full = new BrokerError('NO_SPACE', 'The disk is full.', { retriable: true });
  expect(tell({ error: full, activity: 'produce' }, 1)).toBe(
    'walrusmq: NO_SPACE: The disk is full; trying again\n',
  );
});
