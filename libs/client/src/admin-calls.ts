import type { BrokerClient, RetryOptions } from './broker-client';

/** What every part of `Admin` works with: its client, and how calls are repeated. */
export class AdminCalls {
  protected constructor(
    protected readonly client: BrokerClient,
    protected readonly retryForMs: number,
  ) {}

  /** Of a call that only reads: it can be sent again. */
  protected get reading(): RetryOptions {
    return { activity: 'admin', retryForMs: this.retryForMs };
  }

  /** Of a call that changes something: it is not sent again once its answer was lost. */
  protected get writing(): RetryOptions {
    return { activity: 'admin', retryForMs: this.retryForMs, repeatable: false };
  }
}
