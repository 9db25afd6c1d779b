import type { TopicIdList } from '@walrusmq/protocol';
import type { StartPosition } from './consumer-options';

/**
 * How far a consumer is in one partition.
 *
 * Invariants, while `start` is undefined:
 *  (1) finished ≤ position ≤ fetch offset.
 *  (2) What was fetched under another `generation` is stale: it is neither handed over nor counted.
 */
export class ConsumedPartition {
  /** Set while the offset to start at is not known; the offsets below then mean nothing. */
  start: StartPosition | undefined;
  /** The next offset that the broker is to send. */
  fetchOffset = 0;
  /** The next offset to hand over. */
  position = 0;
  /** Everything below it was handed over and finished. */
  finished = 0;
  /** What `finished` was when the reader's progress was saved last; undefined before. */
  saved: number | undefined;
  /** What was saved before it is handed over ends here; in at-most-once delivery only. */
  claimed: number | undefined;
  /** Records below were never handed over since the partition was assigned. */
  begin = 0;
  /** Goes up whenever what was fetched is to be dropped. */
  generation = 0;
  /** The generation that the broker sends; undefined while it sends nothing of the partition. */
  told: number | undefined;
  paused = false;
  /** Assigned but not to be handed over: not yet, or no longer. */
  withheld = false;
  /** Nothing more is to be fetched for now, as what was handed over is not finished. */
  held = false;
  /** Goes up with every seek: what was handed over before one says nothing about the new place. */
  moves = 0;
  logStartOffset = 0;
  readableEnd = 0;
  private isPlaced = false;

  /**
   * @param start Where to begin.
   * @param topicId Of the topic, which may be deleted and made anew: the broker is told which one
   * is
   *   meant. Empty where topics are known by name only.
   */
  constructor(
    readonly topic: string,
    readonly partition: number,
    start: StartPosition,
    readonly topicId = '',
  ) {
    this.start = start;
  }

  /** Name for messages and maps; topic names hold no slash. */
  get key(): string {
    return `${this.topic}/${this.partition}`;
  }

  /** Goes on elsewhere; what was fetched is stale. */
  seek(start: StartPosition): void {
    this.generation += 1;
    this.moves += 1;
    if (typeof start === 'object' && 'offset' in start) this.moveTo(start.offset);
    else this.start = start;
  }

  /** The offset to start at is known. */
  moveTo(offset: number): void {
    this.start = undefined;
    this.fetchOffset = offset;
    this.position = offset;
    this.finished = offset;
    this.begin = this.isPlaced ? Math.min(this.begin, offset) : offset;
    this.isPlaced = true;
  }

  /** What counts as finished once `offset` is saved: all that was handed over below it. */
  finishedWhenSaved(offset: number): number {
    return offset <= this.position ? Math.max(this.finished, offset) : this.finished;
  }

  /** A save that was asked for when `finished` was to count as this is done. */
  savedWith(finished: number): void {
    this.finished = Math.max(this.finished, finished);
    this.saved = finished;
  }

  /** Stops handing over; what was fetched is dropped and fetched again later. */
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.dropFetched();
  }

  /** Goes on from where it was paused. */
  resume(): void {
    this.paused = false;
  }

  /** Whether the broker is to send its records. */
  get isRead(): boolean {
    return !this.paused && !this.held && !this.withheld;
  }

  /** Whether what was handed over of it may be begun. */
  get isWorkedOn(): boolean {
    return !this.paused && !this.withheld;
  }

  /** Is about to be given up: as `pause`, whatever the program pauses and resumes. */
  withhold(): void {
    this.withheld = true;
    this.dropFetched();
  }

  /** As `pause`, for the consumer's own reasons. */
  hold(): void {
    this.held = true;
    this.dropFetched();
  }

  /** Goes on after `hold`. */
  unhold(): void {
    this.held = false;
  }

  /** What was fetched and not handed over is stale; it is fetched again. */
  dropFetched(): void {
    this.generation += 1;
    this.fetchOffset = this.position;
  }
}

/** The ids of the topics of these partitions, as requests carry them. */
export function topicIdsOf(partitions: readonly ConsumedPartition[]): TopicIdList {
  const known = partitions.filter(({ topicId }) => topicId !== '');
  return [...new Map(known.map(({ topic, topicId }) => [topic, topicId]))];
}
