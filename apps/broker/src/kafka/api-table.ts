import { findApi, type ApiVersionsResponse } from '@walrusmq/kafka-protocol';
import type { ServedInstance } from '../instance/client-session';
import type { AnyKafkaHandler } from './kafka-handler';

/** The instance that a Kafka listener serves. */
export interface KafkaInstance extends ServedInstance {
  readonly kafka: ApiTable;
}

/** An API that is answered, and in which versions. */
export interface AnsweredApi {
  readonly handler: AnyKafkaHandler;
  /** Those that clients are told of. */
  readonly minVersion: number;
  readonly maxVersion: number;
}

/**
 * The APIs that an instance answers, by their keys.
 *
 * Place: the wire of a connection asks it for each request; one handler is called.
 */
export class ApiTable {
  private readonly apis: ReadonlyMap<number, AnsweredApi>;

  /** REQUIRES: `API_TABLE` of the protocol has an entry for each handler. */
  constructor(handlers: readonly AnyKafkaHandler[]) {
    this.apis = new Map(handlers.map((handler) => [handler.codec.key, answered(handler)]));
  }

  /** The API of a key that the broker answers. */
  find(key: number): AnsweredApi | undefined {
    return this.apis.get(key);
  }

  /** What clients are told, ordered by key. */
  get advertised(): readonly ApiVersionsResponse.ApiVersion[] {
    return [...this.apis]
      .sort(([one], [other]) => one - other)
      .map(([apiKey, { minVersion, maxVersion }]) => ({ apiKey, minVersion, maxVersion }));
  }
}

function answered(handler: AnyKafkaHandler): AnsweredApi {
  const { key, name } = handler.codec;
  const entry = findApi(key);
  if (entry === undefined) throw new Error(`${name} has no advertised versions`);
  const { minVersion, maxVersion } = entry;
  return { handler, minVersion, maxVersion };
}
