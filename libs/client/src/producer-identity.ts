// Who a producer is to the broker (KIP-98): an id that nobody else has, and its epoch.
import type { BrokerClient } from './broker-client';
import { WalrusError } from './errors';

/** What batches are stamped with. Compared by identity: another object is another epoch. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * The identity of one producer, asked for on first use.
 *
 * Life: `current` is undefined until the broker has answered. A renewed one has a later epoch, or
 * another id; partitions go over to it one by one (`PartitionSequences`).
 *
 * Invariant: one request is under way at a time.
 */
export class ProducerIdentities {
  private known: ProducerIdentity | undefined;
  private asking: Promise<void> | undefined;

  constructor(private readonly client: BrokerClient) {}

  get current(): ProducerIdentity | undefined {
    return this.known;
  }

  /**
   * Gets an identity, unless there is one. Rejects with the broker's error that is not retriable,
   * or with ClosedError.
   */
  obtain(): Promise<void> {
    if (this.known !== undefined) return Promise.resolve();
    return (this.asking ??= this.ask(undefined));
  }

  /**
   * Gets another identity in place of `stale`, unless that has happened already.
   *
   * @param fresh Whether to take another id: somebody else has a later epoch of this one.
   */
  renew(stale: ProducerIdentity | undefined, fresh: boolean): Promise<void> {
    if (this.known !== stale) return this.obtain();
    return (this.asking ??= this.ask(fresh ? undefined : stale));
  }

  private async ask(present: ProducerIdentity | undefined): Promise<void> {
    try {
      this.known = await this.request(present);
    } finally {
      this.asking = undefined;
    }
  }

  private async request(present: ProducerIdentity | undefined): Promise<ProducerIdentity> {
    const options = { activity: 'initProducerId', retryForMs: Infinity };
    try {
      const reply = await this.client.retrying('initProducerId', present ?? {}, options);
      const { producerId, producerEpoch } = reply;
      if (Number.isSafeInteger(producerId) && Number.isSafeInteger(producerEpoch)) {
        return { producerId, producerEpoch };
      }
      throw new WalrusError('INVALID_REPLY', 'the broker gave no producer id');
    } catch (error) {
      const isUnknown = error instanceof WalrusError && error.code === 'UNKNOWN_PRODUCER_ID';
      if (present === undefined || !isUnknown) throw error;
      return this.request(undefined);
    }
  }
}
