import type { AnyApiCodec, ApiCodec, Decoded } from '@walrusmq/kafka-protocol';
import type { KafkaFailure } from './error-codes';
import type { KafkaSession } from './kafka-session';

/** In place of a response, for a request that asked for none; it still ends the request. */
export const NO_RESPONSE = Symbol('no response');

/** Who asks, and in which version. */
export interface KafkaCall {
  readonly version: number;
  readonly clientId: string | null;
  readonly session: KafkaSession;
}

/** A response, with what the handler reserved for it (`ReplyRoom`). */
export interface KafkaReply<Response> {
  readonly response: Response;
  readonly reservedBytes?: number;
}

export type KafkaOutcome<Response> = KafkaReply<Response> | typeof NO_RESPONSE;

/**
 * One API of the Kafka protocol.
 *
 * `handle` takes effect (an append takes its offset) before it returns; what it cannot answer yet
 * it answers by a promise. Errors of single items stand in the response; an error of the whole
 * request it throws, or rejects with, as a `ProtocolError`. Anything else is answered
 * UNKNOWN_SERVER_ERROR and logged.
 */
export interface KafkaHandler<Request = never, Response = never> {
  readonly codec: ApiCodec<Request, Response>;
  handle(
    request: Decoded<Request>,
    call: KafkaCall,
  ): KafkaOutcome<Response> | Promise<KafkaOutcome<Response>>;
  /**
   * The response to a request that failed as a whole; undefined where the protocol has none, and
   * the connection is closed.
   */
  refusal(request: Decoded<Request>, failure: KafkaFailure, call: KafkaCall): Response | undefined;
}

/** A handler of any API. */
export interface AnyKafkaHandler {
  readonly codec: AnyApiCodec;
  handle(request: never, call: KafkaCall): KafkaOutcome<unknown> | Promise<KafkaOutcome<unknown>>;
  refusal(request: never, failure: KafkaFailure, call: KafkaCall): unknown;
}
