// Topics that ask for syncs, in a broker that is started with a schedule which syncs less often.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from '../crash/broker-process';

const LONG_MAX = '9223372036854775807';

describe('a broker with a weaker fsync schedule than before', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-schedule-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  /** What `ask` is answered by a broker with this schedule, and what that logged meanwhile. */
  async function under<Answer>(
    fsync: string,
    ask: (admin: Admin) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer; readonly log: string }> {
    const broker = new BrokerProcess({ dataDir, flags: ['--fsync', fsync] });
    try {
      const admin = new Admin({ broker: await broker.ready });
      const answer = await ask(admin);
      await admin.close();
      await broker.stop();
      return { answer, log: broker.stderr };
    } finally {
      await broker.kill();
    }
  }
  const flushes = async (admin: Admin) => {
    const { configs, warnings } = await admin.describeTopic('orders');
    const shown = configs.filter(({ name }) => name.startsWith('flush.'));
    return { shown: shown.map(({ value, source }) => [value, source]), warnings };
  };

  it('warns of topics whose syncs it does not keep, and does not show them', async () => {
    const configs = { 'flush.messages': '10', 'retention.ms': '5000' };
    const before = await under('sync-each', async (admin) => {
      await admin.createTopic('orders', { configs });
      await admin.createTopic('others');
      return flushes(admin);
    });
    expect(before.answer).toEqual({ shown: [['10', 'topic']], warnings: [] });
    expect(before.log).not.toContain('does not keep');

    const weaker = await under('no-fsync', flushes);
    expect(weaker.answer).toEqual({
      shown: [[LONG_MAX, 'instance']],
      warnings: [expect.stringContaining('flush.messages is set to 10, which the fsync schedule')],
    });
    expect(weaker.log).toMatch(/"topics":\["orders"\],"count":1,.*does not keep/);

    expect((await under('sync-each', flushes)).answer).toEqual(before.answer);
  });
});
