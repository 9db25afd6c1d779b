import { leaveGroupCodec } from '@walrusmq/kafka-protocol';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { code, join, joinPair } from '../../test/kafka-members';

describe('LeaveGroup: a member', () => {
  let fixture: KafkaGroupFixture;
  let one: KafkaGroupClient;
  let two: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    one = fixture.client();
    two = fixture.client();
  });
  afterEach(() => fixture.close());

  it('leaves alone with versions 0 to 2, whose error is the response’s own', async () => {
    for (const version of [0, 1, 2]) {
      const { memberId } = await join(one, {}, 0);
      const request = { groupId: 'g', memberId };
      expect(await one.request(leaveGroupCodec, version, request)).toMatchObject({ errorCode: 0 });
      expect(await one.request(leaveGroupCodec, version, request)).toMatchObject({
        errorCode: code('UNKNOWN_MEMBER_ID'),
      });
    }
  });

  it.each([3, 4, 5])(
    'leaves with others in version %i, each with its own error',
    async (version) => {
      const { led, joined } = await joinPair(one, two);
      const { memberId } = led;
      const members = [
        { memberId },
        { memberId: 'nobody' },
        { memberId: '', groupInstanceId: 'absent' },
        { memberId: joined.memberId },
      ];
      expect(await one.request(leaveGroupCodec, version, { groupId: 'g', members })).toMatchObject({
        errorCode: 0,
        members: [
          { memberId, groupInstanceId: null, errorCode: 0 },
          { memberId: 'nobody', errorCode: code('UNKNOWN_MEMBER_ID') },
          { memberId: '', groupInstanceId: 'absent', errorCode: code('UNKNOWN_MEMBER_ID') },
          { memberId: joined.memberId, errorCode: 0 },
        ],
      });
      expect(fixture.coordinator.describe('g').state).toBe('Empty');
      const unknown = await one.request(leaveGroupCodec, version, { groupId: 'none', members });
      expect(unknown.errorCode).toBe(0);
      expect(new Set(unknown.members.map(({ errorCode }) => errorCode))).toEqual(
        new Set([code('UNKNOWN_MEMBER_ID')]),
      );
    },
  );

  it('cannot leave with more than can be in a group', async () => {
    const members = Array.from({ length: 10_001 }, () => ({ memberId: 'm' }));
    expect(await one.request(leaveGroupCodec, 5, { groupId: 'g', members })).toMatchObject({
      errorCode: code('INVALID_REQUEST'),
      members: [],
    });
  });
});
