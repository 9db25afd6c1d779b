import { ProtocolError } from '@walrusmq/protocol';
import type { BoundSession } from './bound-sessions';

/** The session of the connection that asks for a change. */
export interface AskingSession extends BoundSession {
  /** Whether its connection is gone or sent away. */
  readonly isCancelled: boolean;
  /** Calls `listener` once that is so; returns a function that ends that. */
  onCancelled(listener: () => void): () => void;
}

/**
 * The changes of instances, one after another in the order of `run`.
 *
 * Invariant: a change that waits keeps no connection from going, as the one that runs may wait for
 * just that connection; a change that runs ends, whatever becomes of its connection.
 */
export class ChangeQueue {
  private last: Promise<void> = Promise.resolve();
  private isStopping = false;

  /** Whether no change begins any more. */
  get isStopped(): boolean {
    return this.isStopping;
  }

  /** Lets no change begin any more. */
  stop(): void {
    this.isStopping = true;
  }

  /** Resolves once the changes that were asked for are over. */
  async idle(): Promise<void> {
    await this.last;
  }

  /**
   * Has the change run in its turn; settles as it does.
   *
   * Rejects with SHUTTING_DOWN, and the change never runs, when the queue is stopped before its
   * turn, or at once when the connection that asked is gone or sent away before it.
   */
  run<Value>(change: () => Promise<Value>, asking?: AskingSession): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      let isCalledOff = false;
      const callOff = (): void => {
        isCalledOff = true;
        reject(new ProtocolError('SHUTTING_DOWN'));
      };
      const stopListening = asking?.onCancelled(callOff);
      if (asking?.isCancelled === true) callOff();
      this.last = this.last.then(async () => {
        stopListening?.();
        if (this.isStopping) callOff();
        // What it rejects with is for whoever asked; the next one only waits for its end.
        if (!isCalledOff) await change().then(resolve, reject);
      });
    });
  }
}
