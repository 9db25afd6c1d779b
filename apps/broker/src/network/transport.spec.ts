import { clientAddress } from './transport';

describe('clientAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['2001:db8::ffff:7', '2001:db8::ffff:7'],
    ['::ffff:a01:203', '::ffff:a01:203'],
    [undefined, ''],
  ])('of %s is %s', (remoteAddress, address) => {
    expect(clientAddress({ remoteAddress })).toBe(address);
  });
});
