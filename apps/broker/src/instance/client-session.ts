import type { ProtocolError } from '@walrusmq/protocol';
import type { BoundSession, BoundSessions } from './bound-sessions';
import type { InstanceQuota } from './instance-quota';

/** Reply bytes that every connection may have, however much the others hold. */
export const OWN_REPLY_BYTES = 64 * 1024;

/** The memory that replies may take, as one client's requests see it. */
export interface ReplyRoom {
  /**
   * Bytes of records that a reply may have now: what all unsent replies leave of their budget, or
   * what the client's own leave of OWN_REPLY_BYTES.
   */
  roomBytes(): number;
  /** Counts bytes that were read for a reply; negative ones are given back. */
  reserve(bytes: number): void;
}

/** Frames that the broker sends unasked; the connection takes them when there is room for one. */
export interface EventSource {
  /** Bytes that were read for an event that waits to be taken. */
  readonly loadedBytes: number;
  /** The next event as the pieces to write, if there is one now. */
  nextEvent(): readonly Buffer[] | undefined;
}

/** An instance, as the connection of a client that is bound to it needs it. */
export interface ServedInstance {
  readonly sessions: BoundSessions;
  readonly quota: InstanceQuota;
}

/** For a session without a connection. */
const UNBOUNDED: ReplyRoom = { roomBytes: () => Infinity, reserve: () => undefined };

/**
 * What the broker knows about one client, whatever protocol it speaks.
 *
 * Life: as long as the connection; `cancel` ends what waits when the client is gone or the broker
 * stops.
 */
export class ClientSession<
  Instance extends ServedInstance = ServedInstance,
> implements BoundSession {
  /** Where its requests go, once that is known; for good then. */
  instance: Instance | undefined;
  /** As BoundSession says; the connection sets it. */
  leave: (reason: ProtocolError) => void = () => undefined;
  /** As BoundSession says; the connection sets it. */
  hangUp: () => void = () => undefined;
  /** HOST:PORT of the client; the connection sets it. */
  peer = '';
  /** Grows with each fetch, so that the partitions of a fetch take turns in being read first. */
  fetches = 0;
  /** What is pushed to the client, once it has subscribed. */
  events: EventSource | undefined;
  /** Called when `events` may have another one; the connection sets it. */
  onEvents: () => void = () => undefined;
  /** What its replies may take; the connection sets it. */
  replyRoom: ReplyRoom = UNBOUNDED;

  private cancelled = false;
  private listeners: Set<() => void> | undefined;

  /** The address that the client came from, without its port. */
  get host(): string {
    return this.peer.slice(0, Math.max(0, this.peer.lastIndexOf(':')));
  }

  /** Whether `cancel` was called. */
  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** From now on its requests go to this instance. */
  bindTo(instance: Instance): void {
    this.instance = instance;
    instance.sessions.add(this);
  }

  /** The connection is gone. */
  end(): void {
    this.cancel();
    this.instance?.sessions.delete(this);
  }

  /** Calls `listener` when the session is cancelled; returns a function that ends that. */
  onCancelled(listener: () => void): () => void {
    // Most connections never wait, and idle ones are many: the set is made by the first wait.
    this.listeners ??= new Set();
    this.listeners.add(listener);
    return () => this.listeners?.delete(listener);
  }

  /** Calls off everything that waits for this client. Idempotent. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const listener of this.listeners ?? []) listener();
    this.listeners = undefined;
  }
}
