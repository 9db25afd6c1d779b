import type { TopicDescription, TopicPin } from '@walrusmq/storage';
import type { Partition } from './partition';

/** Where those who pin stand; one for each kind of them. */
export interface PinPositions {
  /**
   * Every record of the partition below it was passed, durably or in the log's order of writing;
   * undefined: no position was saved.
   */
  position(name: string, partition: Partition): number | undefined;
}

/** Whether a pin of a topic, as both are when it is asked, is to go. */
export type IsPinDue = (topic: TopicDescription, pin: TopicPin) => boolean;

/** What is done with a topic's pins while nobody else changes it; `save` makes them others. */
export type PinChange<Value> = (
  topic: TopicDescription,
  save: (pins: readonly TopicPin[]) => Promise<TopicDescription>,
) => Promise<Value>;

/** Named readers pin where their cursor is. */
export const readerPositions: PinPositions = {
  position: (name, partition) => partition.cursor(name),
};

/**
 * Who holds records back, how far they are and when they were last heard of.
 *
 * Place: the topic catalogue has the pins themselves; this knows the holders' positions (of each
 * kind that was registered) and when they last moved. The broker's start counts as a sign of life.
 * Bounds: an entry for each pin that was touched; `forget` drops those of pins that are gone.
 */
export class Pins {
  private readonly lastSeenMs = new Map<string, number>();
  private readonly sinceMs: number;

  private readonly positions: Partial<Record<TopicPin['kind'], PinPositions>>;

  /** @param positions Of each kind of holder that there is; see `register`. */
  constructor(
    positions: Partial<Readonly<Record<TopicPin['kind'], PinPositions>>>,
    private readonly monotonicMs: () => number,
  ) {
    this.positions = { ...positions };
    this.sinceMs = monotonicMs();
  }

  /** Says where holders of this kind stand; until then each of them keeps everything. */
  register(kind: TopicPin['kind'], positions: PinPositions): void {
    this.positions[kind] = positions;
  }

  /** The holder saved a position, or asked for its pin. Nothing happens when it has none. */
  touch(topic: TopicDescription, kind: TopicPin['kind'], name: string): void {
    const isPinned = topic.pins.some((pin) => isSamePin(pin, { kind, name }));
    if (isPinned) this.lastSeenMs.set(keyOf(topic.id, kind, name), this.monotonicMs());
  }

  /** The pin is gone, or its topic. */
  forget(topicId: string, { kind, name }: TopicPin): void {
    this.lastSeenMs.delete(keyOf(topicId, kind, name));
  }

  /** How long nothing was heard of the pin's holder. */
  idleMs(topic: TopicDescription, { kind, name }: TopicPin): number {
    const lastMs = this.lastSeenMs.get(keyOf(topic.id, kind, name)) ?? this.sinceMs;
    return Math.max(0, Math.round(this.monotonicMs() - lastMs));
  }

  /** Whether the pin has outlived the time that its holder may be silent. */
  hasExpired(topic: TopicDescription, pin: TopicPin): boolean {
    return pin.expireMs !== undefined && this.idleMs(topic, pin) >= pin.expireMs;
  }

  /** What one pin keeps of a partition: the records from here on. */
  keptFrom(pin: TopicPin, partition: Partition): number {
    // A kind that nobody knows (of a later version) keeps everything.
    return this.positions[pin.kind]?.position(pin.name, partition) ?? 0;
  }

  /** The offset below which all of them have passed; 0 when there is no pin. */
  passedBelow(pins: readonly TopicPin[], partition: Partition): number {
    if (pins.length === 0) return 0;
    return Math.min(...pins.map((pin) => this.keptFrom(pin, partition)));
  }
}

/** Whether they are of the same holder. */
export function isSamePin(one: TopicPin, other: TopicPin): boolean {
  return one.kind === other.kind && one.name === other.name;
}

function keyOf(topicId: string, kind: TopicPin['kind'], name: string): string {
  return `${topicId}/${kind}/${name}`;
}
