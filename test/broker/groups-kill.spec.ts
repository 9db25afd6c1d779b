// Consumer groups under a broker process that is killed with SIGKILL: what was answered holds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerSideMember, ok, refused, settleMembers } from '../../apps/broker/test/group-client';
import { RawClient } from '../../apps/broker/test/raw-client';
import { BrokerProcess } from '../crash/broker-process';

jest.setTimeout(120_000);

const CYCLES = 4;
const COMMITS = 200;
const PARTITIONS = 4;

describe('groups of a broker that is killed', () => {
  let dataDir: string;
  let broker: BrokerProcess;
  let clients: RawClient[] = [];

  const start = async (): Promise<void> => {
    broker = new BrokerProcess({ dataDir, flags: ['--fsync', 'sync-each'] });
    const address = await broker.ready;
    clients = await Promise.all([RawClient.greeted(address), RawClient.greeted(address)]);
  };
  const kill = async (): Promise<void> => {
    await broker.kill();
    for (const client of clients) client.destroy();
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-groups-kill-'));
    await start();
    await ok(clients[0]!, 'createTopic', { name: 'orders', partitions: PARTITIONS });
  });
  afterEach(async () => {
    await kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('have every offset that was answered, and go on with the members they had', async () => {
    // An offset above the end of its log would be moved to that end after a kill.
    const records = Array.from({ length: CYCLES * COMMITS }, () => [null, 'v']);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await ok(clients[0]!, 'produce', { topic: 'orders', partition, records });
    }
    const joining = { topics: ['orders'] };
    let next = 0;
    let states = ['m-1', 'm-2'].map((member) => ({
      member,
      epoch: 0,
      owned: [] as ServerSideMember['owned'],
    }));
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const members = states.map(({ member, epoch, owned }, index) =>
        Object.assign(new ServerSideMember(clients[index]!, member, joining), { epoch, owned }),
      );
      await settleMembers(members);
      const owned = members.flatMap(({ partitions }) => partitions);
      expect(owned.sort()).toEqual(['orders/0', 'orders/1', 'orders/2', 'orders/3']);
      expect(members.map(({ partitions }) => partitions.length)).toEqual([2, 2]);

      const answered = new Map<number, number>();
      const first = next;
      next += COMMITS;
      const [member] = members;
      const partition = member!.owned[0]!.partitions[0]!;
      const commits = commitMany(clients[0]!, member!, partition, first, answered);
      // In the middle of them: some are answered, some are on their way to the disk.
      while (answered.size === 0) await new Promise((resolve) => setImmediate(resolve));
      await kill();
      await commits;
      await start();

      const { offsets } = await ok(clients[0]!, 'offsetFetch', {
        group: 'g',
        partitions: [['orders', partition]],
      });
      const found = (offsets as unknown[][])[0]?.[2] as number;
      expect(found).toBeGreaterThanOrEqual(answered.get(partition)!);
      expect(found).toBeLessThan(next);
      states = members.map(({ member: name, epoch, owned: has }) => ({
        member: name,
        epoch,
        owned: has,
      }));
    }
  });

  it('refuse whoever was fenced before, and whoever comes with an epoch of before', async () => {
    const [client] = clients;
    const joining = { topics: ['orders'] };
    const stays = new ServerSideMember(client!, 'stays', joining);
    const goes = new ServerSideMember(client!, 'goes', joining);
    await settleMembers([stays, goes]);
    const { epoch } = goes;
    await goes.beat({ epoch: -1 });
    await settleMembers([stays]);
    const later = stays.epoch;
    expect(later).toBeGreaterThan(epoch);
    await kill();
    await start();
    const [again] = clients;
    const offsets = [['orders', 0, 1]];
    for (const [member, old, code] of [
      ['goes', epoch, 'UNKNOWN_MEMBER_ID'],
      ['stays', epoch - 1, 'STALE_MEMBER_EPOCH'],
    ] as const) {
      const commit = { group: 'g', member, epoch: old, offsets };
      expect([member, await refused(again!, 'offsetCommit', commit)]).toEqual([member, code]);
    }
    await ok(again!, 'offsetCommit', { group: 'g', member: 'stays', epoch: later, offsets });
    const listed = await ok(again!, 'listGroups', {});
    expect(listed.groups).toMatchObject([{ group: 'g', state: 'Stable', members: 1 }]);
  });
});

/** Commits one offset after another without waiting; notes those that are answered. */
async function commitMany(
  client: RawClient,
  { member, epoch }: ServerSideMember,
  partition: number,
  first: number,
  answered: Map<number, number>,
): Promise<void> {
  for (let offset = first; offset < first + COMMITS; offset += 1) {
    const offsets = [['orders', partition, offset]];
    client.send('offsetCommit', { group: 'g', member, epoch, offsets });
  }
  for (let offset = first; offset < first + COMMITS; offset += 1) {
    const reply = await client.replyOrEnd();
    if (reply === undefined) return;
    expect(reply.fields).toEqual({ partitions: [['orders', partition, null]] });
    answered.set(partition, offset);
  }
}
