import {
  produceCodec,
  type Decoded,
  type ProduceRequest,
  type ProduceResponse,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { PartitionAppend } from '../partition/partition';
import { itemFailureOf, kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import { NO_RESPONSE, type KafkaCall, type KafkaHandler, type KafkaOutcome } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { checkProduced } from './produced-batch';

type AskedPartition = Decoded<ProduceRequest.PartitionProduceData>;
type Answer = ProduceResponse.PartitionProduceResponse;

// Older versions carry message sets, which no client needs any more.
const VERSION_MIN = 3;
const NO_OFFSET = -1;

/**
 * Behaviour: appends to each partition the one batch that the request has for it. Each partition is
 * answered for itself: others are written although one refuses. With acks 1 the response comes once
 * all are written, with acks -1 once they are durable by the fsync schedule; acks 0 has no
 * response, and an error of it ends the connection, which is how Kafka tells the producer. Appends
 * of one connection take their offsets in request order.
 *
 * Batches of an idempotent producer are appended once: one that comes again is answered with the
 * offset of the first. Nothing is done per record, and compressed batches stay as they are.
 *
 * Version notes: 3 to 11; 7 brought zstd, before which it is UNSUPPORTED_COMPRESSION_TYPE.
 */
export class ProduceHandler implements KafkaHandler<ProduceRequest, ProduceResponse> {
  readonly codec = produceCodec;

  constructor(private readonly services: KafkaServices) {}

  /** @throws {ProtocolError} (or rejects) INVALID_FRAME, which ends the connection: see above. */
  handle(
    request: Decoded<ProduceRequest>,
    call: KafkaCall,
  ): KafkaOutcome<ProduceResponse> | Promise<KafkaOutcome<ProduceResponse>> {
    if (call.version < VERSION_MIN) {
      throw new ProtocolError('UNSUPPORTED_PROTOCOL', `Produce version ${call.version}`);
    }
    const { acks, topicData } = request;
    if (acks < -1 || acks > 1) {
      const errorCode = kafkaCode('INVALID_REQUIRED_ACKS');
      const failure = { errorCode, errorMessage: `acks is ${acks}; it can be -1, 0 or 1` };
      return { response: this.refusal(request, failure) };
    }
    if (request.transactionalId !== null) {
      const errorCode = kafkaCode('INVALID_TXN_STATE');
      return {
        response: this.refusal(request, { errorCode, errorMessage: 'no transactions yet' }),
      };
    }
    const pending = topicData.map(({ name, partitionData }) => ({
      name,
      answers: partitionData.map((data) => this.append(name, data, acks, call.version)),
    }));
    return this.answered(pending, acks);
  }

  /** Every partition of the request with the error. */
  refusal({ topicData }: Decoded<ProduceRequest>, failure: KafkaFailure): ProduceResponse {
    const responses = topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => failed(index, failure)),
    }));
    return { responses, throttleTimeMs: 0 };
  }

  private async answered(
    pending: readonly { readonly name: string; readonly answers: readonly Promise<Answer>[] }[],
    acks: number,
  ): Promise<KafkaOutcome<ProduceResponse>> {
    const responses: ProduceResponse.TopicProduceResponse[] = [];
    for (const { name, answers } of pending) {
      responses.push({ name, partitionResponses: await Promise.all(answers) });
    }
    if (acks !== 0) return { response: { responses, throttleTimeMs: 0 } };
    const bad = responses
      .flatMap(({ partitionResponses }) => partitionResponses)
      .find(({ errorCode }) => errorCode !== NO_ERROR);
    if (bad === undefined) return NO_RESPONSE;
    throw new ProtocolError('INVALID_FRAME', `a produce with acks 0 failed: ${bad.errorMessage}`);
  }

  /** Takes the offset before it returns; never rejects with an error of the broker's own. */
  private async append(
    name: string,
    { index, records }: AskedPartition,
    acks: number,
    version: number,
  ): Promise<Answer> {
    try {
      const topic = this.services.topics.require(name);
      checkProduced(records, version);
      const append = this.services.topics.partitionOf(topic, index).append([records]);
      return await this.settled(topic, index, append, acks);
    } catch (error) {
      return failed(index, itemFailureOf(error));
    }
  }

  private async settled(
    topic: TopicDescription,
    index: number,
    append: PartitionAppend,
    acks: number,
  ): Promise<Answer> {
    await (acks === -1 ? append.synced : append.written);
    const { counters, topics } = this.services;
    if (append.isDuplicate) counters.duplicateAppends += 1;
    else {
      counters.appends += 1;
      counters.appendedBytes += append.sizeBytes;
      counters.appendedRecords += append.recordCount;
    }
    const { baseOffset, appendTimeMs: logAppendTimeMs = NO_OFFSET } = append;
    const { logStartOffset } = topics.partitionOf(topic, index).state;
    return { index, errorCode: NO_ERROR, baseOffset, logAppendTimeMs, logStartOffset };
  }
}

function failed(index: number, { errorCode, errorMessage }: KafkaFailure): Answer {
  return { index, errorCode, errorMessage, baseOffset: NO_OFFSET };
}
