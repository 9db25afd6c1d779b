import type { KafkaAdvertisedSetting } from '../config/setting-values';
import { advertisedAddress } from './advertised-address';

const SET: readonly KafkaAdvertisedSetting[] = [
  { listener: undefined, host: 'default', port: 1 },
  { listener: 'orders', host: 'orders', port: 2 },
  { listener: ':9094', host: 'outside', port: 3 },
];

describe('advertisedAddress', () => {
  it.each([
    ['the default instance', undefined, 9092, { host: 'default', port: 1 }],
    ['another instance', 'orders', 9093, { host: 'orders', port: 2 }],
    ['one listener, before its instance', 'orders', 9094, { host: 'outside', port: 3 }],
    ['an instance without one', 'metrics', 9095, { host: '10.0.0.1', port: 9095 }],
  ])('is the one that is set for %s', (_, instance, port, expected) => {
    expect(advertisedAddress(SET, instance, { host: '10.0.0.1', port })).toEqual(expected);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', 'localhost'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:192.0.2.4', '192.0.2.4'],
  ])('is what the client came by where none is set: %s', (host, expected) => {
    expect(advertisedAddress([], undefined, { host, port: 9 })).toEqual({
      host: expected,
      port: 9,
    });
  });
});
