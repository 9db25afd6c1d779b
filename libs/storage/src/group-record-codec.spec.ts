import { randomUUID } from 'node:crypto';
import { pack, unpack } from 'msgpackr';
import { decodeGroupRecord, encodeGroupChange } from './group-record-codec';
import { EVERY_TYPE } from './group-store.contract';
import type { ConsumerMemberRecord } from './group-store';
import { STATE_VALUE_BYTES_MAX } from './state-log';

const corrupt = expect.objectContaining({ code: 'CORRUPT' }) as Error;

describe('group records', () => {
  it.each(EVERY_TYPE)('come back as they were: $type', (record) => {
    const { key, value } = encodeGroupChange({ put: record });
    expect(decodeGroupRecord(key, value!)).toEqual(record);
  });

  const member = EVERY_TYPE.find(({ type }) => type === 'consumerMember') as ConsumerMemberRecord;

  it('keep partition lists in their order, whatever the topics are called', () => {
    const [one, other] = [randomUUID(), randomUUID()];
    for (const ids of [
      [one, other],
      ['a', one],
    ] as const) {
      const assigned = [
        { topicId: ids[1], partitions: [0, 1, 2, 9_998, 9_999] },
        { topicId: ids[0], partitions: [7, 3, 4, 0] },
      ];
      const revoking = [{ topicId: ids[0], partitions: [] }];
      const target = [{ topicId: ids[0], partitions: [5_000] }];
      const record = { ...member, assigned, revoking, target };
      const { key, value } = encodeGroupChange({ put: record });
      expect(decodeGroupRecord(key, value!)).toEqual(record);
    }
  });

  it('of a member that owns half of an instance, and is to own all of it, can be stored', () => {
    const all = Array.from({ length: 20_000 }, () => ({ topicId: randomUUID(), partitions: [0] }));
    const record = { ...member, assigned: all.slice(10_000), target: all };
    const { key, value } = encodeGroupChange({ put: record });
    expect(value!.length).toBeLessThan(STATE_VALUE_BYTES_MAX);
    expect(decodeGroupRecord(key, value!)).toEqual(record);
  });

  it('of members in the first form, with their lists as they are, are read', () => {
    const { key, value } = encodeGroupChange({ put: member });
    const [type, , ...fields] = unpack(value!) as unknown[];
    const { assigned, revoking, target } = member;
    const first = pack([type, 1, ...fields.slice(0, -1), assigned, revoking, target]);
    expect(decodeGroupRecord(key, first)).toEqual(member);
  });

  it.each([
    ['no lists', [null]],
    ['too few lists', [[['a'], Buffer.alloc(0), Buffer.alloc(0)]]],
    [
      'ids that are cut off',
      [[Buffer.alloc(15), Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0)]],
    ],
    ['ids that are none', [[[1], Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0)]]],
    ['a topic that is not there', [[['a'], Buffer.from([2, 0]), Buffer.alloc(0), Buffer.alloc(0)]]],
    [
      'a run without a partition',
      [[['a'], Buffer.from([0, 1, 0, 0]), Buffer.alloc(0), Buffer.alloc(0)]],
    ],
    [
      'a partition below the first',
      [[['a'], Buffer.from([0, 1, 1, 1]), Buffer.alloc(0), Buffer.alloc(0)]],
    ],
    [
      'more partitions than a topic has',
      [[['a'], Buffer.from([0, 1, 0, 0x91, 0x4e]), Buffer.alloc(0), Buffer.alloc(0)]],
    ],
    ['a list that is cut off', [[['a'], Buffer.from([0, 1, 0]), Buffer.alloc(0), Buffer.alloc(0)]]],
    ['a number without an end', [[['a'], Buffer.alloc(6, 0xff), Buffer.alloc(0), Buffer.alloc(0)]]],
  ])('of a member are CORRUPT with %s', (_, lists) => {
    const { key, value } = encodeGroupChange({ put: member });
    const fields = (unpack(value!) as unknown[]).slice(0, -1);
    expect(() => decodeGroupRecord(key, pack([...fields, ...lists]))).toThrow(corrupt);
  });

  it('of a type or a kind of key that this version does not know are passed over', () => {
    expect(decodeGroupRecord('["member","g","m"]', pack(['shareMember', 9]))).toBeUndefined();
    expect(decodeGroupRecord('["share","g"]', Buffer.from('anything'))).toBeUndefined();
  });

  it.each([
    ['no key', 'x', pack(['offset', 1])],
    ['a key without its parts', '["offset","g"]', pack(['offset', 1])],
    ['a key that is no list', '{}', pack(['offset', 1])],
    ['bytes that are not msgpack', '["group","g"]', Buffer.from([0xc1])],
    ['a value that is no list', '["group","g"]', pack('offset')],
    ['a value without a version', '["group","g"]', pack(['classicGroup'])],
    ['a form of a newer version', '["group","g"]', pack(['consumerGroup', 2, 1, 1, '', 0])],
    [
      'a member under the key of a group',
      '["group","g"]',
      pack(['offset', 1, '', 0, 0, '', 0, null]),
    ],
    ['a field that is missing', '["group","g"]', pack(['consumerGroup', 1, 1, 1, ''])],
    ['a field that is something else', '["group","g"]', pack(['consumerGroup', 1, '1', 1, '', 0])],
  ])('are CORRUPT with %s', (_, key, value) => {
    expect(() => decodeGroupRecord(key, value)).toThrow(corrupt);
  });

  it('cut short anywhere are CORRUPT, never another record', () => {
    for (const record of EVERY_TYPE) {
      const { key, value } = encodeGroupChange({ put: record });
      for (let length = 0; length < value!.length; length += 1) {
        expect(() => decodeGroupRecord(key, value!.subarray(0, length))).toThrow(corrupt);
      }
    }
  });
});
