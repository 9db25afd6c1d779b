import {
  parseDeleteRecords,
  ProtocolError,
  type DeleteRecordsResponse,
  type IncomingFrame,
  type ParsedDeleteRecords,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Partition } from '../partition/partition';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: lets go of the records before an offset, before the first record that is not older
 * than a timestamp, or of all that are readable, and answers once that is durable, in every
 * schedule, with where each partition begins then. An offset at or below the log start changes
 * nothing. Every partition and offset is checked before any record goes; a failure after that may
 * leave some partitions done, and the same request can be sent again.
 *
 * Version notes: protocol 1.
 */
export class DeleteRecordsHandler implements OperationHandler {
  readonly operation = 'deleteRecords';

  constructor(private readonly topics: Topics) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION or OFFSET_OUT_OF_RANGE: nothing
   * went; CORRUPT, NO_SPACE or FENCED: some may be gone.
   */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseDeleteRecords(frame.fields);
    const topic = this.topics.require(request.topic);
    const targets = 'offsets' in request ? given(request) : await this.find(topic, request);
    const budget = new TickBudget();
    for (const target of targets) {
      await budget.pause();
      this.check(topic, target);
    }
    const offsets = await this.truncate(topic, targets);
    const fields: DeleteRecordsResponse = { offsets };
    return { fields };
  }

  private async find(
    topic: TopicDescription,
    request: Extract<ParsedDeleteRecords, { before: unknown }>,
  ): Promise<Target[]> {
    const { before } = request;
    const indexes = request.partitions ?? Array.from({ length: topic.partitionCount }, (_, i) => i);
    const budget = new TickBudget();
    const targets: Target[] = [];
    for (const index of indexes) {
      await budget.pause();
      this.requireIndex(topic, index);
      const [state] = this.topics.states(topic, index, 1);
      if (state === undefined || state.readableEnd === state.logStartOffset) {
        // Nothing to let go of; the partition is in the answer all the same.
        targets.push({ index, before: state?.logStartOffset ?? 0 });
        continue;
      }
      const partition = this.topics.partitionOf(topic, index);
      targets.push({ index, before: await offsetBefore(partition, before) });
      budget.restart();
    }
    return targets;
  }

  private check(topic: TopicDescription, { index, before }: Target): void {
    this.requireIndex(topic, index);
    const [state] = this.topics.states(topic, index, 1);
    const readableEnd = state?.readableEnd ?? 0;
    if (before <= readableEnd) return;
    throw new ProtocolError(
      'OFFSET_OUT_OF_RANGE',
      `${topic.name}-${index}: ${before} is above the readable end ${readableEnd}.`,
    );
  }

  private requireIndex(topic: TopicDescription, index: number): void {
    // Throws for an index that is none; one that is open is found without opening it.
    if (index >= topic.partitionCount) this.topics.partitionOf(topic, index);
  }

  private async truncate(
    topic: TopicDescription,
    targets: readonly Target[],
  ): Promise<[partition: number, logStartOffset: number][]> {
    const offsets = new Array<[number, number]>(targets.length);
    const left = targets.entries();
    const work = async (): Promise<void> => {
      for (const [at, { index, before }] of left) {
        const [state] = this.topics.states(topic, index, 1);
        if (before > (state?.logStartOffset ?? 0)) {
          await this.topics.partitionOf(topic, index).truncate(before);
        }
        const [after] = this.topics.states(topic, index, 1);
        offsets[at] = [index, after?.logStartOffset ?? 0];
      }
    };
    await Promise.all(Array.from({ length: TRUNCATIONS_MAX }, work));
    return offsets;
  }
}

function given(request: Extract<ParsedDeleteRecords, { offsets: unknown }>): Target[] {
  return request.offsets.map(([index, before]) => ({ index, before }));
}

async function offsetBefore(partition: Partition, before: 'latest' | number): Promise<number> {
  if (before === 'latest') return partition.state.readableEnd;
  const found = await partition.offsetForTimestamp(before);
  return found?.offset ?? partition.state.readableEnd;
}

/** A partition and the offset before which its records go. */
interface Target {
  readonly index: number;
  readonly before: number;
}

/** Log starts that one request moves at a time: each waits for a sync. */
const TRUNCATIONS_MAX = 2;
