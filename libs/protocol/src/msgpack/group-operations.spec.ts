import fc from 'fast-check';
import { encodeFrame } from './encode-frame';
import { FrameDecoder } from './frame-decoder';
import type { GroupAdminOperations } from './group-admin-operations';
import * as parsers from './group-operation-parsers';
import type { GroupOperations } from './group-operations';
import { ProtocolError } from './protocol-error';

type Fields = Readonly<Record<string, unknown>>;
type Operations = GroupOperations & GroupAdminOperations;
type Name = keyof Operations;

const PARSERS: { readonly [name in Name]: (fields: Fields) => unknown } = {
  consumerGroupHeartbeat: parsers.parseConsumerGroupHeartbeat,
  joinGroup: parsers.parseJoinGroup,
  syncGroup: parsers.parseSyncGroup,
  heartbeat: parsers.parseHeartbeat,
  leaveGroup: parsers.parseLeaveGroup,
  offsetCommit: parsers.parseOffsetCommit,
  offsetFetch: parsers.parseOffsetFetch,
  offsetDelete: parsers.parseOffsetDelete,
  listGroups: parsers.parseListGroups,
  describeGroup: parsers.parseDescribeGroup,
  deleteGroup: parsers.parseDeleteGroup,
  groupPin: parsers.parseGroupPin,
  groupUnpin: parsers.parseGroupUnpin,
};

function overTheWire<Of extends Name>(name: Of, request: Operations[Of]['request']): unknown {
  const stream = Buffer.concat(encodeFrame(name, 1, request));
  const [frame] = new FrameDecoder({ frameBytesMax: 1024 * 1024 }).push(stream);
  return PARSERS[name](frame!.fields);
}

/** Whether it ends in an object or in a ProtocolError. */
function isAnswered(run: () => unknown): boolean {
  try {
    return typeof run() === 'object';
  } catch (error) {
    return error instanceof ProtocolError;
  }
}

const group = 'billing';
const none = undefined;
const protocols = [{ name: 'range', metadata: Buffer.from([0, 1]) }];

