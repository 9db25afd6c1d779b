// Where Kafka clients reach a broker: addresses, instances, and what they are told.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  findCoordinatorCodec,
  metadataCodec,
  type Decoded,
  type MetadataResponse,
} from '@walrusmq/kafka-protocol';
import { openWalStorage } from '@walrusmq/storage';
import { BrokerStartError } from '../src/config/broker-start-error';
import type { BrokerSettings } from '../src/config/settings-table';
import { InstanceBroker, ok } from './instance-fixture';
import { RawKafkaClient } from './raw-kafka-client';
import { TestBroker } from './test-broker';

jest.setTimeout(60_000);

/** What the listener has to do without, the tests have to, too. */
const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');

const portOf = (address: string | undefined): number =>
  Number(address?.slice(address.lastIndexOf(':') + 1));

async function metadataAt(address: string): Promise<Decoded<MetadataResponse>> {
  const client = await RawKafkaClient.connect(address);
  const response = await client.request(metadataCodec, 9, { topics: null });
  client.destroy();
  return response;
}

async function toldAt(address: string): Promise<{ host: string; port: number }> {
  const { brokers } = await metadataAt(address);
  return { host: brokers[0]?.host ?? '', port: brokers[0]?.port ?? 0 };
}

async function startError(settings: Partial<BrokerSettings>): Promise<BrokerStartError> {
  try {
    const broker = await TestBroker.start(settings);
    await broker.stop();
  } catch (error) {
    if (error instanceof BrokerStartError) return error;
    throw error;
  }
  throw new Error('the broker started');
}

/** A listener of somebody else on a free port of an address. */
async function taken(host: string): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

describe('the Kafka listener', () => {
  let broker: TestBroker | undefined;
  afterEach(async () => {
    await broker?.stop();
    broker = undefined;
  });

  it('is there by itself, on a free port where the others are', async () => {
    broker = await TestBroker.start();
    expect(broker.broker.addresses.kafka).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(portOf(broker.broker.addresses.kafka)).not.toBe(9092);
    expect(broker.broker.addresses.kafkaInstances).toBeUndefined();
  });

  it('is not there when it is off', async () => {
    broker = await TestBroker.start({ kafkaPort: 'off' });
    expect(broker.broker.addresses.kafka).toBeUndefined();
  });

  it('answers over IPv4 and IPv6 on one port, and tells what to come back to', async () => {
    broker = await TestBroker.start();
    const port = portOf(broker.broker.addresses.kafka);
    expect(await toldAt(`127.0.0.1:${port}`)).toEqual({ host: '127.0.0.1', port });
    const overIpv6 = await toldAt(`[::1]:${port}`).catch(() => undefined);
    expect(overIpv6).toEqual(HAS_IPV6 ? { host: 'localhost', port } : undefined);
  });

  it('tells every client the address that is set, in each response that has one', async () => {
    const address = { listener: undefined, host: 'kafka.example.com', port: 19_092 };
    broker = await TestBroker.start({ kafkaAdvertised: [address] });
    const client = await RawKafkaClient.connect(broker.broker.addresses.kafka ?? '');
    const { brokers } = await client.request(metadataCodec, 9, { topics: null });
    expect(brokers).toEqual([expect.objectContaining({ host: address.host, port: address.port })]);
    const found = await client.request(findCoordinatorCodec, 4, {
      coordinatorKeys: ['g'],
      keyType: 0,
    });
    expect(found.coordinators).toEqual([
      expect.objectContaining({ host: address.host, port: address.port }),
    ]);
    client.destroy();
  });

  it('tells the address of the listener that the client came by', async () => {
    const { port, server } = await taken('127.0.0.1');
    await new Promise((resolve) => server.close(resolve));
    broker = await TestBroker.start({
      kafkaPort: [
        { instance: undefined, port: 0 },
        { instance: undefined, port },
      ],
      kafkaAdvertised: [
        { listener: undefined, host: 'inside', port: 1 },
        { listener: `:${port}`, host: 'outside', port: 2 },
      ],
    });
    expect(await toldAt(broker.broker.addresses.kafka ?? '')).toEqual({ host: 'inside', port: 1 });
    expect(await toldAt(`127.0.0.1:${port}`)).toEqual({ host: 'outside', port: 2 });
  });

  it.each(HAS_IPV6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'])(
    'says which flag helps when its port of %s is taken',
    async (host) => {
      const { port, server } = await taken(host);
      const error = await startError({ kafkaPort: port });
      server.close();
      expect(error.code).toBe('PORT_IN_USE');
      expect(error.message).toMatch(new RegExp(`Port ${port} of .* is taken: .*--kafka-port`));
    },
  );

  it('is refused for an instance that does not exist, with what to do about it', async () => {
    const error = await startError({ kafkaPort: [{ instance: 'orders', port: 0 }] });
    expect([error.code, error.exitCode]).toEqual(['INVALID_SETTING', 2]);
    expect(error.message).toMatch(/'orders', which does not exist: .*instance create orders/);
  });
});

describe('the Kafka listener of another instance', () => {
  let broker: InstanceBroker;
  let address: string;

  beforeEach(async () => {
    broker = await InstanceBroker.start(openWalStorage);
    await broker.create('orders');
    await ok(await broker.greeted('orders'), 'createTopic', { name: 'only-here' });
    const kafkaPort = [{ instance: 'orders', port: 0 }];
    await broker.restart(openWalStorage, undefined, { kafkaPort });
    address = broker.broker.broker.addresses.kafkaInstances?.orders ?? '';
  });
  afterEach(async () => broker.stop());

  const answerAt = async (at: string): Promise<string> => {
    const client = await RawKafkaClient.connect(at).catch(() => undefined);
    if (client === undefined) return 'nobody listens';
    client.send(metadataCodec, 9, { topics: null });
    const body = await client.bodyOrEnd();
    client.destroy();
    return body === undefined ? 'closed' : 'answered';
  };

  const namesAt = async (at: string): Promise<readonly (string | null)[]> => {
    const { topics } = await metadataAt(at);
    return topics.map(({ name }) => name);
  };

  it('serves that instance and nothing of the default one, which has its own', async () => {
    await ok(broker.admin, 'createTopic', { name: 'only-there' });
    expect(await namesAt(address)).toEqual(['only-here']);
    expect(await namesAt(broker.broker.broker.addresses.kafka ?? '')).toEqual(['only-there']);
  });

  it('goes with the instance, connections included, and comes back with it', async () => {
    const client = await RawKafkaClient.connect(address);
    await client.request(metadataCodec, 9, { topics: null });
    await ok(broker.admin, 'deleteInstance', { key: 'orders', force: true });
    await client.closed;
    // The listener is closed by a look at it once a second; until then it closes what connects.
    while ((await answerAt(address)) !== 'nobody listens');
    while ((await broker.keys()).includes('orders'));
    await broker.create('orders');
    while ((await answerAt(address)) !== 'answered');
    expect(await namesAt(address)).toEqual([]);
  });
});
