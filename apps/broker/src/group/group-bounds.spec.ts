// What members and offsets may say at most, one more, and that the bound itself is taken. How many
// groups, members and offsets there may be is in groups.spec.ts.
import { MEMBER_PROTOCOLS_MAX } from '@walrusmq/protocol';
import {
  GroupFixture,
  commitRequest,
  heartbeat,
  joinHeartbeat,
  joinRequest,
  position,
  syncRequest,
} from '../../test/group-fixture';
import type { GroupCoordinator } from './group-coordinator';
import { defaultGroupSettings } from './group-settings';
import { PATTERNS_MAX } from './topic-patterns';

const { idBytesMax, memberBytesMax, topicNamesMax, patternBytesMax, offsetMetadataBytesMax } =
  defaultGroupSettings;

// A thousand groups take their time on a busy machine.
jest.setTimeout(60_000);

type Row = readonly [
  what: string,
  most: number,
  ask: (coordinator: GroupCoordinator, count: number) => Promise<{ readonly error: string }>,
  atMost: string,
  beyond: string,
];

const rows: readonly Row[] = [
  [
    'bytes of a group id',
    idBytesMax,
    (coordinator, bytes) =>
      coordinator.consumerHeartbeat(joinHeartbeat('a', { groupId: 'g'.repeat(bytes) })),
    'NONE',
    'INVALID_GROUP_ID',
  ],
  [
    'bytes of a member id',
    2 * idBytesMax,
    (coordinator, bytes) => coordinator.consumerHeartbeat(joinHeartbeat('m'.repeat(bytes))),
    'NONE',
    'INVALID_REQUEST',
  ],
  [
    'bytes of an instance id',
    2 * idBytesMax,
    (coordinator, bytes) =>
      coordinator.consumerHeartbeat(joinHeartbeat('a', { instanceId: 'i'.repeat(bytes) })),
    'NONE',
    'INVALID_REQUEST',
  ],
  [
    'topics in a subscription',
    topicNamesMax,
    (coordinator, count) => {
      const topicNames = Array.from({ length: count }, (_, index) => `topic-${index}`);
      return coordinator.consumerHeartbeat(joinHeartbeat('a', { topicNames }));
    },
    'NONE',
    'INVALID_REQUEST',
  ],
  [
    'bytes of the topics in a subscription',
    memberBytesMax,
    (coordinator, bytes) => {
      const topicNames = ['x'.repeat(bytes - 1), 'y'];
      return coordinator.consumerHeartbeat(joinHeartbeat('a', { topicNames }));
    },
    'NONE',
    'INVALID_REQUEST',
  ],
  [
    'bytes of a pattern',
    patternBytesMax,
    (coordinator, bytes) => {
      const topicPattern = `[${'a'.repeat(bytes - 2)}]`;
      return coordinator.consumerHeartbeat(joinHeartbeat('a', { topicPattern }));
    },
    'NONE',
    'INVALID_REGULAR_EXPRESSION',
  ],
  [
    'bytes of the protocols of a classic member',
    memberBytesMax,
    (coordinator, bytes) => {
      const protocols = [{ name: 'range', metadata: Buffer.alloc(bytes - 5) }];
      return coordinator.join(joinRequest({ protocols, requiresKnownMemberId: true }));
    },
    'MEMBER_ID_REQUIRED',
    'INVALID_REQUEST',
  ],
  [
    'protocols of a classic member',
    MEMBER_PROTOCOLS_MAX,
    (coordinator, count) => {
      const metadata = Buffer.alloc(0);
      const protocols = Array.from({ length: count }, (_, at) => ({ name: `p${at}`, metadata }));
      return coordinator.join(joinRequest({ protocols, requiresKnownMemberId: true }));
    },
    'MEMBER_ID_REQUIRED',
    'INVALID_REQUEST',
  ],
  [
    'bytes of the protocol type of a classic member',
    2 * idBytesMax,
    (coordinator, bytes) => {
      const protocolType = 't'.repeat(bytes);
      return coordinator.join(joinRequest({ protocolType, requiresKnownMemberId: true }));
    },
    'MEMBER_ID_REQUIRED',
    'INVALID_REQUEST',
  ],
  [
    'bytes of an assignment of a classic member',
    memberBytesMax,
    (coordinator, bytes) => {
      const assignments = [{ memberId: 'a', assignment: Buffer.alloc(bytes) }];
      return coordinator.sync(syncRequest({ memberId: 'a', assignments }));
    },
    'UNKNOWN_MEMBER_ID',
    'INVALID_REQUEST',
  ],
  [
    'bytes of the metadata of an offset',
    offsetMetadataBytesMax,
    async (coordinator, bytes) => {
      const offsets = [position({ metadata: 'x'.repeat(bytes) })];
      const { partitions } = await coordinator.commit(commitRequest({ offsets }));
      return partitions[0]!;
    },
    'NONE',
    'OFFSET_METADATA_TOO_LARGE',
  ],
];

describe('a consumer group', () => {
  let fixture: GroupFixture;
  beforeEach(async () => {
    fixture = await GroupFixture.open();
  });
  afterEach(() => fixture.coordinator.close());

  it.each(rows)('takes %s up to %i and not one more', async (_, most, ask, atMost, beyond) => {
    expect((await ask(fixture.coordinator, most + 1)).error).toBe(beyond);
    expect(fixture.coordinator.list()).toEqual([]);
    expect((await ask(fixture.coordinator, most)).error).toBe(atMost);
  });

  it(`takes pattern ${PATTERNS_MAX}, no more, and others once one is unused`, async () => {
    fixture.coordinator.close();
    fixture = await GroupFixture.open({ offsetsCheckIntervalMs: 1_000 });
    const { coordinator } = fixture;
    const join = async (index: number, groupId = `g${index}`): Promise<string> => {
      const topicPattern = `t${index}`;
      const request = joinHeartbeat('a', { groupId, topicNames: [], topicPattern });
      return (await coordinator.consumerHeartbeat(request)).error;
    };
    for (let index = 0; index < PATTERNS_MAX; index += 1) expect(await join(index)).toBe('NONE');
    expect(await join(PATTERNS_MAX)).toBe('INVALID_REGULAR_EXPRESSION');
    expect(await join(0, 'another')).toBe('NONE');
    const leaving = heartbeat('a', -1, { groupId: 'g1' });
    expect((await coordinator.consumerHeartbeat(leaving)).error).toBe('NONE');
    await fixture.clock.turn(1_000);
    expect(await join(PATTERNS_MAX)).toBe('NONE');
    expect(await join(PATTERNS_MAX + 1)).toBe('INVALID_REGULAR_EXPRESSION');
  });
});
