import type { ConsumedPartition } from '../consumed-partition';
import { OutcomeContext } from './outcome-context';

/** A record or a batch that was taken to be handed over. */
export interface TakenWork<T> {
  readonly work: T;
  readonly partition: ConsumedPartition;
  /** Where reading goes on behind it. */
  readonly endOffset: number;
  /** Offset of the record, or of the batch's first one. */
  readonly offset: number;
  /** About what it keeps in memory. */
  readonly sizeBytes: number;
  /** What it is in order with: items of one lane follow one another. Undefined: with nothing. */
  readonly lane: string | undefined;
}

/**
 * A record or a batch in work.
 *
 * Life: waiting (behind another of its lane, for a free handler, or for its next attempt) ⇄ at work
 * → done. `isVoid` at any time: its outcome does not count any more.
 */
export class WorkItem<T> extends OutcomeContext {
  readonly taken: Omit<TakenWork<T>, 'work'>;
  isDone = false;
  endOffset: number;
  /** When the first attempt failed; undefined before. */
  firstFailureMs: number | undefined;
  /** Of the wait for the next attempt. */
  timer: unknown;
  private held: T | undefined;

  constructor({ work, ...place }: TakenWork<T>) {
    super();
    this.taken = place;
    this.endOffset = place.endOffset;
    this.held = work;
  }

  /** The record or batch. REQUIRES: it is not done. */
  get work(): T {
    return this.held as T;
  }

  /** Its outcome counts as finished; what it was is let go of. */
  finish(): void {
    this.isDone = true;
    this.held = undefined;
  }
}
