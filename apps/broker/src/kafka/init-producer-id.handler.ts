import {
  initProducerIdCodec,
  type Decoded,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
} from '@walrusmq/kafka-protocol';
import { kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

const NONE = -1;

/**
 * Behaviour: gives out a producer id that nobody was given before, with epoch 0, durable by the
 * fsync schedule when the response comes. The id and epoch of a request without a transactional id
 * say nothing, as in Kafka (KIP-360): such producers count their epoch themselves, and some clients
 * send zeros, which may be somebody else's id.
 *
 * There are no transactions yet: a transactional id is TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which
 * ends a producer at once; the response has no room for a message that says so.
 *
 * Version notes: 0 to 5; 3 brought the present id and epoch.
 */
export class InitProducerIdHandler implements KafkaHandler<
  InitProducerIdRequest,
  InitProducerIdResponse
> {
  readonly codec = initProducerIdCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with BUSY, NO_SPACE or FENCED. */
  async handle({
    transactionalId,
  }: Decoded<InitProducerIdRequest>): Promise<KafkaReply<InitProducerIdResponse>> {
    if (transactionalId !== null) {
      return { response: failed(kafkaCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')) };
    }
    const given = await this.services.producerIds.init(undefined);
    return { response: { throttleTimeMs: 0, errorCode: NO_ERROR, ...given } };
  }

  /** The error, without an id. */
  refusal(_: Decoded<InitProducerIdRequest>, { errorCode }: KafkaFailure): InitProducerIdResponse {
    return failed(errorCode);
  }
}

function failed(errorCode: number): InitProducerIdResponse {
  return { throttleTimeMs: 0, errorCode, producerId: NONE, producerEpoch: NONE };
}
