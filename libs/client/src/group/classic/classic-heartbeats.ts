import { asWalrusError, type BrokerClient } from '../../broker-client';
import type { WalrusError } from '../../errors';
import { Signal } from '../../signal';
import { REBALANCE_IN_PROGRESS } from '../group-errors';
import type { Standing } from '../standing';
import type { ClassicMember } from './classic-member';

/** What heartbeats are sent with. */
export interface HeartbeatOptions {
  readonly member: ClassicMember;
  readonly control: BrokerClient;
  /** Says when the next one is due; told of what is answered. */
  readonly standing: Standing;
  /** Whether the member is to be kept: not while it waits for the group to join, or has left. */
  readonly isDue: () => boolean;
  /** The broker has answered, or one was not due. */
  readonly onAnswered: () => void;
  /** The broker refused one of the member's present generation. */
  readonly onRefused: (error: WalrusError) => void;
}

/**
 * Keeps a member in its classic group, whatever else it is doing, from `start` to `stop`.
 *
 * Invariant: an answer counts only if the member has neither left its generation nor begun to join
 * the next one since: it says nothing about the one that follows.
 */
export class ClassicHeartbeats {
  private readonly alarm = new Signal();
  private isStopped = false;

  constructor(private readonly options: HeartbeatOptions) {}

  /** Sends one each interval. */
  start(): void {
    void this.run();
  }

  /** Sends one now. */
  now(): void {
    this.alarm.notify();
  }

  /** Sends none from now on. */
  stop(): void {
    this.isStopped = true;
    this.alarm.notify();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await this.rest();
      await this.beat();
    }
  }

  private async rest(): Promise<void> {
    // The consumer's connections keep the process alive; this timer need not.
    const timer = setTimeout(() => this.alarm.notify(), this.options.standing.intervalMs).unref();
    try {
      await this.alarm.wait();
    } finally {
      clearTimeout(timer);
    }
  }

  private async beat(): Promise<void> {
    const { member, control, standing, isDue, onAnswered, onRefused } = this.options;
    if (isDue()) {
      const { epoch, id } = member;
      const sentMs = performance.now();
      try {
        await control.request('heartbeat', member.heartbeat(), standing.answerMs);
        standing.heard(sentMs);
      } catch (thrown) {
        const error = asWalrusError(thrown);
        // Who is called to join is in the group.
        if (error.code === REBALANCE_IN_PROGRESS) standing.heard(sentMs);
        const isMeant = isDue() && member.epoch === epoch && member.id === id;
        // What may pass is tried again at the next interval; a lost connection waits for its own
        // backoff there.
        if (isMeant && !error.retriable) onRefused(error);
      }
    }
    onAnswered();
  }
}
