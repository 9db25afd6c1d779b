import type { Decoded, FetchRequest, FetchResponse } from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import type { ReplyRoom } from '../instance/client-session';
import type { Partition } from '../partition/partition';
import { BatchPass, type PassLimits, type PassTarget } from '../topic/batch-pass';
import { failureOf, KafkaRefusal, NO_ERROR } from './error-codes';
import { checkLeaderEpoch, findTopic } from './found-partition';
import type { KafkaServices } from './kafka-services';
import { holdsZstd } from './produced-batch';

type Topic = Decoded<FetchRequest.FetchTopic>;
type Answer = FetchResponse.PartitionData;

/** From here on topics are named by their ids (KIP-516). */
const TOPIC_ID_VERSION = 13;
/** Clients before it do not know zstd (KIP-110). */
const ZSTD_VERSION = 10;
const READ_COMMITTED = 1;
const UNKNOWN_OFFSET = -1;

/** A partition of the request. */
interface Asked {
  readonly topic: Topic;
  readonly partition: Decoded<FetchRequest.FetchPartition>;
}

/** One reading pass over the partitions of a Kafka fetch; every one of them is answered. */
export class KafkaFetchPass extends BatchPass {
  private readonly answers: Answer[];

  constructor(
    private readonly services: KafkaServices,
    private readonly request: Decoded<FetchRequest>,
    private readonly asked: readonly Asked[],
    private readonly version: number,
    limits: PassLimits,
    room: ReplyRoom,
  ) {
    super(asked.length, limits, room);
    this.answers = new Array<Answer>(asked.length);
  }

  /** The response's topics, in the order of the request. */
  get responses(): FetchResponse.FetchableTopicResponse[] {
    let at = 0;
    return this.request.topics.map(({ topic, topicId, partitions }) => {
      const answers = this.answers.slice(at, at + partitions.length);
      at += partitions.length;
      return this.namesIds ? { topicId, partitions: answers } : { topic, partitions: answers };
    });
  }

  protected override targetAt(at: number): PassTarget {
    const { topic, partition: wanted } = this.at(at);
    const { topics } = this.services;
    const found = findTopic(this.services, { ...topic, name: topic.topic }, this.namesIds);
    const partition = topics.partitionOf(found, wanted.partition);
    checkLeaderEpoch(partition, wanted.currentLeaderEpoch);
    const { fetchOffset: offset, partitionMaxBytes } = wanted;
    if (offset < 0) throw new ProtocolError('OFFSET_OUT_OF_RANGE', `${offset} is no offset.`);
    // Limits are soft: of none at all a client would never get on.
    return { partition, offset, maxBytes: Math.max(1, partitionMaxBytes) };
  }

  protected override take(at: number, partition: Partition, batches: Buffer): number {
    if (this.version < ZSTD_VERSION && holdsZstd(batches)) {
      const message = `zstd needs version ${ZSTD_VERSION} of Fetch, not ${this.version}`;
      throw new KafkaRefusal('UNSUPPORTED_COMPRESSION_TYPE', message);
    }
    const { logStartOffset, readableEnd } = partition;
    this.answers[at] = {
      ...this.head(at),
      errorCode: NO_ERROR,
      highWatermark: readableEnd,
      // All that is readable is stable as long as there are no transactions.
      lastStableOffset: readableEnd,
      logStartOffset,
      records: batches.length === 0 ? [] : [batches],
    };
    return batches.length;
  }

  protected override fail(at: number, _: Partition | undefined, error: ProtocolError): void {
    this.answers[at] = {
      ...this.head(at),
      errorCode: failureOf(error).errorCode,
      highWatermark: UNKNOWN_OFFSET,
      lastStableOffset: UNKNOWN_OFFSET,
      logStartOffset: UNKNOWN_OFFSET,
      records: [],
    };
  }

  private get namesIds(): boolean {
    return this.version >= TOPIC_ID_VERSION;
  }

  private head(at: number): Pick<Answer, 'partitionIndex' | 'abortedTransactions'> {
    const isCommitted = this.request.isolationLevel === READ_COMMITTED;
    const { partition: partitionIndex } = this.at(at).partition;
    return { partitionIndex, abortedTransactions: isCommitted ? [] : null };
  }

  private at(at: number): Asked {
    const asked = this.asked[at];
    if (asked === undefined) throw new RangeError(`no partition ${at} in the request`);
    return asked;
  }
}

/** The partitions of a request, one behind the other. */
export function askedPartitions({ topics }: Decoded<FetchRequest>): readonly Asked[] {
  return topics.flatMap((topic) => topic.partitions.map((partition) => ({ topic, partition })));
}
