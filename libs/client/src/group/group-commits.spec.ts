// What a member saves, and what it must not.
import { eventually, type Interception } from '../../testing/fake-broker';
import { batch, gate, GroupFixture } from '../../testing/group-fixture';
import type { Consumer } from '../consumer';
import type { ConsumerRecord } from '../consumer-record';

describe('commits of a member of a group', () => {
  let fixture: GroupFixture;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
  });

  afterEach(() => fixture.stop());

  /** A consumer in a loop that has taken the first record. */
  async function taken(consumer: Consumer): Promise<ConsumerRecord> {
    const result = await consumer[Symbol.asyncIterator]().next();
    return result.value as ConsumerRecord;
  }

  it('saves by itself within the interval', async () => {
    const consumer = fixture.open({ autoCommit: { intervalMs: 10 } });
    let count = 0;
    void consumer.run({ eachRecord: () => void (count += 1) });
    await eventually(
      () => [0, 1, 2, 3].every((each) => fixture.group.committed.get(`t/${each}`) === 10),
      'all progress saved',
    );
    expect(count).toBe(40);
  });

  it('saves where it begins at once, where that is not the beginning', async () => {
    const consumer = fixture.open({ from: 'latest' });
    void consumer.run({ eachRecord: () => undefined });
    await eventually(() => fixture.group.committed.size === 4, 'the places being saved');
    expect([...fixture.group.committed.values()]).toEqual([10, 10, 10, 10]);
    const byHand = fixture.open({ group: 'manual', from: 'latest', autoCommit: false });
    void byHand.run({ eachRecord: () => undefined });
    await eventually(() => byHand.position().length === 4, 'the partitions');
    expect(fixture.broker.groups.get('manual').commits).toEqual([]);
  });

  it('does not repeat a commit once its partition was given up', async () => {
    const consumer = fixture.open({ autoCommit: false, rebalanceTimeoutMs: 60 });
    const record = await taken(consumer);
    let isBusy = true;
    let tries = 0;
    fixture.broker.intercept = ({ operation }): Interception | undefined => {
      if (operation !== 'offsetCommit') return undefined;
      tries += 1;
      return isBusy ? { error: 'BUSY' } : undefined;
    };
    const committing = consumer.commit(record);
    committing.catch(() => undefined);
    await eventually(() => tries > 0, 'the commit');
    fixture.group.give(`t/${record.partition}`, 'another');
    await eventually(() => consumer.assignment().length === 3, 'the partition being given up');
    isBusy = false;
    await expect(committing).rejects.toMatchObject({ code: 'NOT_ASSIGNED' });
    expect(fixture.group.commits).toEqual([]);
  });

  it('repeats a commit with the next epoch when its own is stale', async () => {
    const consumer = fixture.open({ autoCommit: false });
    const record = await taken(consumer);
    const epochs: number[] = [];
    fixture.broker.intercept = ({ operation, fields }): Interception | undefined => {
      if (operation !== 'offsetCommit') return undefined;
      if (epochs.push(Number(fields.epoch)) > 1) return undefined;
      fixture.group.nextEpoch();
      return { error: 'STALE_MEMBER_EPOCH' };
    };
    await consumer.commit(record);
    expect(epochs).toEqual([epochs[0], (epochs[0] ?? 0) + 1]);
    expect(fixture.group.committed.get(`t/${record.partition}`)).toBe(1);
  });

  it('goes on with a commit over a lost connection', async () => {
    const consumer = fixture.open({ autoCommit: false });
    const record = await taken(consumer);
    let drops = 2;
    fixture.broker.intercept = ({ operation }) =>
      operation === 'offsetCommit' && drops-- > 0 ? 'drop' : undefined;
    await consumer.commit(record);
    expect(fixture.group.committed.get(`t/${record.partition}`)).toBe(1);
  });

  it('refuses to save for a member that was put out, whose partitions are lost then', async () => {
    const lost: number[] = [];
    const consumer = fixture.open({
      autoCommit: false,
      onPartitionsLost: (those) => void lost.push(those.length),
    });
    const record = await taken(consumer);
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    await expect(consumer.commit(record)).rejects.toMatchObject({
      code: expect.stringMatching(/UNKNOWN_MEMBER_ID|NOT_ASSIGNED/) as string,
    });
    expect(lost).toEqual([4]);
    expect(fixture.group.commits).toEqual([]);
  });

  it('refuses to save for a partition that went, and records of before it came back', async () => {
    const consumer = fixture.open({ autoCommit: false });
    const record = await taken(consumer);
    const key = `t/${record.partition}`;
    const offset = { topic: 't', partition: record.partition, offset: 1 };
    fixture.group.give(key, 'another');
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    await eventually(() => fixture.group.memberIds.length === 1, 'it coming back');
    await eventually(() => consumer.assignment().length === 3, 'its other partitions');
    await expect(consumer.commit(record)).rejects.toMatchObject({ code: 'NOT_ASSIGNED' });
    await expect(consumer.commit([offset])).rejects.toMatchObject({ code: 'NOT_ASSIGNED' });
    // Another member has got to 6.
    fixture.group.committed.set(key, 6);
    fixture.group.give(key, fixture.group.memberIds[0] ?? '');
    await eventually(() => consumer.assignment().length === 4, 'the partition coming back');
    await expect(consumer.commit(record)).rejects.toMatchObject({ code: 'NOT_ASSIGNED' });
    expect(fixture.group.committed.get(key)).toBe(6);
    expect(fixture.group.commits).toEqual([]);
    // What the program asks for by offsets is its own.
    await consumer.commit([offset]);
    expect(fixture.group.committed.get(key)).toBe(1);
  });

  it('does not repeat a commit for a partition that went meanwhile', async () => {
    const consumer = fixture.open({ autoCommit: false });
    const record = await taken(consumer);
    const held = gate();
    let tries = 0;
    fixture.broker.intercept = async ({ operation }): Promise<Interception | undefined> => {
      if (operation !== 'offsetCommit') return undefined;
      tries += 1;
      await held.opened;
      return { error: 'BUSY' };
    };
    const committing = consumer.commit(record);
    committing.catch(() => undefined);
    await eventually(() => tries === 1, 'the commit');
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    held.open();
    await expect(committing).rejects.toMatchObject({
      code: expect.stringMatching(/UNKNOWN_MEMBER_ID|NOT_ASSIGNED/) as string,
    });
    expect(fixture.group.commits).toEqual([]);
  });

  it('goes on when what it wanted to save by itself was taken away', async () => {
    const consumer = fixture.open({ autoCommit: { intervalMs: 5 } });
    let count = 0;
    const running = consumer.run({ eachRecord: () => void (count += 1) });
    await eventually(() => count === 40, 'all records');
    for (let round = 1; round <= 3; round++) {
      fixture.group.putOut(fixture.group.memberIds[0] ?? '');
      fixture.broker.append('t', 0, batch(0, 1));
      await eventually(() => fixture.group.committed.get('t/0') === 10 + round, 'the next record');
    }
    await consumer.close();
    await expect(running).resolves.toBeUndefined();
  });
});
