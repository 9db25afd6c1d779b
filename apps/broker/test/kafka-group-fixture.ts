// What specs of the group APIs are made of: the real handlers behind the real codecs, a coordinator
// and topics in memory, and a clock that is turned by hand.
import {
  decodeResponse,
  encodeRequest,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import { openMemoryStorage, type GroupStore } from '@walrusmq/storage';
import { defaultSettings } from '../src/config/settings-table';
import { CatalogueTopics } from '../src/group/catalogue-topics';
import { subscribedTopics } from '../src/group/consumer-protocol';
import { GroupCoordinator } from '../src/group/group-coordinator';
import type { GroupSettings } from '../src/group/group-settings';
import { ApiTable } from '../src/kafka/api-table';
import { FindCoordinatorHandler } from '../src/kafka/find-coordinator.handler';
import { kafkaGroupHandlers, type KafkaGroupServices } from '../src/kafka/kafka-group-handlers';
import { KafkaSession } from '../src/kafka/kafka-session';
import { KafkaFrames } from '../src/network/kafka-frames';
import { KafkaWire, type KafkaRequest } from '../src/network/kafka-wire';
import { Pins, readerPositions } from '../src/partition/pins';
import { TopicIds } from '../src/topic/topic-ids';
import { Topics } from '../src/topic/topics';
import { TurnedClock } from './group-fixture';

const FRAME_BYTES_MAX = 256 << 20;

/** A clock on which what is due at once comes by itself. */
class PromptClock extends TurnedClock {
  override schedule(callback: () => void, delayMs: number): () => void {
    if (delayMs > 0) return super.schedule(callback, delayMs);
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
}

export const ADVERTISED = { host: 'broker.example', port: 9092 };

/** A client: its session, and what its requests are answered. */
export class KafkaGroupClient {
  readonly session = new KafkaSession(ADVERTISED);
  /** The frame that was sent last: what is kept of it must not change with it. */
  sent = Buffer.alloc(0);
  private readonly wire: KafkaWire;
  private correlationId = 0;

  constructor(
    table: ApiTable,
    private readonly clientId: string | null,
  ) {
    this.session.peer = '10.1.2.3:4567';
    this.wire = new KafkaWire(this.session, table, new KafkaFrames(FRAME_BYTES_MAX), new Map());
  }

  /** Sends the request as a frame; rejects where the connection would be closed. */
  async request<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    this.correlationId += 1;
    const origin = { correlationId: this.correlationId, clientId: this.clientId };
    this.sent = Buffer.concat(encodeRequest(codec, version, origin, request));
    const [received] = this.wire.receive(this.sent);
    if (received === undefined) throw new Error('the frame is not whole');
    const frame = Buffer.concat(await this.answer(received));
    return decodeResponse(codec, version, frame.subarray(4)).response;
  }

  private async answer(request: KafkaRequest): Promise<readonly Buffer[]> {
    try {
      return this.wire.encode(request, await this.wire.dispatch(request));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { pieces, ends } = this.wire.refuse(request, error);
      if (ends) throw new Error(`the connection ends: ${error.message}`, { cause: error });
      return pieces;
    }
  }
}

/** The group APIs over topics `orders` (4 partitions) and `bills` (2). */
export class KafkaGroupFixture {
  /** What the handlers have; a test may put something else in the place of the coordinator. */
  readonly services: KafkaGroupServices & { groups: KafkaGroupServices['groups'] };

  private constructor(
    readonly topics: Topics,
    readonly coordinator: GroupCoordinator,
    private readonly names: CatalogueTopics,
    readonly clock: TurnedClock,
  ) {
    const groups = { coordinator, topics: names };
    this.services = { topics, topicIds: new TopicIds(topics), groups };
  }

  static async open(
    settings: Partial<GroupSettings> = {},
    wrap: (store: GroupStore) => GroupStore = (store) => store,
  ): Promise<KafkaGroupFixture> {
    const clock = new PromptClock();
    const storage = openMemoryStorage();
    const pins = new Pins({ reader: readerPositions }, () => clock.monotonicMs());
    const topics = new Topics({ storage }, defaultSettings, pins, (_, error) => {
      throw error;
    });
    await topics.create({ name: 'orders', partitions: 4 });
    await topics.create({ name: 'bills', partitions: 2 });
    const names = new CatalogueTopics(topics);
    names.open();
    const coordinator = new GroupCoordinator({
      store: wrap(storage.groups),
      topics: names,
      clock,
      subscribedTopics,
      settings: { initialRebalanceDelayMs: 0, ...settings },
    });
    await coordinator.open();
    return new KafkaGroupFixture(topics, coordinator, names, clock);
  }

  /** A new connection. */
  client(clientId: string | null = 'app'): KafkaGroupClient {
    const handlers = kafkaGroupHandlers(this.services);
    return new KafkaGroupClient(
      new ApiTable([...handlers, new FindCoordinatorHandler()]),
      clientId,
    );
  }

  /** As the protocol writes the id of a topic. */
  uuid(name: string): string {
    return this.topics.require(name).id;
  }

  close(): void {
    this.coordinator.close();
    this.names.close();
  }
}
