import type { ClientUnderTest, ReceivedRecord, TopicPartition } from '../client-under-test';
import { WITHIN_MS } from './client-context';

/** What a poll waits when nothing else is asked for. */
const POLL_MS = 200;

/** Members of one client that are polled together; what they get is kept. */
export class PolledGroup {
  private readonly received = new Map<string, ReceivedRecord[]>();

  constructor(
    private readonly client: ClientUnderTest,
    private readonly pollMs = POLL_MS,
  ) {}

  /** What a member got so far, in the order it came. */
  recordsOf(member: string): ReceivedRecord[] {
    const known = this.received.get(member) ?? [];
    this.received.set(member, known);
    return known;
  }

  /** What a member owns, sorted, as `topic/partition`. */
  async ownedBy(member: string): Promise<readonly string[]> {
    return names(await this.client.assignment({ member }));
  }

  /**
   * Polls until the condition holds after a round.
   *
   * @throws {Error} It never came true; says what.
   */
  async until(
    members: readonly string[],
    condition: () => boolean | Promise<boolean>,
    what: string,
  ): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    do {
      if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
      await Promise.all(members.map((member) => this.poll(member)));
    } while (!(await condition()));
  }

  private async poll(member: string): Promise<void> {
    const records = await this.client.poll({ member, recordsMax: 200, withinMs: this.pollMs });
    this.recordsOf(member).push(...records);
  }
}

export function names(partitions: readonly TopicPartition[]): readonly string[] {
  return partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort();
}

/** All partitions of a topic, as `names` has them. */
export function allOf(topic: string, count: number): readonly string[] {
  return names(Array.from({ length: count }, (_, partition) => ({ topic, partition })));
}
