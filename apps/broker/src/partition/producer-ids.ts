import { PRODUCER_EPOCH_MAX, ProtocolError } from '@walrusmq/protocol';
import type { BrokerInstance } from '../instance/broker-instance';
import { toProtocolError } from './storage-errors';

/** What a producer stamps its batches with. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * Gives producers their identity (KIP-98, without transactions).
 *
 * Place: the handler calls it; the ids come from the instance's storage. Which epoch of an id
 * counts is known to each log that has batches of it: an id belongs to whoever was given it, and is
 * not guarded here.
 */
export class ProducerIds {
  constructor(private readonly instance: BrokerInstance) {}

  /**
   * A new id with epoch 0; or, for one that exists, the epoch after the present one, which fences
   * the present one wherever it is used. An id whose epochs are used up gets a new id in its place.
   *
   * @throws {ProtocolError} (rejects) UNKNOWN_PRODUCER_ID; BUSY, NO_SPACE, FENCED, SHUTTING_DOWN.
   */
  async init(present: ProducerIdentity | undefined): Promise<ProducerIdentity> {
    try {
      const { producerIds } = this.instance.storage;
      if (present !== undefined && !(await producerIds.isAllocated(present.producerId))) {
        const message = `The instance gave out no producer id ${present.producerId}.`;
        throw new ProtocolError('UNKNOWN_PRODUCER_ID', message);
      }
      if (present !== undefined && present.producerEpoch < PRODUCER_EPOCH_MAX) {
        return { ...present, producerEpoch: present.producerEpoch + 1 };
      }
      return { producerId: await producerIds.allocate(), producerEpoch: 0 };
    } catch (error) {
      throw toProtocolError(error);
    }
  }
}
