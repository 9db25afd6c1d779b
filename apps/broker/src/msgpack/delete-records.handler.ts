import {
  parseDeleteRecords,
  type DeleteRecordsResponse,
  type IncomingFrame,
  type ParsedDeleteRecords,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Partition } from '../partition/partition';
import { TickBudget } from '../partition/tick-budget';
import {
  checkDeletion,
  deleteBefore,
  inTurns,
  type DeletionTarget,
} from '../topic/record-deletion';
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
      checkDeletion(this.topics, topic, target);
    }
    const offsets = new Array<[partition: number, logStartOffset: number]>(targets.length);
    await inTurns(targets, async (target, at) => {
      offsets[at] = [target.index, await deleteBefore(this.topics, topic, target)];
    });
    const fields: DeleteRecordsResponse = { offsets };
    return { fields };
  }

  private async find(
    topic: TopicDescription,
    request: Extract<ParsedDeleteRecords, { before: unknown }>,
  ): Promise<DeletionTarget[]> {
    const { before } = request;
    const indexes = request.partitions ?? Array.from({ length: topic.partitionCount }, (_, i) => i);
    const budget = new TickBudget();
    const targets: DeletionTarget[] = [];
    for (const index of indexes) {
      await budget.pause();
      this.topics.requireIndex(topic, index);
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
}

function given(request: Extract<ParsedDeleteRecords, { offsets: unknown }>): DeletionTarget[] {
  return request.offsets.map(([index, before]) => ({ index, before }));
}

async function offsetBefore(partition: Partition, before: 'latest' | number): Promise<number> {
  if (before === 'latest') return partition.state.readableEnd;
  const found = await partition.offsetForTimestamp(before);
  return found?.offset ?? partition.state.readableEnd;
}
