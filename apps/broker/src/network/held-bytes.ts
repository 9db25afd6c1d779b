import { OWN_REPLY_BYTES, type ReplyRoom } from '../instance/client-session';
import type { InstanceQuota } from '../instance/instance-quota';
import type { Counters } from '../observability/counters';
import type { BudgetHolder, MemoryBudget } from './memory-budget';

/** What is reserved for a page of a list while it is made, or a quarter of the budget. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** The budgets that one connection takes from. */
export interface ConnectionBudgets {
  /** For requests. */
  readonly budget: MemoryBudget;
  /** For replies. */
  readonly replyBudget: MemoryBudget;
  readonly counters: Pick<Counters, 'heldBytes'>;
}

/**
 * What one connection holds of the memory for requests and for replies.
 *
 * Replies have a budget of their own, so that clients that do not read theirs keep nobody's
 * requests from being read.
 *
 * Life: until `release`; what handlers that still run reserve or give back then counts no more.
 *
 * Invariant: `requests` and `replies` are what the two budgets believe that the connection holds,
 * `records` what the quota of its instance believes.
 */
export class HeldBytes implements ReplyRoom {
  private requests = 0;
  /** Those that are reserved included. */
  private replies = 0;
  /** Of the replies, those with records that have not left, and what is reserved for such. */
  private records = 0;
  private reserved = 0;
  /** For a page that is made. */
  private pageBytes = 0;
  private isReleased = false;

  constructor(
    private readonly budgets: ConnectionBudgets,
    private readonly holder: BudgetHolder,
    private readonly quota: () => InstanceQuota | undefined,
  ) {}

  /**
   * Notes what the connection holds now, beside what is reserved.
   *
   * @param recordBytes Of the replies, those with records that were not handed to the socket.
   */
  note(requestBytes: number, replyBytes: number, recordBytes: number): void {
    const { reserved, pageBytes } = this;
    this.book(requestBytes, replyBytes + reserved + pageBytes, recordBytes + reserved);
    if (this.replies === 0) this.budgets.replyBudget.endOverdraft(this.holder);
  }

  /** Whether the connection may begin a page now; it is told by `onRoom` when to ask again. */
  mayMakePage(): boolean {
    return this.budgets.replyBudget.mayTake(this.holder, PAGE_BYTES);
  }

  /** A page is made from now on. One at a time. */
  beginPage(): void {
    this.pageBytes = Math.min(PAGE_BYTES, this.budgets.replyBudget.bytesMax / 4);
    this.book(this.requests, this.replies + this.pageBytes, this.records);
  }

  /** It is made: what it takes is noted like any reply. */
  endPage(): void {
    const { pageBytes } = this;
    this.pageBytes = 0;
    this.book(this.requests, this.replies - pageBytes, this.records);
  }

  reserve(bytes: number): void {
    this.reserved += bytes;
    this.book(this.requests, this.replies + bytes, this.records + bytes);
  }

  /** Whether more requests may be read; as `MemoryBudget.mayRead`. */
  mayRead(isMidFrame: boolean): boolean {
    return this.budgets.budget.mayRead(this.holder, isMidFrame);
  }

  /** Whether replies fill their budget, and this connection has its own part of them. */
  get isCrowdedOut(): boolean {
    return this.replies >= OWN_REPLY_BYTES && !this.budgets.replyBudget.hasRoom;
  }

  roomBytes(): number {
    const room = Math.min(this.budgets.replyBudget.roomBytes, this.quotaRoomBytes);
    return Math.max(0, OWN_REPLY_BYTES - this.replies, room);
  }

  /** The connection is gone and holds nothing any more. */
  release(): void {
    this.book(0, 0, 0);
    this.isReleased = true;
    this.budgets.budget.leave(this.holder);
    this.budgets.replyBudget.leave(this.holder);
  }

  private get quotaRoomBytes(): number {
    const room = this.quota()?.replyRoomBytes ?? Infinity;
    if (room > OWN_REPLY_BYTES || this.records > 0) return room;
    // A quota however small lets a batch pass however large, but leaves others half of the budget.
    return this.budgets.replyBudget.isHalfFree ? OWN_REPLY_BYTES + 1 : room;
  }

  private book(requests: number, replies: number, records: number): void {
    if (this.isReleased) return;
    const requestDelta = requests - this.requests;
    const replyDelta = replies - this.replies;
    const recordDelta = records - this.records;
    if (requestDelta === 0 && replyDelta === 0 && recordDelta === 0) return;
    this.requests = requests;
    this.replies = replies;
    this.records = records;
    const quota = this.quota();
    if (quota !== undefined) quota.heldReplyBytes += recordDelta;
    this.budgets.counters.heldBytes += requestDelta + replyDelta;
    this.budgets.budget.add(requestDelta);
    this.budgets.replyBudget.add(replyDelta);
  }
}
