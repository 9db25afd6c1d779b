import type { ProtocolError } from '@walrusmq/protocol';

/** The session of a connection, as its instance needs it. */
export interface BoundSession {
  /** Answers what was started, refuses later requests with `reason`, and ends the connection. */
  leave(reason: ProtocolError): void;
  /** Ends the connection without another word. */
  hangUp(): void;
}

/**
 * The sessions that are bound to one instance.
 *
 * Life: a session is added by its hello and deleted when its connection is gone.
 */
export class BoundSessions {
  private readonly sessions = new Set<BoundSession>();
  private whenGone: (() => void) | undefined;

  /** How many there are, `asking` left out. */
  countBeside(asking?: BoundSession): number {
    return this.sessions.size - (asking !== undefined && this.sessions.has(asking) ? 1 : 0);
  }

  /** The session's hello was accepted. */
  add(session: BoundSession): void {
    this.sessions.add(session);
  }

  /** Its connection is gone. Nothing happens for one that is not there. */
  delete(session: BoundSession): void {
    this.sessions.delete(session);
    this.whenGone?.();
  }

  /**
   * Ends all sessions; resolves when they are gone, or when only `asking` is left, which ends once
   * it was answered. Connections that take longer than `timeoutMs` are cut off.
   */
  async drain(reason: ProtocolError, timeoutMs: number, asking?: BoundSession): Promise<void> {
    for (const session of this.sessions) session.leave(reason);
    if (this.countBeside(asking) === 0) return;
    const timer = setTimeout(() => {
      for (const session of this.sessions) if (session !== asking) session.hangUp();
    }, timeoutMs);
    await new Promise<void>((resolve) => {
      this.whenGone = () => {
        if (this.countBeside(asking) === 0) resolve();
      };
    });
    clearTimeout(timer);
    this.whenGone = undefined;
  }
}
