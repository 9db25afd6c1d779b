// Changes of instances beside each other, and beside what goes wrong while one is closed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParsedInstanceChange } from '@walrusmq/protocol';
import { StorageError, openWalStorage } from '@walrusmq/storage';
import { pino } from 'pino';
import { defaultSettings } from '../src/config/settings-table';
import type { OpenStorage } from '../src/instance/broker-instance';
import { Instances } from '../src/instance/instances';
import { InstanceServices } from '../src/instance-services';
import { Session } from '../src/msgpack/session';
import { Counters } from '../src/observability/counters';
import { machineClocks } from '../src/partition/retention-clock';
import { instanceSettings } from '../src/topic/instance-settings';
import { override } from './override';

const SETTINGS = { ...defaultSettings, blockBytes: 16_384, blocksPerFile: 4 };
const CHANGE: ParsedInstanceChange = {
  key: 'default',
  fsync: undefined,
  readConsistency: undefined,
  quotas: {},
  configs: {},
  force: true,
  validateOnly: false,
};

describe('changes of instances', () => {
  let dataDir: string;
  let instances: Instances<InstanceServices>;

  const start = async (openStorage: OpenStorage = openWalStorage): Promise<void> => {
    const log = pino({ level: 'silent' });
    const wide = { openStorage, clocks: machineClocks, counters: new Counters(), log };
    instances = new Instances<InstanceServices>({
      settings: { stopTimeoutMs: 50 },
      dataDir,
      log,
      settingsOf: (own, directory) => instanceSettings(SETTINGS, own, directory),
      build: (key, settings, own) => new InstanceServices(key, settings, own, wide),
    });
    await instances.open();
  };

  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-instances-'))));
  afterEach(async () => {
    await instances.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(['default', 'other'])(
    'open an instance anew whose last sync failed when it was closed: %s',
    async (key) => {
      let isFailing = false;
      await start(async (options) => {
        const storage = await openWalStorage(options);
        const close = async (): Promise<void> => {
          await storage.close();
          if (isFailing) throw new StorageError('IO', 'as the test wants it');
        };
        return override(storage, { close });
      });
      const asking = new Session();
      if (key !== 'default') await instances.create({ ...CHANGE, key }, asking);
      await instances.bind(key).topics.create({ name: 'orders' });
      isFailing = true;
      const altered = await instances.alter({ ...CHANGE, key, fsync: 'no-fsync' }, asking);
      isFailing = false;
      expect(altered).toMatchObject({ state: 'open', reason: undefined });
      expect(instances.bind(key).topics.require('orders').partitionCount).toBe(1);
    },
  );

  it.each(['alterInstance', 'deleteInstance'])(
    'that wait do not hold up %s, which sends their connections away',
    async (operation) => {
      await start();
      const [asking, waiting] = [new Session(), new Session()];
      await instances.create({ ...CHANGE, key: 'one' }, asking);
      const { sessions } = instances.bind('one');
      let isCutOff = false;
      waiting.leave = () => waiting.cancel();
      waiting.hangUp = () => {
        isCutOff = true;
        sessions.delete(waiting);
      };
      for (const session of [asking, waiting]) sessions.add(session);
      const running =
        operation === 'deleteInstance'
          ? instances.delete('one', true, asking)
          : instances.alter({ ...CHANGE, key: 'one', fsync: 'no-fsync' }, asking);
      // As its connection, it goes once what it asked for is answered.
      const change = instances.create({ ...CHANGE, key: 'two' }, waiting);
      const answered = change.finally(() => sessions.delete(waiting));
      await expect(answered).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      await running;
      await instances.create({ ...CHANGE, key: 'three' }, asking);
      expect(isCutOff).toBe(false);
      expect(instances.list().map(({ key }) => key)).not.toContain('two');
    },
  );

  it('that run go on when the connection that asked is gone', async () => {
    await start();
    const asking = new Session();
    const created = instances.create({ ...CHANGE, key: 'one' }, asking);
    // Its turn comes, and its first step on the disk takes longer than this.
    await new Promise((resolve) => setImmediate(resolve));
    asking.end();
    expect(await created).toMatchObject({ key: 'one', state: 'open' });
    const late = instances.create({ ...CHANGE, key: 'two' }, asking);
    await expect(late).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
