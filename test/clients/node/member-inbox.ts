import type { OffsetOfPartition, ReceivedRecord, TopicPartition } from '../client-under-test';

/** Records that a member holds before it stops its client. */
const RECORDS_MAX = 1_000;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * Between a client that hands records over by itself and a suite that polls for them.
 *
 * Life: from the join to `end`; after `fail` every poll throws what the client failed with.
 */
export class MemberInbox {
  private records: ReceivedRecord[] = [];
  /** Where a seek went whose first record has not come yet. */
  private readonly sought = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private failure: Error | undefined;
  private ended = false;

  get hasRoom(): boolean {
    return this.records.length < RECORDS_MAX;
  }

  /** Takes a record; one from before a seek is dropped. */
  put(record: ReceivedRecord): void {
    const offset = this.sought.get(keyOf(record));
    if (this.ended || (offset !== undefined && offset !== record.offset)) return;
    this.sought.delete(keyOf(record));
    this.records.push(record);
    this.wake();
  }

  /** Resolves when something changed, or time has passed. */
  change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, withinMs);
      this.waiting.add(settle);
    });
  }

  async poll(recordsMax: number, withinMs: number): Promise<readonly ReceivedRecord[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      const leftMs = deadline - performance.now();
      if (this.records.length > 0 || leftMs <= 0) break;
      await this.change(leftMs);
    }
    const taken = this.records.splice(0, recordsMax);
    if (taken.length > 0) this.wake();
    return taken;
  }

  /** Drops what is held of a partition, and what comes of it until its record at that offset. */
  seek(place: OffsetOfPartition): void {
    this.records = this.records.filter((record) => keyOf(record) !== keyOf(place));
    this.sought.set(keyOf(place), place.offset);
    this.wake();
  }

  /** Drops what is held of partitions that the member gives up. */
  revoke(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf));
    this.records = this.records.filter((record) => !gone.has(keyOf(record)));
    for (const key of gone) this.sought.delete(key);
    this.wake();
  }

  /** Drops everything: who reads on begins at the committed offsets. */
  clear(): void {
    this.records = [];
    this.sought.clear();
    this.wake();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.clear();
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  private wake(): void {
    for (const settle of [...this.waiting]) settle();
  }
}

/** The members of a client by their names. */
export class Members<Member> {
  private readonly members = new Map<string, Member>();

  add(name: string, member: Member): void {
    if (this.members.has(name)) throw new Error(`there is a member ${name} already`);
    this.members.set(name, member);
  }

  get(name: string): Member {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`there is no member ${name}`);
    return member;
  }

  take(name: string): Member {
    const member = this.get(name);
    this.members.delete(name);
    return member;
  }

  takeAll(): readonly Member[] {
    const all = [...this.members.values()];
    this.members.clear();
    return all;
  }
}
