import { decodeGroupRecord, encodeGroupChange } from './group-record-codec';
import type { GroupChange, GroupRecord, GroupStore } from './group-store';
import type { MemoryCommit } from './memory-partition-log';
import { STATE_VALUE_BYTES_MAX } from './state-log';
import { StorageError } from './storage-error';

/** A group store that forgets everything with the process; for tests. */
export class MemoryGroupStore implements GroupStore {
  private readonly values = new Map<string, Buffer>();
  private isClosed = false;

  constructor(private readonly commit: MemoryCommit) {}

  async open(): Promise<void> {
    return Promise.resolve();
  }

  load(): readonly GroupRecord[] {
    this.checkOpen();
    return [...this.values].flatMap(([key, value]) => decodeGroupRecord(key, value) ?? []);
  }

  async append(changes: readonly GroupChange[]): Promise<void> {
    this.checkOpen();
    const encoded = changes.map(encodeGroupChange);
    if (encoded.some(({ value }) => (value?.length ?? 0) > STATE_VALUE_BYTES_MAX)) {
      throw new StorageError('INVALID_INPUT', 'a group record is too large');
    }
    await new Promise<void>((resolve) => {
      this.commit(() => {
        for (const { key, value } of encoded) {
          this.values.delete(key);
          if (value !== null) this.values.set(key, value);
        }
        resolve();
      });
    });
  }

  /** Ends the store: every later call fails with CLOSED. */
  close(): void {
    this.isClosed = true;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StorageError('CLOSED', 'the instance is closed');
  }
}
