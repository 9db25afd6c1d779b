import type { Signal } from '../../signal';
import type { ClassicMember } from './classic-member';
import type { GroupLeader } from './group-leader';
import type { GroupTopics } from './group-topics';

/**
 * Looks from time to time whether the topics ask for a rebalance: its leader does for the group,
 * and a member that subscribes by a pattern does for itself.
 */
export class TopicWatch {
  /** Whether the topics are to be looked at. */
  isDue = false;

  constructor(
    private readonly member: ClassicMember,
    private readonly topics: GroupTopics,
    private readonly leader: GroupLeader,
    private readonly maxAgeMs: number,
  ) {}

  /** Resolves when `alarm` is given, which it does itself once it is time to look. */
  async rest(alarm: Signal): Promise<void> {
    const looks = this.member.isLeader || this.topics.isByPattern;
    const look = (): void => {
      this.isDue = true;
      alarm.notify();
    };
    // The consumer's connections keep the process alive; this timer need not.
    const timer = looks ? setTimeout(look, this.maxAgeMs).unref() : undefined;
    try {
      await alarm.wait();
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Whether the topics are others than when the leader assigned them, or match otherwise than when
   * the member joined. Errors as those of `GroupTopics`: they are still to be looked at.
   */
  async isOther(): Promise<boolean> {
    const { member, topics, leader } = this;
    const isOther =
      (member.isLeader && (await leader.hasChanged())) ||
      (topics.isByPattern && (await topics.subscribed()).join() !== member.topics.join());
    this.isDue = false;
    return isOther;
  }
}
