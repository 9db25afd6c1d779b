import { ClientSession, type ServedInstance } from '../instance/client-session';
import type { ApiTable } from './api-table';

/** The instance that a Kafka listener serves. */
export interface KafkaInstance extends ServedInstance {
  readonly key: string;
  /** 32 hex digits; what clients take for the id of the cluster. */
  readonly instanceId: string;
  readonly kafka: ApiTable;
}

/** Where clients are told to connect to. */
export interface AdvertisedAddress {
  readonly host: string;
  readonly port: number;
}

/** What a client says of itself in ApiVersions (KIP-511). */
export interface ClientSoftware {
  readonly name: string;
  readonly version: string;
}

/** A client of the Kafka protocol. */
export class KafkaSession extends ClientSession<KafkaInstance> {
  software: ClientSoftware | undefined;

  /** @param advertised What the listener that it came by gives out as the broker's address. */
  constructor(readonly advertised: AdvertisedAddress) {
    super();
  }
}
