/** Who keeps decoded entries and can do without. */
export interface EntryKeeper {
  /** Drops them. */
  forget(): void;
}

/**
 * Bounds the decoded entries of all readers of an instance: those that read ahead longest ago
 * forget theirs.
 */
export class KeptEntries {
  /** Encoded size by keeper, the one that changed longest ago first. */
  private readonly sizes = new Map<EntryKeeper, number>();
  private total = 0;

  constructor(private readonly bytesMax: number) {}

  /** Encoded size of what is kept in all. */
  get bytes(): number {
    return this.total;
  }

  /** What `keeper` keeps changed by so many bytes. */
  changed(keeper: EntryKeeper, deltaBytes: number): void {
    const size = (this.sizes.get(keeper) ?? 0) + deltaBytes;
    this.total += deltaBytes;
    this.sizes.delete(keeper);
    if (size === 0) return;
    this.sizes.set(keeper, size);
    for (const other of [...this.sizes.keys()]) {
      if (this.total <= this.bytesMax || other === keeper) return;
      other.forget();
    }
  }
}
