import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineFiles } from './instance-files';
import { InstanceRecords, type InstanceRecord } from './instance-records';

const recordOf = (key: string): InstanceRecord => ({
  key,
  state: 'active',
  instanceId: '0'.repeat(32),
  settings: { fsync: '5ms', quotas: { requestsPerSecond: 5 }, configs: { 'retention.ms': '1' } },
});

describe('InstanceRecords', () => {
  let dataDir: string;
  let folder: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-records-'));
    folder = join(dataDir, '~instances');
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = (): InstanceRecords => new InstanceRecords(dataDir, machineFiles);

  it('brings back what was written, over what was there before, and forgets', async () => {
    expect(open().readAll()).toEqual({ records: [], damaged: [] });
    const records = open();
    for (const key of ['b/c', 'default', 'a']) await records.write(recordOf(key));
    const altered = { ...recordOf('a'), state: 'deleting' } as const;
    await records.write(altered);
    await records.remove('b/c');
    await records.remove('never there');
    expect(open().readAll()).toEqual({ records: [altered, recordOf('default')], damaged: [] });
  });

  it('notices every byte that changed', async () => {
    await open().write(recordOf('a'));
    const path = join(folder, 'a');
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      writeFileSync(path, flipped);
      const { records, damaged } = open().readAll();
      // A newline at the very end that is none says nothing else.
      const isSame = records.length === 1 && at === whole.length - 1;
      expect([at, damaged.map(({ key }) => key)]).toEqual([at, isSame ? [] : ['a']]);
    }
  });

  it('says what is wrong with a record, and goes on with the others', async () => {
    await open().write(recordOf('a'));
    const other = readFileSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), other);
    writeFileSync(join(folder, 'c'), '');
    mkdirSync(join(folder, 'd'));
    const { records, damaged } = open().readAll();
    expect(records.map(({ key }) => key)).toEqual(['a']);
    expect(damaged.map(({ key, reason }) => [key, reason.includes(join(folder, key))])).toEqual([
      ['b', true],
      ['c', true],
      ['d', true],
    ]);
    expect(damaged[0]?.reason).toMatch(/it is about "a"/);
  });

  it('leaves alone what is no record', async () => {
    await open().write(recordOf('a'));
    writeFileSync(join(folder, '~new'), 'half');
    writeFileSync(join(folder, 'not a name'), 'x');
    expect(open().readAll().records).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(['a', 'not a name', '~new']);
  });

  it('says of a folder that cannot be read that the data directory cannot be used', () => {
    const failing = {
      ...machineFiles,
      list: () => {
        throw new Error('EACCES: permission denied');
      },
    };
    expect(() => new InstanceRecords(dataDir, failing).readAll()).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_UNUSABLE' }) as Error,
    );
  });
});
