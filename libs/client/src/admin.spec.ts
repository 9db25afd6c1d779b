import { FakeBroker } from '../testing/fake-broker';
import { Admin, type AdminOptions } from './admin';

describe('Admin', () => {
  let broker: FakeBroker;
  const admins: Admin[] = [];

  function open(options: AdminOptions = {}): Admin {
    const admin = new Admin({ broker: broker.address, backoff: { initialMs: 2 }, ...options });
    admins.push(admin);
    return admin;
  }

  beforeEach(async () => {
    broker = await FakeBroker.start({ b: 1, a: 2 });
  });

  afterEach(async () => {
    await Promise.all(admins.splice(0).map((admin) => admin.close()));
    await broker.stop();
  });

  it('lists topics by name and names those that are missing', async () => {
    const admin = open();
    expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await admin.describeTopics(['b', 'a'])).map(({ name }) => name)).toEqual(['b', 'a']);
    await expect(admin.describeTopics(['a', 'x', 'y'])).rejects.toThrow(/"x", "y"/);
  });

  it('does not repeat a creation whose answer was lost, unless it may exist', async () => {
    const admin = open();
    await admin.listTopics();
    let lost = 1;
    broker.intercept = ({ operation }) =>
      operation === 'createTopic' && lost-- > 0 ? 'apply-and-drop' : undefined;
    await expect(admin.createTopic('once')).rejects.toMatchObject({ code: 'CONNECTION' });
    expect(broker.count('createTopic')).toBe(1);
    lost = 1;
    const made = await admin.createTopic('twice', { partitions: 3, ifNotExists: true });
    expect(made).toMatchObject({ name: 'twice', partitions: 3, created: false });
  });

  it('repeats what may pass, and gives up after its time', async () => {
    const admin = open();
    let refusals = 2;
    broker.intercept = () => (refusals-- > 0 ? { error: 'SHUTTING_DOWN' } : undefined);
    expect(await open().listTopics()).toHaveLength(2);
    broker.intercept = ({ operation }) => (operation === 'hello' ? undefined : { error: 'BUSY' });
    await expect(open({ retryTimeoutMs: 30 }).listTopics()).rejects.toMatchObject({ code: 'BUSY' });
    await admin.close();
    await expect(admin.listTopics()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('fails at once without a broker when it is told not to wait', async () => {
    await broker.stop();
    const onRetry = jest.fn();
    const call = open({ retryTimeoutMs: 0, onRetry }).listTopics();
    await expect(call).rejects.toThrow(/nothing listens there/);
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('moves a named reader', async () => {
    const admin = open();
    await admin.commitReaderOffsets('r', [{ topic: 'a', partition: 1, offset: 4 }]);
    const asked = [0, 1].map((partition) => ({ topic: 'a', partition }));
    expect(await admin.readerOffsets('r', asked)).toEqual([
      { topic: 'a', partition: 0, offset: null },
      { topic: 'a', partition: 1, offset: 4 },
    ]);
  });

  it('goes through all topics page by page', async () => {
    for (const name of ['e', 'c', 'd']) broker.createTopic(name, 3);
    const names: string[] = [];
    for await (const { name } of open().eachTopic(2)) names.push(name);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(broker.count('listTopics')).toBe(3);
  });

  it('describes a topic with its partitions', async () => {
    const described = await open().describeTopic('a');
    expect(described).toMatchObject({ name: 'a', createdAtMs: 1, pins: [], warnings: [] });
    expect(described.partitions).toHaveLength(2);
    await expect(open().describeTopic('x')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });

  it('sends what it was asked to change, and repeats what can be repeated', async () => {
    const admin = open();
    const seen: unknown[] = [];
    let lost = true;
    broker.intercept = ({ operation, fields }) => {
      if (operation === 'hello') return undefined;
      seen.push([operation, fields]);
      if (operation === 'alterTopic' && lost) {
        lost = false;
        return 'drop';
      }
      return { fields: { offsets: [[1, 4]], configs: [] } };
    };
    const alteration = { partitions: 3, configs: { 'retention.ms': 5, 'segment.ms': null } };
    await admin.alterTopic('a', alteration);
    await admin.describeConfigs();
    const offsets = [{ partition: 1, beforeOffset: 4 }];
    expect(await admin.deleteRecords('a', { offsets })).toEqual([
      { partition: 1, logStartOffset: 4 },
    ]);
    await admin.deleteRecords('a', { before: 'latest', partitions: [0] });
    await admin.pinReader('r', 'a', { expireMs: 7 });
    await admin.unpinReader('r', 'a');
    const altered = ['alterTopic', { name: 'a', ...alteration }];
    expect(seen).toEqual([
      altered,
      altered,
      ['describeConfigs', {}],
      ['deleteRecords', { topic: 'a', offsets: [[1, 4]] }],
      ['deleteRecords', { topic: 'a', before: 'latest', partitions: [0] }],
      ['readerPin', { reader: 'r', topic: 'a', expireMs: 7 }],
      ['readerUnpin', { reader: 'r', topic: 'a' }],
    ]);
  });
});
