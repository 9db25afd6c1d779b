import { readBatchHeader } from '@walrusmq/record-batch';
import type { BatchHeader } from '@walrusmq/record-batch';
import type { ActiveProducer } from './partition-log';
import { StorageError } from './storage-error';

const REMEMBERED_BATCHES = 5;
const SEQUENCES = 2 ** 31;

interface KnownBatch {
  readonly baseOffset: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

interface KnownProducer {
  readonly epoch: number;
  readonly lastAppendMs: number;
  readonly batches: KnownBatch[];
}

/** The batches of one call, and who made them. */
export type ProducerCall = readonly BatchHeader[];

const sequenceAfter = ({ baseSequence, recordCount }: KnownBatch | BatchHeader): number =>
  (baseSequence + recordCount) % SEQUENCES;

/**
 * What a log in memory remembers of its idempotent producers: the rules of the engine's
 * `ProducerTable` without its bounds.
 */
export class MemoryProducers {
  /** Calls that were answered from memory. */
  duplicates = 0;
  private readonly known = new Map<number, KnownProducer>();

  get count(): number {
    return this.known.size;
  }

  /** The headers of the batches in `bytes`; undefined when no producer id is among them. */
  static callOf(bytes: readonly Buffer[]): ProducerCall | undefined {
    const headers = bytes.map((batch) => readBatchHeader(batch));
    const [first] = headers;
    if (first === undefined || headers.every(({ producerId }) => producerId < 0)) return undefined;
    let expected = first.baseSequence;
    for (const header of headers) {
      const isOfCall =
        header.producerId === first.producerId && header.producerEpoch === first.producerEpoch;
      if (!isOfCall || header.producerEpoch < 0 || header.baseSequence !== expected) {
        throw new StorageError('INVALID_INPUT', 'a call is of one producer, in sequence');
      }
      expected = sequenceAfter(header);
    }
    if (headers.length <= REMEMBERED_BATCHES && first.baseSequence >= 0) return headers;
    throw new StorageError('INVALID_INPUT', 'a call has at most five batches, with sequences');
  }

  /**
   * Where the call was appended before; undefined when it is new.
   * @throws {StorageError} OUT_OF_ORDER_SEQUENCE, DUPLICATE_SEQUENCE_NUMBER,
   *   INVALID_PRODUCER_EPOCH.
   */
  originalOf(call: ProducerCall): number | undefined {
    const first = call[0] as BatchHeader;
    const { producerId, producerEpoch, baseSequence } = first;
    const producer = this.known.get(producerId);
    if (producer === undefined) return undefined;
    const who = `producer ${producerId}, epoch ${producerEpoch}`;
    if (producerEpoch < producer.epoch) {
      throw new StorageError('INVALID_PRODUCER_EPOCH', `${who}: ${producer.epoch} was seen`);
    }
    const isNewEpoch = producerEpoch > producer.epoch;
    const next = isNewEpoch ? 0 : sequenceAfter(producer.batches.at(-1) as KnownBatch);
    if (baseSequence === next) return undefined;
    const original = isNewEpoch ? undefined : findCall(producer.batches, call);
    if (original !== undefined) {
      this.duplicates += 1;
      return original;
    }
    const oldest = producer.batches[0] as KnownBatch;
    const behind = (sequence: number): number => (next - sequence + SEQUENCES) % SEQUENCES;
    const after = behind(sequenceAfter(call.at(-1) as BatchHeader));
    if (!isNewEpoch && after >= behind(oldest.baseSequence) && after <= SEQUENCES / 2) {
      throw new StorageError('DUPLICATE_SEQUENCE_NUMBER', `${who}: ${baseSequence} is too old`);
    }
    const text = `${who}: sequence ${baseSequence} where ${next} comes next`;
    throw new StorageError('OUT_OF_ORDER_SEQUENCE', text);
  }

  /** Notes that a new call stands at `baseOffset`. */
  remember(call: ProducerCall, baseOffset: number): void {
    const { producerId, producerEpoch } = call[0] as BatchHeader;
    const before = this.known.get(producerId);
    const isSameEpoch = before?.epoch === producerEpoch;
    const batches = isSameEpoch ? before.batches : [];
    let offset = baseOffset;
    for (const { baseSequence, recordCount } of call) {
      batches.push({ baseOffset: offset, baseSequence, recordCount });
      offset += recordCount;
    }
    batches.splice(0, batches.length - REMEMBERED_BATCHES);
    // Again, so that the map is in the order of last appends.
    this.known.delete(producerId);
    this.known.set(producerId, { epoch: producerEpoch, lastAppendMs: Date.now(), batches });
  }

  /** As `PartitionLog.activeProducers`. */
  list(): ActiveProducer[] {
    return [...this.known].map(([producerId, { epoch, lastAppendMs, batches }]) => {
      const next = sequenceAfter(batches.at(-1) as KnownBatch);
      return { producerId, epoch, lastSequence: (next - 1 + SEQUENCES) % SEQUENCES, lastAppendMs };
    });
  }
}

function findCall(batches: readonly KnownBatch[], call: ProducerCall): number | undefined {
  for (const [start, { baseOffset }] of batches.entries()) {
    let offset = baseOffset;
    const isThere = call.every(({ baseSequence, recordCount }, index) => {
      const batch = batches[start + index];
      const isSame =
        batch?.baseSequence === baseSequence &&
        batch.recordCount === recordCount &&
        batch.baseOffset === offset;
      offset += recordCount;
      return isSame;
    });
    if (isThere) return baseOffset;
  }
  return undefined;
}
