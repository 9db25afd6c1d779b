// NestJS's documentation, Microservices, Kafka, "Client" and "Message response subscription", as
// printed but for the address.
import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { ClientKafka, ClientsModule, Transport } from '@nestjs/microservices';

/** The asking side of the example. */
@Injectable()
export class HeroClient {
  constructor(@Inject('HERO_SERVICE') readonly client: ClientKafka) {}

  async onModuleInit() {
    this.client.subscribeToResponseOf('hero.kill.dragon');
    await this.client.connect();
  }
}

/** The module around it. */
@Module({})
export class HeroClientModule {
  static at(address: string): DynamicModule {
    return {
      module: HeroClientModule,
      providers: [HeroClient],
      imports: [
        ClientsModule.register([
          {
            name: 'HERO_SERVICE',
            transport: Transport.KAFKA,
            options: {
              client: {
                clientId: 'hero',
                brokers: [address],
              },
              consumer: {
                groupId: 'hero-consumer'
              }
            }
          },
        ]),
      ]
    };
  }
}
