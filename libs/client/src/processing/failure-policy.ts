/** What is known of a record that failed for the last time. */
export interface FinalFailure {
  readonly error: unknown;
  /** Calls of the handler; 0 for a record that cannot be deserialised. */
  readonly attempts: number;
  readonly firstFailureMs: number;
  readonly lastFailureMs: number;
}

/** What becomes of a record whose handler has failed. */
export type Verdict =
  /** It is handed over again after so many milliseconds. */
  | { readonly retryInMs: number }
  /** It goes to the dead letters. */
  | 'bury'
  /** The error ends the consumer. */
  | 'fail';

/** Decides about failures, and puts away what no attempt helped. */
export interface FailurePolicy<T> {
  /** Throws for a record that cannot be deserialised; undefined: that is the handler's affair. */
  readonly check: ((work: T) => void) | undefined;

  /** @param attempt The one that failed; 0 when `check` threw. */
  judge(error: unknown, attempt: number): Verdict;

  /** Resolves once the record is safe elsewhere. REQUIRES: `judge` said 'bury'. */
  bury(work: T, failure: FinalFailure): Promise<void>;
}
