import type { KafkaListening, KafkaProtocol } from './kafka-wire';
import type { ListenerAddress, Wire, WireProtocol } from './wire';

/**
 * The Kafka protocol of one listener. Its code is loaded for the first client that comes: it would
 * be a twentieth of what a broker takes that nobody reaches this way.
 */
export class KafkaOnDemand implements WireProtocol {
  private loaded: KafkaProtocol | undefined;

  constructor(private readonly listening: KafkaListening) {}

  /** @throws {ProtocolError} As `KafkaListening.instance`. */
  open(local: ListenerAddress): Wire {
    this.loaded ??= this.load();
    return this.loaded.open(local);
  }

  /** The protocol has no words for it: the client sees its connection closed. */
  refusal(): readonly Buffer[] {
    return [];
  }

  private load(): KafkaProtocol {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late on purpose */
    const { KafkaProtocol: Protocol } = require('./kafka-wire') as typeof import('./kafka-wire');
    /* eslint-enable @typescript-eslint/no-require-imports */
    return new Protocol(this.listening);
  }
}
