import { ProtocolError } from '@walrusmq/protocol';
import { DEFAULT_INSTANCE, type BrokerInstance } from './broker-instance';

/** What runs in one instance, as the registry needs it. */
export interface InstanceLife {
  readonly key: string;
  readonly storage: BrokerInstance;
  /** Rejects when the instance cannot be used; nothing is left open then. */
  open(): Promise<void>;
  /** Ends the requests that wait, and lets none wait any more. */
  endWaits(): void;
  /** Idempotent. Rejects with the error of a last sync that failed; it is closed all the same. */
  close(): Promise<void>;
}

/**
 * The instances of the broker, by key.
 *
 * Place: a hello asks it for the instance that it names; the broker's lifecycle opens and closes
 * it.
 * Life: `open`; `endWaits` before the connections are drained; `close`.
 */
export class Instances<Services extends InstanceLife> {
  /** The one that lies in the data directory itself; always there. */
  readonly default: Services;

  /** @param build Makes what runs in the instance with that key. */
  constructor(build: (key: string) => Services) {
    this.default = build(DEFAULT_INSTANCE);
  }

  /** Rejects with the BrokerStartError of the default instance; nothing is left open. */
  async open(): Promise<void> {
    await this.default.open();
  }

  /**
   * The instance with this key, for a client to work with.
   * @throws {ProtocolError} UNKNOWN_INSTANCE.
   */
  bind(key: string): Services {
    if (key === this.default.key) return this.default;
    throw new ProtocolError('UNKNOWN_INSTANCE', `No instance '${key}'.`);
  }

  /** Logs once for each instance that it takes no more writes; cheap enough for every second. */
  reportFences(): void {
    this.default.storage.reportFence();
  }

  /** Ends the requests that wait, and lets none wait any more. */
  endWaits(): void {
    this.default.endWaits();
  }

  /** Syncs and closes all of them. Idempotent. Rejects with the first error of a last sync. */
  async close(): Promise<void> {
    await this.default.close();
  }
}
