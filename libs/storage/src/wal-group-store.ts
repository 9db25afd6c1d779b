import { decodeGroupRecord, encodeGroupChange } from './group-record-codec';
import type { GroupChange, GroupRecord, GroupStore } from './group-store';
import type { StateLog } from './state-log';
import { StorageError } from './storage-error';

/**
 * The group store on a log of the instance's own.
 *
 * Life: reads nothing before it is first used, so a broker without groups does not pay for them.
 * A log that is damaged fails every call with CORRUPT and leaves the rest of the instance alone.
 */
export class WalGroupStore implements GroupStore {
  private opening: Promise<StateLog> | undefined;
  private opened: StateLog | undefined;

  /** @param openLog Replays the log. */
  constructor(private readonly openLog: () => Promise<StateLog>) {}

  async open(): Promise<void> {
    await this.state();
  }

  load(): readonly GroupRecord[] {
    if (this.opened === undefined) {
      throw new StorageError('CLOSED', 'the log of the groups was not opened');
    }
    const records: GroupRecord[] = [];
    for (const [key, value] of this.opened.entries()) {
      const record = decodeGroupRecord(key, value);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  async append(changes: readonly GroupChange[]): Promise<void> {
    // The same wait for every call, so that they go on in their order.
    const state = await this.state();
    await state.append(changes.map(encodeGroupChange));
  }

  /** One replay for all who ask meanwhile; one that failed is tried again by the next. */
  private state(): Promise<StateLog> {
    this.opening ??= this.openLog().then(
      (opened) => (this.opened = opened),
      (error: unknown) => {
        this.opening = undefined;
        throw error;
      },
    );
    return this.opening;
  }
}
