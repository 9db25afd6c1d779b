import {
  parseInitProducerId,
  type IncomingFrame,
  type InitProducerIdResponse,
} from '@walrusmq/protocol';
import type { ProducerIds } from '../partition/producer-ids';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: gives out a producer id that nobody was given before, with epoch 0; or raises the
 * epoch of the id in the request. The id is durable by the fsync schedule when the reply comes: no
 * later run of the broker gives it out again.
 *
 * Version notes: protocol 1.
 */
export class InitProducerIdHandler implements OperationHandler {
  readonly operation = 'initProducerId';

  constructor(private readonly producerIds: ProducerIds) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_PRODUCER_ID, BUSY, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { present } = parseInitProducerId(frame.fields);
    const { producerId, producerEpoch } = await this.producerIds.init(present);
    const fields: InitProducerIdResponse = { producerId, producerEpoch };
    return { fields };
  }
}
