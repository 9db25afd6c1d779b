import { pino } from 'pino';
import { StorageError, openMemoryStorage, type InstanceStorage } from '@walrusmq/storage';
import { defaultSettings } from '../config/settings-table';
import { BrokerInstance } from './broker-instance';

interface Line {
  readonly level: number;
  readonly msg: string;
}

function instanceOf(open: () => InstanceStorage): { instance: BrokerInstance; lines: Line[] } {
  const lines: Line[] = [];
  const log = pino({}, { write: (text: string) => lines.push(JSON.parse(text) as Line) });
  return { instance: new BrokerInstance(defaultSettings, open, log), lines };
}

const failing = (code: StorageError['code']) => () => {
  throw new StorageError(code, 'because');
};

describe('BrokerInstance', () => {
  it.each([
    ['LOCKED', 'DATA_DIR_LOCKED', /in use by another process: stop that broker/],
    ['IO', 'DATA_DIR_UNUSABLE', /\(because\): it has to be a directory/],
    ['INVALID_INPUT', 'DATA_DIR_UNUSABLE', /--data-dir/],
    ['NO_SPACE', 'STORAGE_FAILED', /free some space/],
    ['CORRUPT', 'STORAGE_FAILED', /nothing was changed/],
  ] as const)('says of a directory that fails with %s: %s', async (code, startCode, words) => {
    const { instance } = instanceOf(failing(code));
    const refused = {
      code: startCode,
      message: expect.stringMatching(words) as string,
      exitCode: 1,
    };
    await expect(instance.open()).rejects.toMatchObject(refused);
  });

  it('passes on what is no storage error', async () => {
    const bug = new TypeError('bug');
    const { instance } = instanceOf(() => {
      throw bug;
    });
    await expect(instance.open()).rejects.toBe(bug);
  });

  it('has no storage before it is open', () => {
    const { instance } = instanceOf(openMemoryStorage);
    expect(() => instance.storage).toThrow(StorageError);
  });

  it('logs everything that recovery found', async () => {
    const log = { topicId: 't', partition: 0 };
    const storage = openMemoryStorage();
    const recoveryReport = {
      ...storage.recoveryReport,
      cuts: [{ log, offset: 5, bytes: 100 }],
      corruptions: [{ log, offset: 2, what: 'crc', quarantinePath: '' }],
      clampedCursors: [{ log, reader: 'r', from: 9, to: 5 }],
      notes: ['fell back to pwrite'],
    };
    const { instance, lines } = instanceOf(() => Object.assign(storage, { recoveryReport }));
    await instance.open();
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [30, 'storage opened'],
      [40, 'a torn tail was cut'],
      [40, 'a reader stood above the recovered end and was moved to it'],
      [50, 'acknowledged records are damaged; reads from there on fail'],
      [30, 'recovery note'],
    ]);
  });

  it('reports that the disk became full, and that it has room again', async () => {
    const storage = openMemoryStorage();
    const { instance, lines } = instanceOf(() => storage);
    await instance.open();
    for (const appendRefusal of [undefined, 'full', 'fuller', undefined, undefined]) {
      Object.assign(storage, { appendRefusal });
      instance.reportRoom();
      expect([instance.refusal, instance.isDiskFull]).toEqual([
        appendRefusal,
        appendRefusal !== undefined,
      ]);
    }
    expect(lines.slice(1).map(({ level, msg }) => [level, msg])).toEqual([
      [50, 'produce is refused until space is freed'],
      [30, 'the disk has room again: produce goes on'],
    ]);
  });

  it('reports a fence once', async () => {
    const storage = openMemoryStorage();
    const { instance, lines } = instanceOf(() => storage);
    await instance.open();
    instance.reportFence();
    Object.assign(storage, { fence: new StorageError('IO', 'EIO on fdatasync') });
    instance.reportFence();
    instance.reportFence();
    const fatal = lines.filter(({ level }) => level === 60);
    expect(fatal).toMatchObject([{ code: 'IO', reason: 'EIO on fdatasync' }]);
  });
});
