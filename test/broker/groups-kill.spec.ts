// Consumer groups under a broker process that is killed with SIGKILL: what was answered holds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlainRecord } from '@walrusmq/protocol';
import { BrokerProcess } from '../crash/broker-process';
import { partitionsOf, refusalOf, settleMembers, type MemberState } from '../crash/group-members';
import { ProtocolLink } from '../crash/protocol-link';

jest.setTimeout(120_000);

const CYCLES = 4;
const COMMITS = 200;
const PARTITIONS = 4;
const group = 'g';

describe('groups of a broker that is killed', () => {
  let dataDir: string;
  let broker: BrokerProcess;
  let link: ProtocolLink;

  const start = async (): Promise<void> => {
    broker = new BrokerProcess({ dataDir, flags: ['--fsync', 'sync-each'] });
    link = await ProtocolLink.open(await broker.ready);
  };
  const kill = async (): Promise<void> => {
    await broker.kill();
    link.close();
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-groups-kill-'));
    await start();
    await link.request('createTopic', { name: 'orders', partitions: PARTITIONS });
  });
  afterEach(async () => {
    await kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('have every offset that was answered, and go on with the members they had', async () => {
    // An offset above the end of its log would be moved to that end after a kill.
    const records = Array.from({ length: CYCLES * COMMITS }, (): PlainRecord => [null, 'v']);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await link.request('produce', { topic: 'orders', partition, records });
    }
    const committer: MemberState = { member: 'm-1', epoch: 0, owned: [] };
    const members = [committer, { member: 'm-2', epoch: 0, owned: [] }];
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      await settleMembers(link, group, members);
      const owned = members.flatMap(partitionsOf);
      expect(owned.sort()).toEqual(['orders/0', 'orders/1', 'orders/2', 'orders/3']);
      expect(members.map((each) => partitionsOf(each).length)).toEqual([2, 2]);

      const partition = committer.owned[0]?.partitions[0] ?? -1;
      const answered: number[] = [];
      const first = cycle * COMMITS;
      const commits = Array.from({ length: COMMITS }, async (_, index) => {
        const offset = first + index;
        const { member, epoch } = committer;
        const offsets = [['orders', partition, offset]] as const;
        const { fields } = await link.request('offsetCommit', { group, member, epoch, offsets });
        expect(fields.partitions).toEqual([['orders', partition, null]]);
        answered.push(offset);
      });
      // In the middle of them: some are answered, some are on their way to the disk.
      await Promise.race(commits);
      await kill();
      await Promise.allSettled(commits);
      await start();

      const { fields } = await link.request('offsetFetch', {
        group,
        partitions: [['orders', partition]],
      });
      const found = fields.offsets[0]?.[2] ?? -1;
      expect(found).toBeGreaterThanOrEqual(Math.max(...answered));
      expect(found).toBeLessThan(first + COMMITS);
    }
  });

  it('refuse whoever was fenced before, and whoever comes with an epoch of before', async () => {
    const stays: MemberState = { member: 'stays', epoch: 0, owned: [] };
    const goes: MemberState = { member: 'goes', epoch: 0, owned: [] };
    await settleMembers(link, group, [stays, goes]);
    const { epoch } = goes;
    await link.request('consumerGroupHeartbeat', { group, member: 'goes', epoch: -1 });
    await settleMembers(link, group, [stays]);
    expect(stays.epoch).toBeGreaterThan(epoch);
    await kill();
    await start();
    const offsets = [['orders', 0, 1]] as const;
    const commit = (member: string, said: number): Promise<string | undefined> =>
      refusalOf(link.request('offsetCommit', { group, member, epoch: said, offsets }));
    expect(await commit('goes', epoch)).toBe('UNKNOWN_MEMBER_ID');
    expect(await commit('stays', epoch - 1)).toBe('STALE_MEMBER_EPOCH');
    expect(await commit('stays', stays.epoch)).toBeUndefined();
    const { fields } = await link.request('listGroups', {});
    expect(fields.groups).toMatchObject([{ group, state: 'Stable', members: 1 }]);
  });
});
