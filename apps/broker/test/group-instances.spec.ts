// Groups of the same name in two instances are two groups.
import { ServerSideMember, askUntil, joinWithNewId, ok, refused } from './group-client';
import { RawClient } from './raw-client';
import { STORAGES, TestBroker } from './test-broker';

jest.setTimeout(60_000);

describe.each(STORAGES)('groups of instances on %s', (_, openStorage) => {
  let broker: TestBroker;
  let here: RawClient;
  let there: RawClient;
  beforeEach(async () => {
    broker = await TestBroker.start({ blockBytes: 16_384, blocksPerFile: 4 }, openStorage);
    here = await broker.withTopic('orders', 2);
    await ok(here, 'createInstance', { key: 'other' });
    there = await RawClient.greeted(broker.address, 'other');
    await ok(there, 'createTopic', { name: 'orders', partitions: 2 });
  });
  afterEach(async () => {
    there.destroy();
    await broker.stop();
  });

  it('share neither members nor offsets, and are deleted apart', async () => {
    const one = new ServerSideMember(here, 'm', { topics: ['orders'] });
    const other = new ServerSideMember(there, 'm', { topics: ['orders'] });
    for (const member of [one, other]) {
      await member.beat();
      expect(member.partitions).toEqual(['orders/0', 'orders/1']);
    }
    expect(one.owned[0]?.id).not.toBe(other.owned[0]?.id);
    await ok(here, 'offsetCommit', { group: 'here', offsets: [['orders', 0, 7]] });
    expect((await ok(there, 'offsetFetch', { group: 'here' })).offsets).toEqual([]);
    expect(await refused(there, 'describeGroup', { group: 'here' })).toBe('GROUP_ID_NOT_FOUND');
    await other.beat({ epoch: -1 });
    await ok(there, 'deleteGroup', { group: 'g' });
    await one.beat();
    expect(one.partitions).toEqual(['orders/0', 'orders/1']);
  });

  it('answer those who wait in them when their instance is deleted', async () => {
    const first = await joinWithNewId(there);
    await first.reply;
    // Its rebalance waits for the first, which does not come back.
    const second = await RawClient.greeted(broker.address, 'other');
    const { reply } = await joinWithNewId(second);
    const outcome = reply.then(
      () => 'joined',
      (error: unknown) => String(error),
    );
    await askUntil(async () => {
      const { fields } = await there.request('describeGroup', { group: 'g' });
      return fields.state === 'PreparingRebalance';
    });
    await ok(here, 'deleteInstance', { key: 'other', force: true });
    expect(await outcome).toMatch(/SHUTTING_DOWN|UNKNOWN_INSTANCE|the connection ended/);
    second.destroy();
    expect((await ok(here, 'listGroups', {})).groups).toEqual([]);
  });
});
