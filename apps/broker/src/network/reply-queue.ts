import type { RequestKind } from './wire';

type ReplyKind = Pick<RequestKind, 'carriesRecords' | 'carriesPage'>;

/** The place of one request in the order of replies. */
export interface ReplySlot extends ReplyKind {
  /** Bytes of the request, which count as held until its reply is handed to the socket. */
  requestBytes: number;
  /**
   * The reply's pieces; undefined while the request is worked on, empty for one without a reply.
   */
  reply: readonly Buffer[] | undefined;
  replyBytes: number;
  /** Whether nobody is to see the reply, as the connection ended before it. */
  isDropped: boolean;
}

const PLAIN: ReplyKind = { carriesRecords: false, carriesPage: false };

/**
 * The requests of one connection that have no reply on the socket yet, in request order.
 *
 * Order: handlers complete in any order; `takeReady` gives replies in request order only.
 *
 * Invariants:
 *  1. `heldBytes` is the request bytes of all slots and the reply bytes of the completed ones.
 *  2. Each slot is completed once, and taken once unless it was dropped.
 */
export class ReplyQueue {
  private slots: ReplySlot[] = [];
  private held = 0;
  private heldReplies = 0;
  private heldRecords = 0;

  /** Requests without a reply on the socket. */
  get length(): number {
    return this.slots.length;
  }

  /** Bytes that the requests and the replies in the queue hold. */
  get heldBytes(): number {
    return this.held;
  }

  /** Of those, the bytes of replies. */
  get replyBytes(): number {
    return this.heldReplies;
  }

  /** Of those, the bytes of replies with records. */
  get recordBytes(): number {
    return this.heldRecords;
  }

  /** Whether one of the requests is answered by a page, be that made already or not. */
  get hasPage(): boolean {
    return this.slots.some(({ carriesPage }) => carriesPage);
  }

  /** Whether a reply can be taken. */
  get isReady(): boolean {
    return this.slots[0]?.reply !== undefined;
  }

  /** Adds a request at the end. */
  open(requestBytes: number, { carriesRecords, carriesPage } = PLAIN): ReplySlot {
    const reply = undefined;
    const kind = { carriesRecords, carriesPage };
    const slot: ReplySlot = { requestBytes, reply, replyBytes: 0, ...kind, isDropped: false };
    this.slots.push(slot);
    this.held += requestBytes;
    return slot;
  }

  /** The request of a slot holds so many bytes. */
  noteRequest(slot: ReplySlot, requestBytes: number): void {
    if (slot.isDropped) return;
    this.held += requestBytes - slot.requestBytes;
    slot.requestBytes = requestBytes;
  }

  /** Hands in the pieces of a reply; none for a request that gets no reply. */
  complete(slot: ReplySlot, reply: readonly Buffer[]): void {
    if (slot.isDropped) return;
    let replyBytes = 0;
    for (const piece of reply) replyBytes += piece.length;
    slot.reply = reply;
    slot.replyBytes = replyBytes;
    this.held += replyBytes;
    this.heldReplies += replyBytes;
    if (slot.carriesRecords) this.heldRecords += replyBytes;
  }

  /** Forgets the requests behind a slot, whatever becomes of them. */
  dropBehind(slot: ReplySlot): void {
    if (slot.isDropped) return;
    for (const behind of this.slots.splice(this.slots.indexOf(slot) + 1)) {
      this.forget(behind);
      behind.isDropped = true;
    }
  }

  /**
   * Takes the replies that are next in order, up to one that `mayTake` holds back, and forgets
   * their requests.
   */
  takeReady(mayTake: (slot: ReplySlot) => boolean): (readonly Buffer[])[] {
    const replies: (readonly Buffer[])[] = [];
    let taken = 0;
    for (const slot of this.slots) {
      if (slot.reply === undefined || !mayTake(slot)) break;
      if (slot.reply.length > 0) replies.push(slot.reply);
      this.forget(slot);
      taken += 1;
    }
    this.slots = taken === this.slots.length ? [] : this.slots.slice(taken);
    return replies;
  }

  /** Forgets everything, when the socket is gone. */
  clear(): void {
    this.slots = [];
    this.held = 0;
    this.heldReplies = 0;
    this.heldRecords = 0;
  }

  private forget({ requestBytes, replyBytes, carriesRecords }: ReplySlot): void {
    this.held -= requestBytes + replyBytes;
    this.heldReplies -= replyBytes;
    if (carriesRecords) this.heldRecords -= replyBytes;
  }
}
