/** A frame as it arrived. */
export interface IncomingFrame {
  /** An operation's name, "ok", "error", "event", or what a later version pushes. */
  readonly kind: string;
  readonly correlationId: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The bin behind the fields, in the pieces it came in; empty when there is none. */
  readonly tail: readonly Buffer[];
  /** Bytes of the pieces of `tail` together. */
  readonly tailBytes: number;
  /** Bytes of the frame, its length prefix included. */
  readonly sizeBytes: number;
  /**
   * What the frame takes in memory at most, about: its bytes, and 64 for each value of its fields.
   */
  readonly heldBytes: number;
}
