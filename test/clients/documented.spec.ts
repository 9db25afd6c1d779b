// The examples that Kafka's clients print in their documentation, with only the address changed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom, retry, timeout } from 'rxjs';
import { ClientBroker } from './client-broker';
import { HeroClient, HeroClientModule } from './documented/nestjs/hero-client';
import { bootstrap } from './documented/nestjs/main';

const KAFKAJS_EXAMPLE = join(__dirname, 'documented/kafkajs-readme.js');

jest.setTimeout(120_000);

describe('documented examples', () => {
  let broker: ClientBroker;
  beforeAll(async () => {
    // They count on topics that appear when somebody asks for them, as Kafka's default is.
    broker = await ClientBroker.start();
  });
  afterAll(() => broker.stop());

  it("has kafkajs's as its README prints it", () => {
    const readme = readFileSync(require.resolve('kafkajs/README.md'), 'utf8');
    const [, printed] = /```javascript\n(const \{ Kafka \}[^]*?)```/.exec(readme) ?? [];
    const ours = readFileSync(KAFKAJS_EXAMPLE, 'utf8');
    expect(ours).toBe(
      printed?.replace("['kafka1:9092', 'kafka2:9092']", '[process.env.KAFKA_BROKER]'),
    );
  });

  it("runs kafkajs's", async () => {
    const child = spawn(process.execPath, [KAFKAJS_EXAMPLE], {
      env: { ...process.env, KAFKA_BROKER: broker.addresses.kafka, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    let output = '';
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (/value: '[^']*'/.test(output)) resolve();
      });
      void ended.then(() => reject(new Error(`it ended: ${output} ${complaints}`)));
    });
    child.kill('SIGKILL');
    await ended;
    expect(output).toContain("{ partition: 0, offset: '0', value: 'Hello KafkaJS user!' }");
  });

  it("runs NestJS's", async () => {
    const server = await bootstrap(broker.addresses.kafka);
    const module = HeroClientModule.at(broker.addresses.kafka);
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const { client } = app.get(HeroClient);
    // The example reads from the latest offsets: a request is lost that is sent before the server
    // has asked where those are.
    const answer = client.send<unknown, unknown>('hero.kill.dragon', { heroId: 'h', dragonId: 1 });
    const items = await firstValueFrom(answer.pipe(timeout(5_000), retry(8)));
    expect(items).toEqual([
      { id: 1, name: 'Mythical Sword' },
      { id: 2, name: 'Key to Dungeon' },
    ]);
    await app.close();
    await server.close();
  });
});
