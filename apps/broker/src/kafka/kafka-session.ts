import { ClientSession } from '../instance/client-session';

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
export class KafkaSession extends ClientSession {
  software: ClientSoftware | undefined;

  /** @param advertised What it is given as the broker's address. */
  constructor(readonly advertised: AdvertisedAddress) {
    super();
  }
}
