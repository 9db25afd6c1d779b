// What a fake partition remembers of idempotent producers, and how it refuses them.
import type { ErrorCode } from '@walrusmq/protocol';
import type { BatchHeader } from '@walrusmq/record-batch';

/** An error code as the answer to a request. */
export class Refusal extends Error {
  /** @param details Further fields of the reply. */
  constructor(
    readonly code: ErrorCode,
    readonly details: object = {},
  ) {
    super(code);
  }
}

interface KnownProducer {
  readonly epoch: number;
  readonly batches: { readonly base: number; readonly sequence: number; readonly count: number }[];
}

/** By producer id: what was appended of its present epoch, in order. */
export class FakeProducers {
  private readonly known = new Map<number, KnownProducer>();

  /** Where the batch was appended before; undefined when it is the next one, which is noted. */
  accept(header: BatchHeader, base: number): number | undefined {
    const { producerId, producerEpoch, baseSequence, recordCount } = header;
    const known = this.known.get(producerId);
    if (known !== undefined && producerEpoch < known.epoch) {
      throw new Refusal('INVALID_PRODUCER_EPOCH');
    }
    const isSameEpoch = known?.epoch === producerEpoch;
    const batches = isSameEpoch ? known.batches : [];
    const original = batches.find(({ sequence }) => sequence === baseSequence);
    if (original !== undefined) return original.base;
    const last = batches.at(-1);
    const next = last === undefined ? 0 : last.sequence + last.count;
    const oldest = batches[0];
    if (oldest !== undefined && baseSequence < oldest.sequence) {
      throw new Refusal('DUPLICATE_SEQUENCE_NUMBER');
    }
    if (known !== undefined && baseSequence !== next) throw new Refusal('OUT_OF_ORDER_SEQUENCE');
    batches.push({ base, sequence: baseSequence, count: recordCount });
    this.known.set(producerId, { epoch: producerEpoch, batches });
    return undefined;
  }
}
