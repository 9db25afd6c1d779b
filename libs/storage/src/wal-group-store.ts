import { decodeGroupRecord, encodeGroupChange } from './group-record-codec';
import type { GroupChange, GroupRecord, GroupStore } from './group-store';
import { StateLog } from './state-log';

/**
 * The group store on a log of the instance's own.
 *
 * Life: reads nothing before it is first used, so a broker without groups does not pay for them.
 * A log that is damaged fails every call with CORRUPT and leaves the rest of the instance alone.
 */
export class WalGroupStore implements GroupStore {
  private opened: StateLog | undefined;

  /** @param open Replays the log. */
  constructor(private readonly open: () => StateLog) {}

  load(): readonly GroupRecord[] {
    const records: GroupRecord[] = [];
    for (const [key, value] of this.state().entries()) {
      const record = decodeGroupRecord(key, value);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  async append(changes: readonly GroupChange[]): Promise<void> {
    await this.state().append(changes.map(encodeGroupChange));
  }

  private state(): StateLog {
    this.opened ??= this.open();
    return this.opened;
  }
}
