import {
  QUOTA_MAX,
  parseAlterInstance,
  parseCreateInstance,
  parseDeleteInstance,
  parseDescribeInstance,
} from './instance-operations';

const invalid = (words: RegExp): Error =>
  expect.objectContaining({
    code: 'INVALID_REQUEST',
    message: expect.stringMatching(words) as string,
  }) as Error;

describe('the parsers of the operations on instances', () => {
  it('fill in what is left out', () => {
    expect(parseCreateInstance({ key: 'k' })).toEqual({
      key: 'k',
      fsync: undefined,
      readConsistency: undefined,
      quotas: {},
      configs: {},
      force: false,
      validateOnly: false,
    });
    expect(parseDeleteInstance({ key: 'k', force: null })).toEqual({ key: 'k', force: false });
  });

  it('tell what is taken back from what stays', () => {
    const quotas = { bytesInPerSecond: null, requestsPerSecond: QUOTA_MAX };
    const configs = { 'retention.ms': null, 'segment.ms': 1_000 };
    const fields = { key: 'k', fsync: 'default', quotas, configs, force: true };
    expect(parseAlterInstance(fields)).toMatchObject({
      fsync: null,
      readConsistency: undefined,
      quotas,
      configs: { 'retention.ms': null, 'segment.ms': '1000' },
      force: true,
    });
    // There is nothing to take back yet.
    expect(parseCreateInstance({ key: 'k', fsync: 'default' }).fsync).toBe('default');
    expect(() => parseCreateInstance({ key: 'k', configs })).toThrow(invalid(/createInstance/));
  });

  it.each<[object, RegExp]>([
    [{}, /key must be a string/],
    [{ key: 'x'.repeat(256) }, /at most 255 bytes/],
    [{ key: 'k', fsync: 5 }, /fsync must be a string/],
    [{ key: 'k', quotas: [] }, /quotas must be a map with bytesInPerSecond/],
    [{ key: 'k', quotas: { speed: 5 } }, /quotas must be a map with bytesInPerSecond/],
    [{ key: 'k', quotas: { requestsPerSecond: 0 } }, /quotas.requestsPerSecond must be an integer/],
    [
      { key: 'k', quotas: { requestsPerSecond: 2 ** 40 + 1 } },
      /an integer from 1 to 1099511627776/,
    ],
    [{ key: 'k', quotas: { bytesInPerSecond: 1.5 } }, /an integer/],
    [{ key: 'k', force: 'yes' }, /force must be true or false/],
  ])('refuse %j', (fields, words) => {
    expect(() => parseAlterInstance(fields as Record<string, unknown>)).toThrow(invalid(words));
  });

  it('refuse a key that is none', () => {
    expect(() => parseDescribeInstance({ key: '' })).toThrow(invalid(/describeInstance.key/));
    expect(() => parseDeleteInstance({ key: 7 })).toThrow(invalid(/deleteInstance.key/));
  });
});
