// A process that dies at each step of a creation, an alteration and a deletion on the file system,
// and what the next start makes of what it left.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParsedInstanceChange } from '@walrusmq/protocol';
import { isInstanceFileName, openWalStorage } from '@walrusmq/storage';
import { pino } from 'pino';
import { defaultSettings } from '../src/config/settings-table';
import { BoundSessions } from '../src/instance/bound-sessions';
import { machineFiles, type InstanceFiles } from '../src/instance/instance-files';
import { Instances } from '../src/instance/instances';
import { InstanceServices } from '../src/instance-services';
import { Session } from '../src/msgpack/session';
import { Counters } from '../src/observability/counters';
import { machineClocks } from '../src/partition/retention-clock';
import { instanceSettings } from '../src/topic/instance-settings';

jest.setTimeout(60_000);

const SETTINGS = { ...defaultSettings, blockBytes: 16_384, blocksPerFile: 4 };
const NOBODY = new Session();
const CHANGE: ParsedInstanceChange = {
  key: 'a/b',
  fsync: undefined,
  readConsistency: undefined,
  quotas: { requestsPerSecond: 5 },
  configs: {},
  force: false,
  validateOnly: false,
};

/** The machine's files until the process dies: before a step, or in the middle of it. */
class DyingFiles implements InstanceFiles {
  steps = 0;

  constructor(
    private readonly dieAt: number,
    private readonly isInTheMiddle: boolean,
  ) {}

  readonly list: InstanceFiles['list'] = (directory) => machineFiles.list(directory);
  readonly read: InstanceFiles['read'] = (path) => machineFiles.read(path);
  readonly occupation: InstanceFiles['occupation'] = (directory) =>
    machineFiles.occupation(directory);
  readonly diskUse: InstanceFiles['diskUse'] = async (directory) => machineFiles.diskUse(directory);

  makeDirectory(directory: string): Promise<void> {
    // A directory that exists already is no step.
    if (existsSync(directory)) return Promise.resolve();
    return this.step(() => machineFiles.makeDirectory(directory));
  }

  replace(directory: string, name: string, text: string): Promise<void> {
    return this.step(
      () => machineFiles.replace(directory, name, text),
      () => {
        writeFileSync(join(directory, '~new'), text.slice(0, 20));
      },
    );
  }

  remove(directory: string, name: string): Promise<void> {
    return this.step(() => machineFiles.remove(directory, name));
  }

  removeInstance(dataDir: string, name: string): Promise<readonly string[]> {
    return this.step(
      () => machineFiles.removeInstance(dataDir, name),
      () => {
        const [first] = readdirSync(join(dataDir, name)).filter(isInstanceFileName);
        if (first !== undefined) rmSync(join(dataDir, name, first), { recursive: true });
      },
    );
  }

  private step<Value>(whole: () => Promise<Value>, half?: () => void): Promise<Value> {
    this.steps += 1;
    if (this.steps < this.dieAt) return whole();
    if (this.steps === this.dieAt && this.isInTheMiddle) half?.();
    return Promise.reject(new Error('the process is dead'));
  }
}

