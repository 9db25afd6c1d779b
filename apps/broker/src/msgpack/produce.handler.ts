import {
  parseProduce,
  type Acks,
  type IncomingFrame,
  type ParsedProduce,
  type ProduceBatchesResponse,
  type ProduceRecordsResponse,
} from '@walrusmq/protocol';
import type { Counters } from '../observability/counters';
import type { PartitionAppend } from '../partition/partition';
import type { Topics } from '../topic/topics';
import { NO_REPLY, type OperationHandler, type Outcome, type Reply } from './operation-handler';
import { encodeRecords, groupByPartition } from './record-batches';

type ProduceRecords = Extract<ParsedProduce, { form: 'records' }>;

/**
 * Behaviour: appends to one partition the batches that ride behind the fields, as one atomic call;
 * or makes batches of plain `records`, which may go to several partitions and are atomic in each.
 * Appends of one connection take their offsets in request order. A broker that is set to creates
 * the topic that is missing; then those to other topics may come first. With acks 1 the reply comes
 * once the records are written, with acks -1 once they are durable by the fsync schedule; acks 0
 * has no reply, not even an error, but counts as in flight until it is written.
 *
 * Batches of an idempotent producer (those with a producer id) are appended once: a request that
 * comes again is answered with the offset of the first, once the first is as durable as `acks`
 * asks.
 *
 * In the batch form nothing is done per record, and the bytes go from the socket to the log
 * unjoined. In the records form every record is encoded before the first is appended; a partition
 * that then refuses fails the request although earlier partitions may have taken theirs.
 *
 * Version notes: protocol 1.
 */
export class ProduceHandler implements OperationHandler {
  readonly operation = 'produce';
  /** Spreads keyless requests over the partitions, one request after the other. */
  private keylessTurn = 0;

  constructor(
    private readonly topics: Topics,
    private readonly counters: Counters,
  ) {}

  /**
   * @throws {ProtocolError} (or rejects) INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION,
   *   INVALID_BATCH, CORRUPT_BATCH, RECORD_TOO_LARGE, BUSY, NO_SPACE, FENCED,
   *   OUT_OF_ORDER_SEQUENCE, DUPLICATE_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH.
   */
  handle(frame: IncomingFrame): Promise<Outcome> {
    const request = parseProduce(frame.fields, frame.tail.length > 0);
    if (this.topics.isAutoCreating && this.topics.find(request.topic) === undefined) {
      return this.topics.findOrCreate(request.topic).then(() => this.produce(request, frame.tail));
    }
    return this.produce(request, frame.tail);
  }

  private produce(request: ParsedProduce, batches: readonly Buffer[]): Promise<Outcome> {
    if (request.form === 'records') return this.produceRecords(request);
    const { topic, partition, acks } = request;
    const append = this.topics.partition(topic, partition).append(batches);
    return this.settled(append, acks).then((): Outcome => {
      if (acks === 0) return NO_REPLY;
      const { baseOffset, recordCount, appendTimeMs } = append;
      const fields: ProduceBatchesResponse =
        appendTimeMs === undefined
          ? { partition, baseOffset, recordCount }
          : { partition, baseOffset, recordCount, appendTimeMs };
      return { fields };
    });
  }

  private produceRecords(request: ProduceRecords): Promise<Outcome> {
    const topic = this.topics.require(request.topic);
    const now = Date.now();
    const { maxMessageBytes } = this.topics.configsOf(topic);
    const encoded = [...this.group(request, topic.partitionCount)].map(([index, records]) => ({
      partition: this.topics.partitionOf(topic, index),
      batches: encodeRecords(records, maxMessageBytes, now),
    }));
    const appends = encoded.map(({ partition, batches }) => ({
      partition: partition.index,
      append: partition.append(batches),
    }));
    const settled = Promise.all(appends.map(({ append }) => this.settled(append, request.acks)));
    return settled.then((): Outcome => {
      if (request.acks === 0) return NO_REPLY;
      const results = appends.map(
        ({ partition, append }) => [partition, append.baseOffset, append.recordCount] as const,
      );
      const fields: ProduceRecordsResponse = { results };
      return { fields } satisfies Reply;
    });
  }

  private group(
    request: ProduceRecords,
    partitionCount: number,
  ): Map<number, ProduceRecords['records']> {
    if (request.partition !== undefined) return new Map([[request.partition, request.records]]);
    this.keylessTurn = (this.keylessTurn + 1) >>> 0;
    return groupByPartition(request.records, partitionCount, this.keylessTurn % partitionCount);
  }

  private async settled(append: PartitionAppend, acks: Acks): Promise<void> {
    await (acks === -1 ? append.synced : append.written);
    if (append.isDuplicate) {
      this.counters.duplicateAppends += 1;
      return;
    }
    this.counters.appends += 1;
    this.counters.appendedBytes += append.sizeBytes;
    this.counters.appendedRecords += append.recordCount;
  }
}
