import type { HandlerContext } from '../consumer-options';

/** What a handler is told, and whether its outcome still counts. */
export class OutcomeContext implements HandlerContext {
  private controller: AbortController | undefined;
  private voided = false;

  /** @param attempt Calls of the handler, the one under way included. */
  constructor(public attempt = 0) {}

  /** Aborts when the outcome does not count any more. */
  get signal(): AbortSignal {
    // Most handlers never ask, and an AbortSignal is a large object.
    this.controller ??= new AbortController();
    if (this.voided) this.controller.abort();
    return this.controller.signal;
  }

  /** Whether the outcome does not count any more. */
  get isVoid(): boolean {
    return this.voided;
  }

  /** Whether nobody asked for the signal and the outcome counts: it can serve another record. */
  get isUnused(): boolean {
    return this.controller === undefined && !this.voided;
  }

  /** The outcome does not count any more. */
  void(): void {
    this.voided = true;
    this.controller?.abort();
  }
}
