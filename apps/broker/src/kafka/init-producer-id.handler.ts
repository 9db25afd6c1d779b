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
 * Behaviour: gives out a producer id that nobody was given before, with epoch 0; or, where the
 * request has one (KIP-360), the epoch behind the one in it. Durable by the fsync schedule when the
 * response comes.
 *
 * Version notes: 0 to 5; 3 brought the present id and epoch. Transactional ids are
 * TRANSACTIONAL_ID_AUTHORIZATION_FAILED until there are transactions.
 */
export class InitProducerIdHandler implements KafkaHandler<
  InitProducerIdRequest,
  InitProducerIdResponse
> {
  readonly codec = initProducerIdCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with UNKNOWN_PRODUCER_ID, BUSY, NO_SPACE or FENCED. */
  async handle({
    transactionalId,
    producerId,
    producerEpoch,
  }: Decoded<InitProducerIdRequest>): Promise<KafkaReply<InitProducerIdResponse>> {
    if (transactionalId !== null) {
      return { response: failed(kafkaCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')) };
    }
    const present = producerId === NONE ? undefined : { producerId, producerEpoch };
    const given = await this.services.producerIds.init(present);
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
