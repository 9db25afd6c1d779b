// What one request may have, at the bound and one above it: refused with words that name the bound.
import {
  CONFIGS_MAX,
  CONFIG_BYTES_MAX,
  CREDIT_BYTES_MAX,
  LIST_ELEMENTS_MAX,
  LIST_TOPICS_MAX,
  NAME_LENGTH_MAX,
  PARTITION_COUNT_MAX,
  SUBSCRIBED_PARTITIONS_MAX,
} from '@walrusmq/protocol';
import { TOPIC_PINS_MAX } from '@walrusmq/storage';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { REQUESTS_MAX } from '../src/network/websocket-server';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, batchOf } from './test-broker';

jest.setTimeout(60_000);

const KIB = 1024;
const fill = <Value>(count: number, value: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => value(index));
const configs = (count: number): object =>
  Object.fromEntries(fill(count, (index) => [`name.${index}`, '1']));
/** A configuration that no topic has is refused as that, once there are not too many. */
const named = (value: string): object => ({ name: 'new', configs: { 'no.such.name': value } });

describe('a request', () => {
  let broker: TestBroker;
  let client: RawClient;
  beforeAll(async () => {
    broker = await TestBroker.start({ fetchBytesMax: 64 * KIB });
    client = await broker.withTopic('orders', 1);
  });
  afterAll(() => broker.stop());

  const credit = (bytes: number): object => ({
    partitions: [['orders', 0, 0]],
    creditBytes: bytes,
  });
  const subscribed = (count: number): object => ({
    partitions: fill(count, (index) => ['orders', index, 0]),
    creditBytes: 0,
  });
  const many = (index: number): string => `t${index}`;
  const rows: [string, string, (count: number) => object, number, string][] = [
    ['names in a list', 'metadata', (n) => ({ topics: fill(n, many) }), LIST_ELEMENTS_MAX, 'ok'],
    ['partitions to subscribe', 'subscribe', subscribed, SUBSCRIBED_PARTITIONS_MAX, 'ok'],
    ['bytes of credit', 'subscribe', credit, CREDIT_BYTES_MAX, 'ok'],
    ['topics of a page', 'listTopics', (limit) => ({ limit }), LIST_TOPICS_MAX, 'ok'],
    [
      'partitions of a topic',
      'createTopic',
      (partitions) => ({ name: `wide-${partitions}`, partitions }),
      PARTITION_COUNT_MAX,
      'ok',
    ],
    [
      'letters of a topic',
      'createTopic',
      (length) => ({ name: 'x'.repeat(length) }),
      NAME_LENGTH_MAX,
      'ok',
    ],
    [
      'configs of a topic',
      'createTopic',
      (count) => ({ name: 'new', configs: configs(count) }),
      CONFIGS_MAX,
      'INVALID_CONFIG',
    ],
    [
      'bytes of a config',
      'createTopic',
      (bytes) => named('x'.repeat(bytes)),
      CONFIG_BYTES_MAX,
      'INVALID_CONFIG',
    ],
  ];
  it.each(rows)('may have so many %s and not one more', async (_, operation, of, most, atMost) => {
    const other = await broker.greeted();
    expect(codeOf(await other.request(operation, of(most)))).toBe(atMost);
    const { fields, kind } = await other.request(operation, of(most + 1));
    expect([kind, fields.code]).toEqual(['error', expect.stringMatching(/^INVALID_/)]);
    expect(String(fields.message).replaceAll(',', '')).toContain(String(most));
    other.destroy();
  });

  it('may ask for any number of bytes, and gets what the broker gives at most', async () => {
    const produce = { topic: 'orders', partition: 0, acks: 1 };
    for (let i = 0; i < 10; i += 1) {
      await client.request('produce', produce, [batchOf('x'.repeat(15 * KIB))]);
    }
    const fetch = { partitions: [['orders', 0, 0]], maxBytes: 100 * 1024 * KIB };
    const { tailBytes } = await client.request('fetch', fetch);
    expect(tailBytes).toBeLessThanOrEqual(64 * KIB);
    expect(tailBytes).toBeGreaterThan(3 * 15 * KIB);
  });

  it(`may pin a topic for the ${TOPIC_PINS_MAX}th reader and not for one more`, async () => {
    for (let i = 0; i < TOPIC_PINS_MAX; i += 1) {
      const reply = await client.request('readerPin', { topic: 'orders', reader: `r${i}` });
      expect(codeOf(reply)).toBe('ok');
    }
    const again = await client.request('readerPin', { topic: 'orders', reader: 'r0' });
    expect(codeOf(again)).toBe('ok');
    const { kind, fields } = await client.request('readerPin', { topic: 'orders', reader: 'more' });
    expect(kind).toBe('error');
    expect(fields.message).toContain(String(TOPIC_PINS_MAX));
  });

  it(`over HTTP waits for ${REQUESTS_MAX} at a time; one more is hung up on`, async () => {
    const [host = '', port = ''] = broker.webSocketAddress.split(':');
    const sockets: Socket[] = [];
    const open = async (): Promise<Socket> => {
      const socket = connect({ host, port: Number(port) }).on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      return socket.resume();
    };
    try {
      await Promise.all(fill(REQUESTS_MAX, open));
      const closed = (): number => sockets.filter((socket) => socket.closed).length;
      // Accepted in their order: when this one is closed, all before it are being asked.
      const more = await open();
      if (!more.closed) await once(more, 'close');
      expect(closed()).toBe(1);
      sockets[0]!.destroy();
      // The broker hears of it in its own time.
      let answer = '';
      while (!answer.includes('200 OK')) {
        const page = await open();
        page.on('data', (text: Buffer) => (answer += text.toString()));
        page.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
        if (!page.closed) await once(page, 'close');
      }
      expect(answer).toContain('ok');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
