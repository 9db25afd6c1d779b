import { pack } from 'msgpackr';
import { decodeGroupRecord, encodeGroupChange } from './group-record-codec';
import { EVERY_TYPE } from './group-store.contract';

const corrupt = expect.objectContaining({ code: 'CORRUPT' }) as Error;

describe('group records', () => {
  it.each(EVERY_TYPE)('come back as they were: $type', (record) => {
    const { key, value } = encodeGroupChange({ put: record });
    expect(decodeGroupRecord(key, value!)).toEqual(record);
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
