import { formatAddress, parseAddress } from './address';
import { Backoff } from './backoff';
import { consumerSettings } from './consumer-options';
import { InvalidOptionError } from './errors';
import { connectionSettings } from './options';
import { producerSettings } from './producer-options';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:9192', '127.0.0.1', 9192],
    ['broker', 'broker', 9192],
    ['[::1]:1', '::1', 1],
    ['[::1]', '::1', 9192],
    ['a.example:65535', 'a.example', 65535],
  ])('reads %s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(parseAddress(formatAddress({ host, port }))).toEqual({ host, port });
  });

  it.each(['', ':9192', 'a:0', 'a:65536', 'a:b', '::1', 'http://a:1', 'a b:1', 'a:1:2'])(
    'refuses %p',
    (text) => {
      expect(() => parseAddress(text)).toThrow(/HOST:PORT/);
    },
  );
});

describe('settings', () => {
  it('have the documented defaults', () => {
    expect(producerSettings({})).toMatchObject({
      acks: -1,
      lingerMs: 0,
      batchBytes: 262_144,
      bufferBytes: 33_554_432,
      maxInFlight: 5,
      compression: 'none',
      deliveryTimeoutMs: 120_000,
    });
    expect(consumerSettings({ topics: ['t'] })).toMatchObject({
      from: 'earliest',
      prefetchBytes: 2_097_152,
      autoCommitMs: undefined,
      offsetOutOfRange: 'error',
    });
    expect(consumerSettings({ topics: ['t'], reader: 'r' }).autoCommitMs).toBe(5_000);
    expect(connectionSettings({})).toMatchObject({ address: { host: '127.0.0.1', port: 9192 } });
  });

  it.each([
    ['acks', { acks: 2 }],
    ['batchBytes', { batchBytes: 127 }],
    ['bufferBytes', { bufferBytes: 128 }],
    ['maxInFlight', { maxInFlight: 0 }],
    ['lingerMs', { lingerMs: -1 }],
    ['compression', { compression: 'brotli' }],
    ['compressionLevel', { compression: 'gzip', compressionLevel: 10 }],
    ['compressionLevel', { compression: 'zstd', compressionLevel: 0 }],
    ['compressionLevel', { compression: 'zstd', compressionLevel: 20 }],
    ['compressionLevel', { compression: 'lz4', compressionLevel: 1 }],
    ['compressionLevel', { compressionLevel: 1 }],
    ['clientId', { clientId: '' }],
    ['requestTimeoutMs', { requestTimeoutMs: 2 ** 31 }],
    ['backoff.maxMs', { backoff: { maxMs: 0 } }],
  ])('of a producer name a wrong %s', (name, options) => {
    const wrong = options as Parameters<typeof producerSettings>[0];
    expect(() => producerSettings(wrong)).toThrow(InvalidOptionError);
    expect(() => producerSettings(wrong)).toThrow(name);
  });

  it.each([
    ['topics', { topics: [] }],
    ["topics must be a list, as ['orders']; got string", { topics: 'orders' }],
    ['topics', { topics: ['a', { topic: 'a' }] }],
    ['topics', { topics: ['a/b'] }],
    ['partition', { topics: [{ topic: 'a', partitions: [-1] }] }],
    ['reader', { reader: 'a b' }],
    ['autoCommit', { autoCommit: { intervalMs: 10 } }],
    ['from', { from: { offset: -1 } }],
    ['from', { from: {} }],
    ['from', { from: 'start' }],
    ['prefetchBytes', { prefetchBytes: 0 }],
  ])('of a consumer name a wrong %s', (name, options) => {
    const wrong = { topics: ['t'], ...options } as Parameters<typeof consumerSettings>[0];
    expect(() => consumerSettings(wrong)).toThrow(InvalidOptionError);
    expect(() => consumerSettings(wrong)).toThrow(name);
  });
});

describe('Backoff', () => {
  it('doubles to its cap, between half of and the whole delay, and starts over', () => {
    const low = new Backoff({ initialMs: 10, maxMs: 35 }, () => 0);
    const high = new Backoff({ initialMs: 10, maxMs: 35 }, () => 1);
    expect([1, 2, 3, 4].map(() => low.next())).toEqual([5, 10, 17.5, 17.5]);
    expect([1, 2, 3, 4].map(() => high.next())).toEqual([10, 20, 35, 35]);
    expect(high.failureCount).toBe(4);
    high.reset();
    expect(high.next()).toBe(10);
  });

  it('stays at its cap for ever', () => {
    const backoff = new Backoff({ initialMs: 1, maxMs: 100 }, () => 1);
    for (let i = 0; i < 5_000; i++) backoff.next();
    expect(backoff.next()).toBe(100);
  });
});
