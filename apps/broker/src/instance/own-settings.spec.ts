import { NOTHING_SET, changedSettings, quotasOf } from './own-settings';

const CHANGE = {
  key: 'k',
  fsync: undefined,
  readConsistency: undefined,
  quotas: {},
  configs: {},
  force: false,
  validateOnly: false,
};

describe('changedSettings', () => {
  it('keeps what a change leaves out, and takes back what it says null to', () => {
    const set = changedSettings(NOTHING_SET, {
      ...CHANGE,
      fsync: '50ms',
      readConsistency: 'strictly-at-once',
      quotas: { bytesInPerSecond: 5, requestsPerSecond: 7 },
      configs: { 'retention.ms': '1', 'segment.ms': '200' },
    });
    expect(changedSettings(set, CHANGE)).toEqual(set);
    const changed = changedSettings(set, {
      ...CHANGE,
      fsync: null,
      quotas: { bytesInPerSecond: null, bytesOutPerSecond: 9 },
      configs: { 'retention.ms': null },
    });
    expect(changed).toEqual({
      readConsistency: 'strictly-at-once',
      quotas: { requestsPerSecond: 7, bytesOutPerSecond: 9 },
      configs: { 'segment.ms': '200' },
    });
    expect(quotasOf(changed)).toEqual({
      bytesInPerSecond: null,
      bytesOutPerSecond: 9,
      requestsPerSecond: 7,
    });
  });
});
