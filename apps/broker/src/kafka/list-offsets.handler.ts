import {
  listOffsetsCodec,
  type Decoded,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '@walrusmq/kafka-protocol';
import type { TimestampedOffset, TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import { checkLeaderEpoch, refuseReplica } from './found-partition';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { latestTimestamp } from './latest-timestamp';

type Asked = Decoded<ListOffsetsRequest.ListOffsetsPartition>;
type Answer = ListOffsetsResponse.ListOffsetsPartitionResponse;
type Found = Pick<Answer, 'offset' | 'timestamp' | 'leaderEpoch'>;

// Versions before it have no leader epoch.
const LEADER_EPOCH_VERSION = 4;
const NONE = -1;
// What a timestamp below 0 asks for (Kafka's ListOffsetsRequest).
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;
// From which version on each may be asked for.
const FIRST_VERSIONS: ReadonlyMap<number, number> = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

/**
 * Behaviour: for each partition the offset of the earliest record, of the next one to become
 * readable, or of the first record that is not older than a timestamp; offset and timestamp are -1
 * where nothing is that late, and for what only tiered storage has. What a version cannot ask for
 * yet is UNSUPPORTED_VERSION.
 *
 * Version notes: 1 to 11; 4 brought the leader's epoch, 7 the record with the greatest timestamp, 8
 * the earliest that is not tiered, 9 the latest that is, 10 a timeout for asking tiered storage, 11
 * the earliest that is still to be tiered, of which there is none.
 */
export class ListOffsetsHandler implements KafkaHandler<ListOffsetsRequest, ListOffsetsResponse> {
  readonly codec = listOffsetsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with CLUSTER_AUTHORIZATION_FAILED; else each partition has its answer. */
  async handle(
    { topics, replicaId }: Decoded<ListOffsetsRequest>,
    { version }: KafkaCall,
  ): Promise<KafkaReply<ListOffsetsResponse>> {
    refuseReplica(replicaId);
    const budget = new TickBudget();
    const answered: ListOffsetsResponse.ListOffsetsTopicResponse[] = [];
    for (const { name, partitions } of topics) {
      const answers: Answer[] = [];
      for (const asked of partitions) {
        const pause = budget.pause();
        if (pause !== undefined) await pause;
        answers.push(inVersion(version, await this.answer(name, asked, version)));
      }
      answered.push({ name, partitions: answers });
    }
    return { response: { topics: answered } };
  }

  /** Every partition of the request with the error. */
  refusal(
    { topics }: Decoded<ListOffsetsRequest>,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): ListOffsetsResponse {
    const answered = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) =>
        inVersion(version, { ...NOTHING, partitionIndex, errorCode }),
      ),
    }));
    return { topics: answered };
  }

  private async answer(name: string, asked: Asked, version: number): Promise<Answer> {
    const { partitionIndex, timestamp } = asked;
    try {
      checkAskable(timestamp, version);
      const topic = this.services.topics.require(name);
      return { partitionIndex, errorCode: NO_ERROR, ...(await this.find(topic, asked)) };
    } catch (error) {
      return { ...NOTHING, partitionIndex, errorCode: itemFailureOf(error).errorCode };
    }
  }

  private async find(
    topic: TopicDescription,
    { partitionIndex, timestamp, currentLeaderEpoch }: Asked,
  ): Promise<Found> {
    const partition = this.services.topics.partitionOf(topic, partitionIndex);
    checkLeaderEpoch(partition, currentLeaderEpoch);
    const { leaderEpoch, logStartOffset, readableEnd } = partition.state;
    switch (timestamp) {
      case LATEST:
        return { offset: readableEnd, timestamp: NONE, leaderEpoch };
      case EARLIEST:
      case EARLIEST_LOCAL:
        return { offset: logStartOffset, timestamp: NONE, leaderEpoch };
      case MAX_TIMESTAMP:
        return told(await latestTimestamp(partition), leaderEpoch);
      default:
        break;
    }
    // There are no tiers.
    if (timestamp < 0) return NOTHING;
    return told(await partition.offsetForTimestamp(timestamp), leaderEpoch);
  }
}

const NOTHING = { offset: NONE, timestamp: NONE, leaderEpoch: NONE };

/** @throws {KafkaRefusal} UNSUPPORTED_VERSION. */
function checkAskable(timestamp: number, version: number): void {
  if (timestamp >= 0 || version >= (FIRST_VERSIONS.get(timestamp) ?? Infinity)) return;
  const text = `Version ${version} of ListOffsets does not ask for timestamp ${timestamp}.`;
  throw new KafkaRefusal('UNSUPPORTED_VERSION', text);
}

function told(found: TimestampedOffset | undefined, leaderEpoch: number): Found {
  if (found === undefined) return NOTHING;
  // A producer may have written one that is no exact number here.
  const timestamp = Math.min(found.timestamp, Number.MAX_SAFE_INTEGER);
  return { offset: found.offset, timestamp, leaderEpoch };
}

function inVersion(version: number, { leaderEpoch, ...answer }: Answer): Answer {
  return version >= LEADER_EPOCH_VERSION ? { ...answer, leaderEpoch: leaderEpoch ?? NONE } : answer;
}
