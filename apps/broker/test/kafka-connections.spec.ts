// How many Kafka clients a broker serves at a time, and how slow one may be.
import { metadataCodec } from '@walrusmq/kafka-protocol';
import { codeOf } from './raw-client';
import { RawKafkaClient } from './raw-kafka-client';
import { TestBroker, until } from './test-broker';

jest.setTimeout(60_000);

const ALL = { topics: null };

describe('a Kafka listener', () => {
  let broker: TestBroker;
  let address: string;
  const clients: RawKafkaClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await broker.stop();
  });

  const start = async (settings: Parameters<typeof TestBroker.start>[0]): Promise<void> => {
    broker = await TestBroker.start(settings);
    address = broker.broker.addresses.kafka ?? '';
  };
  const connected = async (from?: string): Promise<RawKafkaClient> => {
    const client = await RawKafkaClient.connect(address, from);
    clients.push(client);
    return client;
  };
  const isServed = async (client: RawKafkaClient): Promise<boolean> => {
    client.send(metadataCodec, 9, ALL);
    return (await client.bodyOrEnd()) !== undefined;
  };
  const open = (count: number): Promise<void> =>
    until(() => broker.counter('connectionsOpen') === count);

  it('closes connections over the limit without a word, and takes new ones later', async () => {
    await start({ connectionsMax: 2 });
    const first = await connected();
    const second = await connected();
    expect([await isServed(first), await isServed(second)]).toEqual([true, true]);
    expect(await isServed(await connected())).toBe(false);
    expect(broker.counter('connectionsRefused')).toBe(1);
    expect(await isServed(first)).toBe(true);
    second.destroy();
    await open(1);
    expect(await isServed(await connected())).toBe(true);
  });

  it('serves so many clients of one address, whatever they speak', async () => {
    await start({ connectionsPerAddressMax: 2 });
    const first = await connected();
    expect(await isServed(first)).toBe(true);
    await broker.greeted();
    expect(await isServed(await connected())).toBe(false);
    const refused = await broker.connect();
    expect(codeOf(await refused.reply())).toBe('BUSY');
    // Others are served: on Linux all of 127.0.0.0/8 is the machine's own.
    expect(await isServed(await connected('127.0.0.2'))).toBe(true);
    expect(broker.counter('connectionsRefused')).toBe(2);
    first.destroy();
    await open(2);
    expect(await isServed(await connected())).toBe(true);
  });

  it('serves as many of one address as of all where nothing is said', async () => {
    await start({});
    for (let count = 0; count < 100; count += 1) {
      expect(await isServed(await connected())).toBe(true);
    }
  });

  it('hangs up on a client whose request comes too slowly ever to be whole', async () => {
    await start({ stallTimeoutMs: 300 });
    const client = await connected();
    expect(await isServed(client)).toBe(true);
    const state = { isOver: false };
    void client.closed.then(() => (state.isOver = true));
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(1024 * 1024);
    client.write(announced);
    // 50 bytes a second at most: it never stops, and would take hours.
    while (!state.isOver) {
      client.write(Buffer.alloc(1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(broker.counter('connectionsDropped')).toBe(1);
  });
});
