// `walrusmq group` against a broker in this process.
import { Producer } from '@walrusmq/client';
import { main } from '@walrusmq/cli';
import type { OffsetToCommit, OperationName, Operations } from '@walrusmq/protocol';
import { ProtocolLink } from '../crash/protocol-link';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

describe('walrusmq group', () => {
  let broker: MemoryBroker;
  let link: ProtocolLink;
  beforeAll(async () => {
    broker = await MemoryBroker.start();
    link = await ProtocolLink.open(broker.address);
    await broker.admin.createTopic('orders', { partitions: 3 });
    const producer = new Producer({ broker: broker.address });
    const sends = Array.from({ length: 10 }, (_, index) =>
      producer.send({ topic: 'orders', partition: 0, value: `${index}`, timestamp: 1_000 * index }),
    );
    await Promise.all(sends);
    await producer.close();
  });
  afterAll(async () => {
    link.close();
    await broker.stop();
  });

  const run = async (
    line: string,
  ): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> => {
    const terminal = new FakeTerminal();
    const code = await main([...line.split(' '), '--broker', broker.address], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  };
  const client = async (line: string): Promise<string> => {
    const { code, output, errors } = await run(line);
    expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' });
    return output;
  };
  const json = async (line: string): Promise<unknown> =>
    JSON.parse(await client(`${line} --json`)) as unknown;
  const request = async <Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
  ): Promise<Operations[Name]['response']> => (await link.request(operation, fields)).fields;
  const commit = (group: string, ...offsets: OffsetToCommit[]): Promise<unknown> =>
    request('offsetCommit', { group, offsets });
  const offsetsOf = async (group: string): Promise<unknown> =>
    (await request('offsetFetch', { group })).offsets;

  it('lists groups, all or some, and says when there are none', async () => {
    expect(await client('group list --state Stable')).toBe('no consumer groups\n');
    await commit('billing', ['orders', 0, 4]);
    expect(await client('group list')).toMatch(/│ billing │ Empty │ classic │ 0 +│/);
    expect(await json('group list --type classic --state Empty Stable')).toEqual([
      { group: 'billing', state: 'Empty', type: 'classic', protocolType: '', members: 0 },
    ]);
    const wrong = await run('group list --state Dead');
    expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('Stable') as string });
  });

  it('shows members, offsets and lag of a group', async () => {
    await request('consumerGroupHeartbeat', {
      group: 'live',
      member: 'm-1',
      epoch: 0,
      topics: ['orders'],
    });
    await request('offsetCommit', {
      group: 'live',
      member: 'm-1',
      epoch: 1,
      offsets: [['orders', 0, 4]],
    });
    const shown = await client('group describe live');
    expect(shown).toContain('live\nStable, consumer protocol, uniform, epoch 1\n');
    expect(shown).toMatch(/│ m-1 +│ +│ crash-test +│ 127.0.0.1 │ orders:0,1,2 │ orders:0,1,2 │/);
    expect(shown).toMatch(/│ orders │ 0 +│ 4 +│ 10 +│ 6 +│ m-1 +│/);
    expect(shown).toMatch(/│ orders │ 1 +│ none +│ +│ +│ m-1 +│/);
    expect(shown).toContain('6 records behind, beside 2 partitions without an offset\n');
    expect(await json('group describe live')).toMatchObject({
      members: [{ member: 'm-1' }],
      offsets: [{ topic: 'orders', partition: 0, offset: 4, lag: 6 }],
    });
    const missing = await run('group describe nobody');
    expect(missing.code).toBe(1);
    expect(missing.errors).toContain('`walrusmq group list` shows the groups');
  });

  it('resets nothing without --execute, and says so', async () => {
    await commit('billing', ['orders', 0, 4]);
    const plan = await run('group reset billing --to-latest');
    expect(plan.code).toBe(0);
    expect(plan.output).toMatch(/│ orders │ 0 +│ 4 +│ 10 +│/);
    expect(plan.errors).toBe('this is the plan, nothing was moved; add --execute to do it\n');
    expect(await run('group reset billing --to-latest --dry-run')).toEqual(plan);
    expect(await offsetsOf('billing')).toEqual([['orders', 0, 4, -1, '']]);
  });

  it.each([
    ['--to-earliest', [[0, 4, 0]]],
    ['--to-latest', [[0, 4, 10]]],
    ['--to-offset 7', [[0, 4, 7]]],
    ['--to-offset 99', [[0, 4, 10]]],
    ['--to-time 5000', [[0, 4, 5]]],
    ['--to-time 1970-01-01T00:00:08Z', [[0, 4, 8]]],
    ['--shift-by 2', [[0, 4, 6]]],
    ['--shift-by -3', [[0, 4, 1]]],
    ['--shift-by -30', [[0, 4, 0]]],
    [
      '--to-latest --topic orders',
      [
        [0, 4, 10],
        [1, null, 0],
        [2, null, 0],
      ],
    ],
    [
      '--to-earliest --topic orders:2,0',
      [
        [0, 4, 0],
        [2, null, 0],
      ],
    ],
    ['--copy-from other', [[0, 4, 9]]],
    ['--copy-from other --topic orders:0', [[0, 4, 9]]],
  ])('resets %s', async (how, moves) => {
    await request('deleteGroup', { group: 'billing' });
    await commit('billing', ['orders', 0, 4]);
    await commit('other', ['orders', 0, 9]);
    const plan = moves.map(([partition, before, after]) => ({
      topic: 'orders',
      partition,
      before,
      after,
    }));
    expect(await json(`group reset billing ${how} --execute`)).toEqual(plan);
    const expected = moves.map(([partition, , after]) => ['orders', partition, after, -1, '']);
    expect(await offsetsOf('billing')).toEqual(expected);
  });

  it('makes a group of one that does not exist', async () => {
    await client('group reset fresh --to-earliest --topic orders --execute');
    expect(await offsetsOf('fresh')).toHaveLength(3);
  });

  it.each([
    ['group reset live --to-earliest --execute', 1, 'NON_EMPTY_GROUP'],
    ['group reset billing', 2, 'say one of --to-earliest'],
    ['group reset billing --to-earliest --to-latest', 2, 'say one of --to-earliest'],
    ['group reset billing --to-earliest --execute --dry-run', 2, 'not both'],
    ['group reset billing --to-earliest --topic orders:', 2, '--topic takes TOPIC'],
    ['group reset billing --to-earliest --topic orders:x', 2, 'a partition of --topic'],
    ['group reset billing --to-earliest --topic orders:9', 1, 'UNKNOWN_PARTITION'],
    ['group reset billing --to-earliest --topic none', 1, 'none'],
    ['group reset nobody --to-earliest', 2, 'say which topics or partitions'],
    ['group reset billing --shift-by 1 --topic orders:2', 2, 'nothing in orders/2'],
    ['group reset billing --copy-from nobody', 1, 'nothing to copy'],
    ['group delete live', 1, 'NON_EMPTY_GROUP'],
    ['group delete nobody', 1, 'GROUP_ID_NOT_FOUND'],
    ['group delete-offsets live --topic orders:0', 1, 'GROUP_SUBSCRIBED_TO_TOPIC'],
    ['topic pin orders', 2, '--reader and --group'],
    ['topic pin orders --reader r --group g', 2, '--reader and --group'],
  ])('refuses: %s', async (line, code, words) => {
    await commit('billing', ['orders', 0, 4]);
    const live = { group: 'live', member: 'm-1', epoch: 0, topics: ['orders'] };
    await request('consumerGroupHeartbeat', live);
    const result = await run(line);
    expect([result.code, result.output]).toEqual([code, '']);
    expect(result.errors).toContain(words);
    expect(await offsetsOf('billing')).toContainEqual(['orders', 0, 4, -1, '']);
  });

  it('deletes offsets and groups', async () => {
    await commit('gone', ['orders', 0, 4], ['orders', 1, 4], ['orders', 2, 4]);
    expect(await client('group delete-offsets gone --topic orders:0,1')).toBe(
      'deleted the offsets of gone in orders:0,1\n',
    );
    expect(await offsetsOf('gone')).toEqual([['orders', 2, 4, -1, '']]);
    await client('group delete-offsets gone --topic orders');
    expect(await offsetsOf('gone')).toEqual([]);
    await commit('gone', ['orders', 0, 4]);
    await commit('gone too', ['orders', 0, 4]);
    await commit('goes', ['orders', 0, 4]);
    expect(await client('group delete gone goes')).toBe('deleted gone\ndeleted goes\n');
    expect(await offsetsOf('gone')).toEqual([]);
  });

  it('pins a topic for a group, and shows it', async () => {
    await commit('keeper', ['orders', 0, 4]);
    expect(await client('topic pin orders --group keeper --expire 7d')).toBe(
      'keeper pins orders\n',
    );
    expect(await client('topic describe orders')).toMatch(/│ group keeper +│ 6 +│/);
    expect(await client('group describe keeper')).toContain(
      'holds back what it has not passed of orders, until 604,800 s of silence',
    );
    expect(await json('topic unpin orders --group keeper')).toEqual({
      topic: 'orders',
      group: 'keeper',
    });
    expect(await json('group describe keeper')).toMatchObject({ pins: [] });
  });
});