describe('requests of groups over the wire', () => {
  it('fill in every default', () => {
    expect(overTheWire('consumerGroupHeartbeat', { group, epoch: 0, topics: ['a'] })).toEqual({
      group,
      member: none,
      epoch: 0,
      instanceId: none,
      rackId: none,
      rebalanceTimeoutMs: 300_000,
      topics: ['a'],
      pattern: none,
      assignor: none,
      owned: [],
    });
    expect(overTheWire('joinGroup', { group, protocols })).toEqual({
      group,
      member: none,
      instanceId: none,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 300_000,
      protocolType: 'consumer',
      protocols,
    });
    expect(overTheWire('syncGroup', { group, member: 'm', generation: 3 })).toEqual({
      group,
      member: 'm',
      generation: 3,
      instanceId: none,
      protocolType: none,
      protocol: none,
      assignments: [],
    });
    expect(overTheWire('offsetCommit', { group, offsets: [['a', 0, 7]] })).toEqual({
      group,
      member: none,
      epoch: none,
      instanceId: none,
      topicIds: new Map(),
      offsets: [{ topic: 'a', partition: 0, offset: 7, leaderEpoch: -1, metadata: '' }],
    });
    const all = { group, member: none, epoch: none, partitions: none, after: none };
    expect(overTheWire('offsetFetch', { group })).toEqual(all);
    expect(overTheWire('offsetFetch', { group, partitions: [] })).toEqual({
      ...all,
      partitions: [],
    });
    const everyGroup = { after: none, limit: 10_000, states: none, types: none };
    expect(overTheWire('listGroups', {})).toEqual(everyGroup);
    expect(overTheWire('describeGroup', { group })).toEqual({ group, after: none });
    expect(overTheWire('groupPin', { group, topic: 'a' })).toEqual({
      group,
      topic: 'a',
      expireMs: none,
    });
  });

  it('say nothing for a member that stays but what it says', () => {
    expect(overTheWire('consumerGroupHeartbeat', { group, member: 'm', epoch: 5 })).toMatchObject({
      rebalanceTimeoutMs: none,
      topics: none,
      pattern: none,
      owned: none,
    });
    // Nothing is not the same as an empty list, or an empty pattern.
    const empty = { topics: [], pattern: '', owned: [] };
    const stays = { group, member: 'm', epoch: 5, ...empty };
    expect(overTheWire('consumerGroupHeartbeat', stays)).toMatchObject(empty);
    for (const epoch of [-1, -2]) {
      const leaves = { group, member: 'm', epoch };
      expect(overTheWire('consumerGroupHeartbeat', leaves)).toMatchObject({ epoch, owned: none });
    }
  });

  it('keep what the client says', () => {
    const same = <Of extends Name>(name: Of, request: Operations[Of]['request']): void =>
      expect(overTheWire(name, request)).toEqual(request);
    const member = { group, member: 'm', instanceId: 'i' };
    const beats = {
      ...member,
      epoch: 0x7fffffff,
      rackId: 'r',
      rebalanceTimeoutMs: 1,
      topics: ['a', 'b'],
      pattern: 'a.*',
      assignor: 'range',
    };
    expect(
      overTheWire('consumerGroupHeartbeat', {
        ...beats,
        owned: [{ topic: 'a', id: 'x', partitions: [0, 9_999] }],
      }),
    ).toEqual({ ...beats, owned: [{ id: 'x', partitions: [0, 9_999] }] });
    const joins = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 7_000, protocolType: 'connect' };
    same('joinGroup', { ...member, ...joins, protocols });
    same('syncGroup', {
      ...member,
      generation: 0,
      protocolType: 'consumer',
      protocol: 'range',
      assignments: [{ member: 'm', assignment: Buffer.alloc(0) }],
    });
    same('heartbeat', { ...member, generation: 7 });
    same('leaveGroup', {
      group,
      members: [
        { member: 'm', instanceId: 'i' },
        { member: none, instanceId: 'j' },
      ],
    });
    expect(
      overTheWire('offsetCommit', {
        ...member,
        epoch: 3,
        topicIds: [['a', 'id']],
        offsets: [
          ['a', 0, 5e9, 4, 'ß'],
          ['a', 1, 1, null, null],
        ],
      }),
    ).toEqual({
      ...member,
      epoch: 3,
      topicIds: new Map([['a', 'id']]),
      offsets: [
        { topic: 'a', partition: 0, offset: 5e9, leaderEpoch: 4, metadata: 'ß' },
        { topic: 'a', partition: 1, offset: 1, leaderEpoch: -1, metadata: '' },
      ],
    });
    same('offsetFetch', { group, member: 'm', epoch: 1, partitions: [['a', 0]], after: none });
    same('offsetFetch', { group, member: none, epoch: none, partitions: none, after: 'a/7' });
    same('offsetDelete', { group, partitions: [['a', 9_999]] });
    same('listGroups', { after: 'a', limit: 1, states: ['Empty', 'Stable'], types: ['classic'] });
    same('describeGroup', { group, after: 'x' });
    same('deleteGroup', { group });
    same('groupPin', { group, topic: 'a', expireMs: 1 });
    same('groupUnpin', { group, topic: 'a' });
  });

  it('keep bytes that no longer belong to the frame', () => {
    const stream = Buffer.concat(encodeFrame('joinGroup', 1, { group, protocols }));
    const [frame] = new FrameDecoder({ frameBytesMax: 1024 }).push(stream);
    const parsed = parsers.parseJoinGroup(frame!.fields);
    stream.fill(0xff);
    expect(parsed.protocols).toEqual(protocols);
  });

  it.each([
    ['consumerGroupHeartbeat', { group }, '.epoch must be an integer from -2 to'],
    ['consumerGroupHeartbeat', { group, epoch: -3 }, '.epoch must be an integer from -2 to'],
    ['consumerGroupHeartbeat', { epoch: 0 }, '.group must be a string that is not empty'],
    ['consumerGroupHeartbeat', { group, epoch: 0, rebalanceTimeoutMs: 0 }, '.rebalanceTimeoutMs'],
    ['consumerGroupHeartbeat', { group, epoch: 0, topics: 'a' }, '.topics must be an array'],
    ['consumerGroupHeartbeat', { group, epoch: 0, topics: [''] }, '.topics[0] must be a string'],
    ['consumerGroupHeartbeat', { group, epoch: 0, pattern: 5 }, '.pattern must be a string'],
    ['consumerGroupHeartbeat', { group, epoch: 0, member: '' }, '.member must be a string'],
    ['consumerGroupHeartbeat', { group, epoch: 1, owned: ['a'] }, '.owned[0] must be a map'],
    [
      'consumerGroupHeartbeat',
      { group, epoch: 1, owned: [{ id: 'a', partitions: [10_000] }] },
      '.owned[0].partitions[0] must be an integer from 0 to 9999',
    ],
    ['joinGroup', { group }, '.protocols must be an array of 1 to 100'],
    ['joinGroup', { group, protocols: Array(101).fill(protocols[0]) }, '.protocols must be'],
    [
      'joinGroup',
      { group, protocols: [{ name: 'r', metadata: 'x' }] },
      '.protocols[0].metadata must be bytes',
    ],
    ['joinGroup', { group, protocols, sessionTimeoutMs: 0 }, '.sessionTimeoutMs must be'],
    ['syncGroup', { group, member: 'm', generation: -1 }, '.generation must be an integer from 0'],
    ['syncGroup', { group, generation: 1 }, '.member must be'],
    ['syncGroup', { group, member: 'm', generation: 1, assignments: [7] }, '.assignments[0] must'],
    ['heartbeat', { group, member: 'm' }, '.generation must be'],
    ['leaveGroup', { group, members: [] }, '.members must be an array of 1 to 10000'],
    ['leaveGroup', { group, members: [{}] }, '.members[0] must be a map with member, instanceId'],
    ['offsetCommit', { group, offsets: [['a', 0]] }, '.offsets[0] must be an array [topic'],
    ['offsetCommit', { group, offsets: [['a', 0, -1]] }, '.offsets[0][2] must be an integer'],
    ['offsetCommit', { group, offsets: [['a', 0, 1, -2]] }, '.offsets[0][3] must be an integer'],
    ['offsetCommit', { group, offsets: [['a', 0, 1, 0, 5]] }, '.offsets[0][4] must be a string'],
    ['offsetCommit', { group, epoch: 1, offsets: [['a', 0, 1]] }, '.member must be'],
    ['offsetCommit', { group, member: 'm', offsets: [['a', 0, 1]] }, '.epoch must be'],
    ['offsetFetch', { group, partitions: [['a', 0]], after: 'x' }, '.after goes on with all'],
    ['offsetDelete', { group, partitions: [] }, '.partitions must be an array'],
    ['listGroups', { limit: 10_001 }, '.limit must be an integer from 1 to 10000'],
    ['listGroups', { states: ['Dead'] }, '.states[0] must be one of Empty, PreparingRebalance'],
    ['listGroups', { types: ['share'] }, '.types[0] must be one of classic, consumer'],
    ['describeGroup', {}, '.group must be'],
    ['deleteGroup', { group: '' }, '.group must be'],
    ['groupPin', { group, topic: 'a', expireMs: 0 }, '.expireMs must be an integer from 1'],
    ['groupUnpin', { group }, '.topic must be'],
  ] as const)('are refused with the name of the field: %s %j', (name, fields, words) => {
    expect(() => PARSERS[name](fields)).toThrow(`${name}${words}`);
    expect(() => PARSERS[name](fields)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error,
    );
  });

  it('never end otherwise than in a request or a ProtocolError', () => {
    const value = fc.anything({ withBigInt: false, withTypedArray: true, maxDepth: 3 });
    const names = ['group', 'member', 'epoch', 'instanceId', 'topics', 'pattern', 'owned'];
    names.push('protocols', 'generation', 'assignments', 'members', 'offsets', 'partitions');
    names.push('after', 'limit', 'states', 'types', 'expireMs', 'topic');
    const fields = fc.dictionary(fc.constantFrom(...names), value);
    const operation = fc.constantFrom(...(Object.keys(PARSERS) as Name[]));
    fc.assert(
      fc.property(operation, fields, (name, given) => {
        const whole = { group, member: 'm', epoch: 0, generation: 0, topic: 'a', ...given };
        expect(isAnswered(() => PARSERS[name](whole))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
