// NestJS's own Kafka transport: requests that are answered, events, and clients that share a group.
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientKafka,
  Ctx,
  EventPattern,
  KafkaContext,
  MessagePattern,
  Payload,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import { firstValueFrom, timeout } from 'rxjs';
import { ClientBroker } from './client-broker';

const REQUESTS = 'sum.of';
const REPLIES = 'sum.of.reply';
const EVENTS = 'sums.counted';
const ANSWER_MS = 45_000;

jest.setTimeout(120_000);

const events: { readonly value: unknown; readonly headers: unknown }[] = [];
let heard: () => void = () => undefined;

@Controller()
class SumController {
  @MessagePattern(REQUESTS)
  add(@Payload() { numbers, from }: { numbers: readonly number[]; from: string }) {
    return { from, sum: numbers.reduce((sum, each) => sum + each, 0) };
  }

  @EventPattern(EVENTS as unknown)
  count(@Payload() value: unknown, @Ctx() context: KafkaContext) {
    events.push({ value, headers: context.getMessage().headers });
    heard();
  }
}

@Module({ controllers: [SumController] })
class SumModule {}

describe("NestJS's Kafka transport", () => {
  let broker: ClientBroker;
  let server: INestMicroservice;
  const clients: ClientKafka[] = [];

  beforeAll(async () => {
    broker = await ClientBroker.start();
    await broker.admin.createTopic(REQUESTS, { partitions: 3 });
    await broker.admin.createTopic(REPLIES, { partitions: 3 });
    await broker.admin.createTopic(EVENTS, { partitions: 1 });
    server = await NestFactory.createMicroservice<MicroserviceOptions>(SumModule, {
      logger: false,
      transport: Transport.KAFKA,
      options: {
        client: { brokers: [broker.addresses.kafka], logLevel: logLevel.NOTHING },
        consumer: { groupId: 'sums', heartbeatInterval: 300 },
        subscribe: { fromBeginning: true },
      },
    });
    await server.listen();
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await server.close();
    await broker.stop();
  });

  async function newClient(): Promise<ClientKafka> {
    const client = new ClientKafka({
      client: { brokers: [broker.addresses.kafka], logLevel: logLevel.NOTHING },
      consumer: { groupId: 'askers', heartbeatInterval: 300 },
      subscribe: { fromBeginning: true },
    });
    client.subscribeToResponseOf(REQUESTS);
    await client.connect();
    clients.push(client);
    return client;
  }

  const ask = (client: ClientKafka, from: string, numbers: readonly number[]): Promise<unknown> =>
    firstValueFrom(
      client.send<unknown, unknown>(REQUESTS, { from, numbers }).pipe(timeout(ANSWER_MS)),
    );

  it('answers requests', async () => {
    const client = await newClient();
    expect(await ask(client, 'one', [1, 2, 3])).toEqual({ from: 'one', sum: 6 });
  });

  it('gives each client of a group the answers to its own requests', async () => {
    const [first] = clients;
    const before = first!.getConsumerAssignments()[REPLIES];
    const second = await newClient();
    const third = await newClient();
    const all = [first!, second, third];
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    const asked = all.flatMap((client, at) =>
      numbers.map((number) => ask(client, `client ${at}`, [number, number])),
    );
    expect(await Promise.all(asked)).toEqual(
      all.flatMap((_, at) => numbers.map((number) => ({ from: `client ${at}`, sum: 2 * number }))),
    );
    // Nest's own assigner: who was there keeps the partition that its answers go to.
    const assigned = all.map((client) => client.getConsumerAssignments()[REPLIES]);
    expect(assigned[0]).toBe(before);
    expect(new Set(assigned).size).toBe(3);
  });

  it('hands events to who listens, with their headers', async () => {
    const [client] = clients;
    const arrived = new Promise<void>((resolve) => (heard = resolve));
    const event = { key: 'k', value: { count: 7 }, headers: { origin: 'a test' } };
    await firstValueFrom(client!.emit(EVENTS, event));
    await arrived;
    expect(events).toEqual([{ value: { count: 7 }, headers: { origin: 'a test' } }]);
  });
});
