// A named reader that a consumer has for itself.
import { Backoff } from './backoff';
import { mayRepeat, type BrokerClient } from './broker-client';
import type { Connection } from './connection';
import { asError, BrokerError, ConnectionError } from './errors';

/** What a hold is about. */
export interface ReaderHoldOptions {
  readonly client: BrokerClient;
  readonly reader: string;
  readonly topics: readonly string[];
  /** Whether to end the one that has it, at the start; later only what was held is taken back. */
  readonly takesOver: boolean;
  /** How long its own lost connection may keep the reader from the next one. */
  readonly graceMs: number;
}

/**
 * Attaches a named reader to the lane that commits take, and again after that was lost.
 *
 * Life: nothing is held until the first `ensure`. What another connection takes over is not taken
 * back: commits then fail with `READER_TAKEN_OVER`. Ends by `release`, or with the lane.
 */
export class ReaderHold {
  private heldOn: Connection | undefined;
  private hasHeld = false;

  constructor(private readonly options: ReaderHoldOptions) {}

  /**
   * Resolves once the lane's connection has the reader.
   *
   * @param retryForMs How long a broker is waited for that is away.
   * @throws {BrokerError} `READER_ATTACHED`, naming who has it: at once, or where this held it
   *   before, after the grace that its own lost connection has; `UNKNOWN_TOPIC`.
   * @throws {ConnectionError} No broker within `retryForMs`.
   */
  async ensure(retryForMs: number): Promise<void> {
    const { client, graceMs } = this.options;
    const startedMs = performance.now();
    const pauses = new Backoff({ initialMs: 50, maxMs: 1_000 });
    for (;;) {
      try {
        await this.attach();
        return;
      } catch (error) {
        const elapsedMs = performance.now() - startedMs;
        const isOwn = this.hasHeld && isAttached(error) && elapsedMs < graceMs;
        const isPassing = mayRepeat(error, true) && elapsedMs < retryForMs;
        if (!isOwn && !isPassing) throw asError(error);
        // A lost connection waits in `connection`; only a broker that answers is paused for here.
        if (!(error instanceof ConnectionError)) await client.pause(pauses.next());
      }
    }
  }

  /** Lets the reader go, so that the next one need not wait until the connection is gone. */
  async release(): Promise<void> {
    const { client, reader, topics } = this.options;
    const connection = this.heldOn;
    this.heldOn = undefined;
    // It ends with its connection.
    if (connection === undefined || connection !== client.open) return;
    await connection.request('readerDetach', { reader, topics });
  }

  private async attach(): Promise<void> {
    const { client, reader, topics, takesOver } = this.options;
    const connection = await client.connection();
    if (this.heldOn === connection) return;
    const takeOver = takesOver && !this.hasHeld;
    await connection.request('readerAttach', { reader, topics, takeOver });
    client.answered();
    this.heldOn = connection;
    this.hasHeld = true;
  }
}

function isAttached(error: unknown): boolean {
  return error instanceof BrokerError && error.code === 'READER_ATTACHED';
}
