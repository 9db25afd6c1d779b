import { statfs } from 'node:fs/promises';
import {
  describeLogDirsCodec,
  type Decoded,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from '@walrusmq/kafka-protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import { kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

type Partition = DescribeLogDirsResponse.DescribeLogDirsPartition;
type Dir = DescribeLogDirsResponse.DescribeLogDirsResult;

// From here on the response has an error of its own.
const ERROR_VERSION = 3;
// Partitions that are described in one step.
const STEP_PARTITIONS = 250;
const UNKNOWN_BYTES = -1;
// What storage without a directory is called.
const MEMORY = 'memory';

/**
 * Behaviour: the one directory of the instance, the bytes that each partition's blocks have in use,
 * and the size and the free space of the disk; of all topics, or of the partitions that the request
 * names. What is named and is not there is left out, as in Kafka. After a failed write or sync the
 * directory has KAFKA_STORAGE_ERROR. Opens no log, and describes many partitions in slices, so that
 * others have their turn.
 *
 * Version notes: 1 to 4; 3 brought an error of the whole response, 4 size and free space.
 */
export class DescribeLogDirsHandler implements KafkaHandler<
  DescribeLogDirsRequest,
  DescribeLogDirsResponse
> {
  readonly codec = describeLogDirsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with what the file system says of the directory: a bug, or a disk that went away. */
  async handle({
    topics: asked,
  }: Decoded<DescribeLogDirsRequest>): Promise<KafkaReply<DescribeLogDirsResponse>> {
    const { directory, fence } = this.services.storage();
    const topics = asked === null ? await this.describeAll() : await this.describeAsked(asked);
    const dir: Dir = {
      errorCode: fence === undefined ? NO_ERROR : kafkaCode('KAFKA_STORAGE_ERROR'),
      logDir: directory === '' ? MEMORY : directory,
      topics,
      ...(directory === '' ? {} : await diskOf(directory)),
    };
    return { response: { throttleTimeMs: 0, results: [dir] } };
  }

  /** The error alone; versions that have none answer without a directory. */
  refusal(
    _: Decoded<DescribeLogDirsRequest>,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): DescribeLogDirsResponse | undefined {
    if (version < ERROR_VERSION) return undefined;
    return { throttleTimeMs: 0, errorCode, results: [] };
  }

  private async describeAll(): Promise<DescribeLogDirsResponse.DescribeLogDirsTopic[]> {
    const { topics } = this.services;
    const budget = new TickBudget();
    const described: DescribeLogDirsResponse.DescribeLogDirsTopic[] = [];
    for (const topic of topics.list()) {
      const partitions: Partition[] = [];
      for (let first = 0; first < topic.partitionCount; first += STEP_PARTITIONS) {
        await budget.pause();
        const count = Math.min(STEP_PARTITIONS, topic.partitionCount - first);
        partitions.push(...this.sizes(topic, first, count));
      }
      described.push({ name: topic.name, partitions });
    }
    return described;
  }

  private async describeAsked(
    asked: readonly Decoded<DescribeLogDirsRequest.DescribableLogDirTopic>[],
  ): Promise<DescribeLogDirsResponse.DescribeLogDirsTopic[]> {
    const { topics } = this.services;
    const wanted = new Map<string, Set<number>>();
    for (const { topic, partitions } of asked) {
      const indexes = wanted.get(topic) ?? new Set();
      wanted.set(topic, indexes);
      for (const index of partitions) indexes.add(index);
    }
    const budget = new TickBudget();
    const described: DescribeLogDirsResponse.DescribeLogDirsTopic[] = [];
    for (const [name, indexes] of wanted) {
      const topic = topics.find(name);
      if (topic === undefined) continue;
      const partitions: Partition[] = [];
      for (const index of indexes) {
        await budget.pause();
        if (index < 0 || index >= topic.partitionCount) continue;
        partitions.push(...this.sizes(topic, index, 1));
      }
      described.push({ name, partitions });
    }
    return described;
  }

  private sizes(topic: TopicDescription, first: number, count: number): readonly Partition[] {
    return this.services.topics.states(topic, first, count).map(({ storedBytes }, at) => ({
      partitionIndex: first + at,
      partitionSize: storedBytes,
      offsetLag: 0,
      isFutureKey: false,
    }));
  }
}

/** Size and free space of the disk that a directory is on. */
async function diskOf(directory: string): Promise<Pick<Dir, 'totalBytes' | 'usableBytes'>> {
  const { bsize, blocks, bavail } = await statfs(directory);
  const totalBytes = blocks * bsize;
  if (!Number.isSafeInteger(totalBytes)) return { totalBytes: UNKNOWN_BYTES };
  return { totalBytes, usableBytes: bavail * bsize };
}
