// NestJS's documentation, Microservices, Kafka, "Overview", as printed but for the address.
import { NestFactory } from '@nestjs/core';
import { MicroserviceOptions, Transport } from '@nestjs/microservices';
import { AppModule } from './app.module';

/** The server of the example. */
export async function bootstrap(address: string) {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
    transport: Transport.KAFKA,
    options: {
      client: {
        brokers: [address],
      }
    }
  });
  await app.listen();
  return app;
}
