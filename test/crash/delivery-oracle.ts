// Judges what is read back after a crash. Knows nothing of the broker: it is told what was sent and
// what was acknowledged, and is shown what the logs hold.
import { RecordSource } from './record-source';

/** A record as a consumer got it. */
export interface ReadRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export type FindingKind =
  /** Acknowledged, or read before, and not there any more. */
  | 'lost'
  /** There under its key, with another value. */
  | 'altered'
  /** There, but nobody sent it to this partition. */
  | 'invented'
  /** There twice. */
  | 'repeated'
  /** Not at the offset that was acknowledged or read before. */
  | 'moved'
  /** Offsets are not 0, 1, 2… */
  | 'gap'
  /** Acknowledged records of one sender lie in another order than they were sent in. */
  | 'reordered'
  /** Of an atomic call some records are there and some are not, or others lie between them. */
  | 'split';

export interface Finding {
  readonly kind: FindingKind;
  readonly partition: number;
  /** What and where, for people. */
  readonly text: string;
}

interface SentRecord {
  readonly partition: number;
  readonly lane: string;
  /** Where it must be: acknowledged there, or read there after a crash. */
  offset: number | undefined;
  acknowledged: boolean;
}

interface AtomicCall {
  readonly partition: number;
  readonly ids: readonly number[];
}

function sameBytes(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}

/**
 * What one data directory owes its clients.
 *
 * Order: `sent` comes before the bytes leave, `acknowledged` when the answer came, `check` while
 * nothing is being sent.
 *
 * Invariant: once a record was acknowledged or seen by `check`, it is owed at that offset for ever:
 * a readable record has been written, and process death takes back nothing that was written.
 */
export class DeliveryOracle {
  private readonly records = new Map<number, SentRecord>();
  private readonly calls: AtomicCall[] = [];
  private acknowledgedTotal = 0;

  constructor(private readonly source: RecordSource) {}

  /** Records acknowledged so far. */
  get acknowledgedCount(): number {
    return this.acknowledgedTotal;
  }

  /**
   * Notes records about to be sent.
   *
   * @param lane Names the sender: order holds within one lane and partition.
   * @param atomic Whether they go in one call that is all or nothing.
   */
  sent(lane: string, partition: number, ids: readonly number[], atomic: boolean): void {
    for (const id of ids) {
      this.records.set(id, { partition, lane, offset: undefined, acknowledged: false });
    }
    if (atomic) this.calls.push({ partition, ids });
  }

  /**
   * Notes an acknowledgement of a record that was sent.
   *
   * @throws {RangeError} The id was never sent: the caller, not the broker, is wrong.
   */
  acknowledged(id: number, offset: number): void {
    const record = this.records.get(id);
    if (record === undefined) throw new RangeError(`record ${id} was never sent`);
    if (!record.acknowledged) this.acknowledgedTotal += 1;
    record.acknowledged = true;
    record.offset = offset;
  }

  /** Compares a partition, read from its first record to its end, with what it owes. */
  check(partition: number, read: readonly ReadRecord[]): Finding[] {
    const findings: Finding[] = [];
    const find = (kind: FindingKind, text: string): void => {
      findings.push({ kind, partition, text });
    };
    const present = new Map<number, number>();
    for (const [position, record] of read.entries()) {
      if (record.offset !== position) find('gap', `offset ${record.offset} at place ${position}`);
      this.checkRecord(partition, record, present, find);
    }
    this.checkOwed(partition, present, find);
    this.checkOrder(partition, find);
    this.checkCalls(partition, present, find);
    return findings;
  }

  private checkRecord(
    partition: number,
    read: ReadRecord,
    present: Map<number, number>,
    find: (kind: FindingKind, text: string) => void,
  ): void {
    const id = RecordSource.idOf(read.key);
    const sent = id === undefined ? undefined : this.records.get(id);
    if (id === undefined || sent?.partition !== partition) {
      const key = read.key?.subarray(0, 40).toString('latin1') ?? 'null';
      find('invented', `key ${JSON.stringify(key)} at offset ${read.offset}`);
      return;
    }
    const earlier = present.get(id);
    if (earlier !== undefined) {
      find('repeated', `record ${id} at offsets ${earlier} and ${read.offset}`);
      return;
    }
    present.set(id, read.offset);
    if (!sameBytes(this.source.record(id).value, read.value)) {
      find('altered', `record ${id} at offset ${read.offset}`);
    }
    if (sent.offset !== undefined && sent.offset !== read.offset) {
      find('moved', `record ${id} from offset ${sent.offset} to ${read.offset}`);
    }
    sent.offset ??= read.offset;
  }

  private checkOwed(
    partition: number,
    present: ReadonlyMap<number, number>,
    find: (kind: FindingKind, text: string) => void,
  ): void {
    for (const [id, { partition: where, offset, acknowledged }] of this.records) {
      if (where !== partition || offset === undefined || present.has(id)) continue;
      const claim = acknowledged ? 'acknowledged' : 'read before';
      find('lost', `record ${id}, ${claim} at offset ${offset}`);
    }
  }

  private checkOrder(partition: number, find: (kind: FindingKind, text: string) => void): void {
    const last = new Map<string, { id: number; offset: number }>();
    for (const [id, { partition: where, lane, offset, acknowledged }] of this.records) {
      if (where !== partition || offset === undefined || !acknowledged) continue;
      const before = last.get(lane);
      if (before !== undefined && before.offset >= offset) {
        find('reordered', `${lane}: record ${id} at ${offset}, ${before.id} at ${before.offset}`);
      }
      last.set(lane, { id, offset });
    }
  }

  private checkCalls(
    partition: number,
    present: ReadonlyMap<number, number>,
    find: (kind: FindingKind, text: string) => void,
  ): void {
    for (const { partition: where, ids } of this.calls) {
      if (where !== partition) continue;
      const there = ids.filter((id) => present.has(id));
      const first = present.get(ids[0] ?? -1);
      if (there.length === 0) continue;
      const together =
        first !== undefined && ids.every((id, place) => present.get(id) === first + place);
      if (!together) {
        find(
          'split',
          `${there.length} of ${ids.length} records of one call (record ${ids[0] ?? -1})`,
        );
      }
    }
  }
}
