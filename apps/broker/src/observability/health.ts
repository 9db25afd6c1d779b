/**
 * Whether the broker can do its work, for whoever decides to restart it or to send it traffic.
 *
 * Life: not ready until `started`, nor from `stopping` on.
 */
export class Health {
  private phase: 'starting' | 'running' | 'stopping' = 'starting';

  /** @param fenceReason Why the instance takes no writes, if it does not. */
  constructor(private readonly fenceReason: () => string | undefined) {}

  /** The listeners are open. */
  started(): void {
    this.phase = 'running';
  }

  /** The broker begins to stop. */
  stopping(): void {
    this.phase = 'stopping';
  }

  /** Why the broker should get no traffic; undefined when it should. */
  notReady(): string | undefined {
    if (this.phase !== 'running') return `the broker is ${this.phase}`;
    return this.fenceReason();
  }
}