describe('a process that dies', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-instances-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const start = async (
    files: InstanceFiles = machineFiles,
  ): Promise<Instances<InstanceServices>> => {
    const log = pino({ level: 'silent' });
    const wide = {
      openStorage: openWalStorage,
      clocks: machineClocks,
      counters: new Counters(),
      log,
    };
    const instances = new Instances<InstanceServices>({
      settings: { stopTimeoutMs: 1_000 },
      dataDir,
      log,
      files,
      settingsOf: (own, directory) => instanceSettings(SETTINGS, own, directory),
      build: (key, settings, own) => new InstanceServices(key, settings, own, wide),
    });
    await instances.open();
    instances.openOthers();
    return instances;
  };
  /** What the next start finds, once it has opened and removed all that it will. */
  const settled = async (instances: Instances<InstanceServices>): Promise<readonly string[]> => {
    const isMoving = (): boolean =>
      instances.list().some(({ state }) => state === 'opening' || state === 'deleting');
    while (isMoving()) await new Promise((resolve) => setImmediate(resolve));
    for (const entry of instances.list()) {
      expect([entry.key, entry.state, entry.reason]).toEqual([entry.key, 'open', undefined]);
    }
    return instances.list().map(({ key }) => key);
  };
  const isOnDisk = (): boolean => existsSync(join(dataDir, 'a%2Fb'));
  const recordsOnDisk = (): readonly string[] =>
    machineFiles.list(join(dataDir, '~instances')).filter((name) => name !== '~new');
  const NOTHING = { isOnDisk: false, records: [] };

  /** Dies at every step of `change`, and looks at what the start after that has. */
  const atEveryStep = async (
    prepare: (instances: Instances<InstanceServices>) => Promise<void>,
    change: (instances: Instances<InstanceServices>) => Promise<unknown>,
    check: (after: Instances<InstanceServices>, wasDone: boolean) => Promise<void>,
  ): Promise<number> => {
    for (const isInTheMiddle of [false, true]) {
      for (let dieAt = 1; ; dieAt += 1) {
        rmSync(dataDir, { recursive: true, force: true });
        const before = await start();
        await prepare(before);
        await before.close();
        const files = new DyingFiles(dieAt, isInTheMiddle);
        const dying = await start(files);
        await settled(dying);
        const wasDone = await change(dying).then(
          () => true,
          () => false,
        );
        await dying.close();
        const after = await start();
        await settled(after);
        await check(after, wasDone);
        await after.close();
        if (files.steps >= dieAt) continue;
        // It did not come to die any more: all steps were tried.
        expect(wasDone).toBe(true);
        if (isInTheMiddle) return dieAt - 1;
        break;
      }
    }
    return 0;
  };

  it('while it creates leaves an instance or nothing, and the key can be had', async () => {
    const steps = await atEveryStep(
      async () => Promise.resolve(),
      (dying) => dying.create(CHANGE, NOBODY),
      async (after, wasDone) => {
        const isThere = (await settled(after)).includes('a/b');
        expect(isThere || !wasDone).toBe(true);
        const whole = { quotas: { requestsPerSecond: 5 } };
        const found = isThere
          ? { quotas: after.require('a/b').own.quotas }
          : { isOnDisk: isOnDisk(), records: recordsOnDisk() };
        expect([whole, NOTHING]).toContainEqual(found);
        if (!isThere) await after.create(CHANGE, NOBODY);
        await after.require('a/b').services!.topics.create({ name: 'orders' });
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it('while it deletes leaves all of an instance or nothing', async () => {
    const steps = await atEveryStep(
      async (instances) => {
        const { services } = await instances.create(CHANGE, NOBODY);
        await services!.topics.create({ name: 'orders' });
      },
      (dying) => dying.delete('a/b', false, NOBODY),
      async (after, wasDone) => {
        const isThere = (await settled(after)).includes('a/b');
        expect(isThere && wasDone).toBe(false);
        const topicsOf = (): readonly string[] =>
          after
            .require('a/b')
            .services?.topics.list()
            .map(({ name }) => name) ?? [];
        const found = isThere
          ? { topics: topicsOf() }
          : { isOnDisk: isOnDisk(), records: recordsOnDisk() };
        expect([{ topics: ['orders'] }, NOTHING]).toContainEqual(found);
        if (isThere) return;
        await after.create(CHANGE, NOBODY);
        expect(topicsOf()).toEqual([]);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(3);
  });

  it('while it alters leaves the old settings or the new ones', async () => {
    const steps = await atEveryStep(
      async (instances) => {
        await instances.create(CHANGE, NOBODY);
      },
      (dying) => dying.alter({ ...CHANGE, quotas: { requestsPerSecond: 9 } }, NOBODY),
      async (after, wasDone) => {
        await settled(after);
        const { quotas } = after.require('a/b').own;
        expect(wasDone ? [9] : [5, 9]).toContain(quotas.requestsPerSecond);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(1);
  });
});

describe('BoundSessions', () => {
  it('cuts off who does not leave in time, but not who asks', async () => {
    const sessions = new BoundSessions();
    const gone: string[] = [];
    const session = (name: string) => ({
      leave: () => gone.push(`${name} is to leave`),
      hangUp: () => {
        gone.push(`${name} is cut off`);
        sessions.delete(stubborn);
      },
    });
    const [stubborn, asking] = [session('stubborn'), session('asking')];
    sessions.add(stubborn);
    sessions.add(asking);
    expect([sessions.countBeside(), sessions.countBeside(asking)]).toEqual([2, 1]);
    await sessions.drain(undefined as never, 1, asking);
    expect(gone).toEqual(['stubborn is to leave', 'asking is to leave', 'stubborn is cut off']);
  });
});
