import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ProtocolError, type InstanceState, type ParsedInstanceChange } from '@walrusmq/protocol';
import { directoryNameOf } from '@walrusmq/storage';
import type { BrokerSettings } from '../config/settings-table';
import type { Logger } from '../observability/broker-log';
import type { BoundSession } from './bound-sessions';
import { DEFAULT_INSTANCE } from './broker-instance';
import { ChangeQueue, type AskingSession } from './change-queue';
import {
  activeRecord,
  asProtocolError,
  checkUnused,
  checkNewKey,
  isSameOpening,
  markFailed,
  newEntry,
  takenPlace,
  takeMendedRecord,
  unusable,
  type InstanceEntry,
  type InstanceLife,
} from './instance-entry';
import { machineFiles, type InstanceFiles } from './instance-files';
import { InstanceRecords, type InstanceRecord } from './instance-records';
import { OpeningLine } from './opening-line';
import { NOTHING_SET, changedSettings, type OwnSettings } from './own-settings';

/**
 * Instances that are opened at a time behind the default one. Each has one of the four threads of
 * Node's pool, or waits for the disk; the others are left to what is served meanwhile.
 */
const OPENED_AT_ONCE = 2;

const DELETED = new ProtocolError('UNKNOWN_INSTANCE', 'The instance was deleted.');

/** What the registry needs of those above it. */
export interface InstancesParts<Services> {
  readonly settings: Pick<BrokerSettings, 'stopTimeoutMs'>;
  readonly dataDir: string;
  readonly log: Logger;
  /**
   * The settings of an instance in that directory.
   * @throws {ProtocolError} INVALID_REQUEST, INVALID_CONFIG.
   */
  readonly settingsOf: (own: OwnSettings, directory: string) => BrokerSettings;
  readonly build: (key: string, settings: BrokerSettings, own: OwnSettings) => Services;
  readonly files?: InstanceFiles;
}

/**
 * The instances of the broker, by key.
 *
 * Place: a hello asks it for the instance that it names, the operations on instances change it, and
 * the broker's lifecycle opens and closes it.
 * Life: `open` opens the default instance; `openOthers` the others behind it, two at a time;
 * `endWaits` before the connections are drained; `close`.
 * Order: creations, alterations and deletions happen one after another, whatever is still being
 * opened beside them; the space of a deleted instance goes afterwards. One whose connection is
 * gone or sent away before its turn comes does not happen, and is answered SHUTTING_DOWN.
 *
 * Invariants:
 *  1. An instance exists from the moment its record says `active` until it says `deleting`: what
 *     else a crash leaves is removed at the next start, and nothing that no record is about.
 *  2. One that cannot be opened is `failed`; the others are not touched by that.
 *  3. Never more than 64, those that are being deleted included.
 */
export class Instances<Services extends InstanceLife> {
  /** The one that lies in the data directory itself; always there. */
  readonly default: InstanceEntry<Services>;
  private readonly entries = new Map<string, InstanceEntry<Services>>();
  private readonly records: InstanceRecords;
  private readonly files: InstanceFiles;
  private readonly changes = new ChangeQueue();
  private readonly removals = new Set<Promise<void>>();
  private readonly others = new OpeningLine(
    (key) => this.openRecorded(this.require(key)),
    OPENED_AT_ONCE,
  );

  constructor(private readonly parts: InstancesParts<Services>) {
    this.files = parts.files ?? machineFiles;
    this.records = new InstanceRecords(parts.dataDir, this.files);
    this.default = this.add(DEFAULT_INSTANCE, 'opening');
  }

  /** Rejects with the BrokerStartError of the default instance; nothing is left open. */
  async open(): Promise<void> {
    const { records, damaged } = this.records.readAll();
    for (const { key, reason } of damaged) {
      this.parts.log.error({ instance: key, reason }, 'the settings of an instance are damaged');
      // The default instance goes on with the broker's settings; its list says so.
      const entry = key === DEFAULT_INSTANCE ? this.default : this.add(key, 'failed');
      entry.reason = reason;
      entry.isRecordDamaged = true;
    }
    const own = records.find(({ key }) => key === DEFAULT_INSTANCE)?.settings;
    this.default.own = own ?? NOTHING_SET;
    await this.openServices(this.default);
    this.default.state = 'open';
    for (const record of records) if (record.key !== DEFAULT_INSTANCE) this.restore(record);
  }

  /** Opens the others. Does not wait for that. */
  openOthers(): void {
    this.others.begin().catch((error: unknown) => {
      this.parts.log.error({ err: error }, 'instances were not opened');
    });
  }

  /** All of them, the default one first, then by key. */
  list(): readonly InstanceEntry<Services>[] {
    const others = [...this.entries.values()].filter((entry) => entry !== this.default);
    return [this.default, ...others.sort((one, other) => (one.key < other.key ? -1 : 1))];
  }

  /**
   * The instance with this key, in whatever state.
   * @throws {ProtocolError} UNKNOWN_INSTANCE.
   */
  require(key: string): InstanceEntry<Services> {
    const entry = this.entries.get(key);
    if (entry !== undefined) return entry;
    throw new ProtocolError('UNKNOWN_INSTANCE', `No instance ${JSON.stringify(key.slice(0, 60))}.`);
  }

  /**
   * What runs in the instance with this key, for a client to work with.
   * @throws {ProtocolError} UNKNOWN_INSTANCE, INSTANCE_FAILED, INSTANCE_BUSY.
   */
  bind(key: string): Services {
    const entry = this.require(key);
    if (entry.services !== undefined && entry.state === 'open') return entry.services;
    this.others.hasten(key);
    throw unusable(entry);
  }

  /**
   * Creates an instance; it serves when this resolves. With `validateOnly` it is only checked.
   *
   * Rejects, with nothing left, with INVALID_REQUEST, INVALID_CONFIG, INSTANCE_EXISTS,
   * INSTANCE_BUSY, LIMIT_EXCEEDED, NO_SPACE or INSTANCE_FAILED.
   */
  async create(
    change: ParsedInstanceChange,
    asking: AskingSession,
  ): Promise<InstanceEntry<Services>> {
    return this.changes.run(async () => {
      const { key } = change;
      const directory = join(this.parts.dataDir, checkNewKey(key, this.entries));
      if ((await this.files.occupation(directory)) === 'taken') throw takenPlace(key, directory);
      const own = changedSettings(NOTHING_SET, change);
      this.parts.settingsOf(own, directory);
      if (change.validateOnly) return newEntry(key, directory, own);
      await this.record({ key, state: 'creating', instanceId: '', settings: own });
      const entry = this.add(key, 'opening');
      entry.own = own;
      try {
        await this.files.makeDirectory(directory);
        entry.instanceId = (await this.openServices(entry)).storage.storage.instanceId;
        await this.record(activeRecord(entry));
        entry.state = 'open';
      } catch (error) {
        await this.undoCreation(entry);
        throw asProtocolError(error);
      }
      this.parts.log.info({ instance: key }, 'instance created');
      return entry;
    }, asking);
  }

  /**
   * Changes an instance. Quotas and defaults of topics hold for every request when this resolves. A
   * change of schedule or consistency opens it anew: its connections are closed, and their clients
   * come back. One that failed is opened again, whatever the change. With `validateOnly` nothing
   * changes.
   *
   * Rejects, with nothing changed, with UNKNOWN_INSTANCE, INVALID_REQUEST, INVALID_CONFIG,
   * INSTANCE_BUSY, INSTANCE_FAILED, NO_SPACE, or INSTANCE_IN_USE where others than `asking` are
   * connected and `force` is not set; and with INSTANCE_FAILED when it could not be opened.
   */
  async alter(
    change: ParsedInstanceChange,
    asking: AskingSession,
  ): Promise<InstanceEntry<Services>> {
    return this.changes.run(async () => {
      const entry = this.require(change.key);
      const { services, state } = entry;
      if (state === 'failed') return this.tryAgain(entry, change);
      if (services === undefined || state !== 'open') throw unusable(entry);
      const own = changedSettings(entry.own, change);
      const settings = this.parts.settingsOf(own, entry.directory);
      const before = this.parts.settingsOf(entry.own, entry.directory);
      const needsOpening = !isSameOpening(settings, before);
      if (needsOpening && !change.force) checkUnused(entry, asking);
      if (change.validateOnly) return { ...entry, own };
      await this.record({ ...activeRecord(entry), settings: own });
      entry.own = own;
      if (needsOpening) await this.reopen(entry, asking);
      else services.configure(settings, own);
      this.parts.log.info({ instance: entry.key, settings: own }, 'instance altered');
      return entry;
    }, asking);
  }

  /**
   * Deletes an instance with all that is in it; durable when this resolves. Its space goes
   * afterwards.
   *
   * Rejects, with nothing changed, with UNKNOWN_INSTANCE, INVALID_REQUEST for the default one,
   * INSTANCE_BUSY, NO_SPACE, or INSTANCE_IN_USE where others than `asking` are connected and
   * `force` is not set.
   */
  async delete(key: string, force: boolean, asking: AskingSession): Promise<void> {
    return this.changes.run(async () => {
      const entry = this.require(key);
      if (entry === this.default) {
        throw new ProtocolError('INVALID_REQUEST', 'The default instance cannot be deleted.');
      }
      const isDeletable = entry.state === 'open' || entry.state === 'failed';
      if (!isDeletable || entry.isHeldElsewhere) throw unusable(entry);
      if (!force) checkUnused(entry, asking);
      const stateBefore = entry.state;
      // From here on nobody binds to it; who did so before the record is written is sent away.
      entry.state = 'deleting';
      try {
        await this.record({ ...activeRecord(entry), state: 'deleting' });
      } catch (error) {
        entry.state = stateBefore;
        throw error;
      }
      await this.closeServices(entry, DELETED, asking);
      this.parts.log.info({ instance: key }, 'instance deleted');
      this.removeInBackground(entry);
    }, asking);
  }

  /** What the files of an instance take on the disk. */
  diskUse({ directory }: InstanceEntry<Services>): ReturnType<InstanceFiles['diskUse']> {
    return this.files.diskUse(directory);
  }

  /** Logs which instances take no writes, once for each; cheap enough for every second. */
  reportRefusals(): void {
    for (const { services } of this.entries.values()) {
      services?.storage.reportFence();
      services?.storage.reportRoom();
    }
  }

  /** Ends the requests that wait, and lets none wait any more; nothing is changed any more. */
  endWaits(): void {
    this.changes.stop();
    this.others.stop();
    for (const { services } of this.entries.values()) services?.endWaits();
  }

  /**
   * Syncs and closes all of them, once what is being opened is open. Idempotent. Rejects with the
   * first error of a last sync.
   */
  async close(): Promise<void> {
    this.endWaits();
    await Promise.all([this.changes.idle(), this.others.idle()]);
    const open = [...this.entries.values()].flatMap(({ services }) => services ?? []);
    const closed = await Promise.allSettled(open.map((services) => services.close()));
    await Promise.all(this.removals);
    const failed = closed.find(({ status }) => status === 'rejected');
    if (failed !== undefined && 'reason' in failed) throw failed.reason;
  }

  private add(key: string, state: InstanceState): InstanceEntry<Services> {
    const { dataDir } = this.parts;
    const directory = key === DEFAULT_INSTANCE ? dataDir : join(dataDir, directoryNameOf(key));
    const entry = { ...newEntry<Services>(key, directory, NOTHING_SET), state };
    this.entries.set(key, entry);
    return entry;
  }

  private restore({ key, state, instanceId, settings }: InstanceRecord): void {
    const entry = this.add(key, state === 'active' ? 'opening' : 'deleting');
    entry.own = settings;
    entry.instanceId = instanceId;
    if (state === 'active') this.others.add(key);
    else this.removeInBackground(entry);
  }

  /**
   * Opens what a record says is there; whether that went well. An entry that cannot be opened is
   * `failed`.
   */
  private async openRecorded(entry: InstanceEntry<Services>): Promise<boolean> {
    entry.state = 'opening';
    entry.reason = undefined;
    try {
      // It would be made into another, empty instance.
      if (entry !== this.default && (await this.files.occupation(entry.directory)) === 'free') {
        throw new Error(`its directory ${entry.directory} is gone`);
      }
      const services = await this.openServices(entry);
      const { instanceId, directory } = services.storage.storage;
      if (entry !== this.default && directory !== '' && instanceId !== entry.instanceId) {
        await services.close();
        throw new Error(`${entry.directory} holds another instance, with the id ${instanceId}`);
      }
      entry.state = 'open';
      return true;
    } catch (error) {
      markFailed(entry, error);
      this.parts.log.error({ instance: entry.key, err: error }, 'an instance cannot be opened');
      return false;
    }
  }

  /** Opens one that failed: what was in its way may have been mended. */
  private async tryAgain(
    entry: InstanceEntry<Services>,
    change: ParsedInstanceChange,
  ): Promise<InstanceEntry<Services>> {
    if (entry.isRecordDamaged) takeMendedRecord(entry, () => this.records.read(entry.key));
    const own = changedSettings(entry.own, change);
    this.parts.settingsOf(own, entry.directory);
    if (change.validateOnly) return { ...entry, own };
    if (!isDeepStrictEqual(own, entry.own)) {
      await this.record({ ...activeRecord(entry), settings: own });
    }
    entry.own = own;
    if (!(await this.openRecorded(entry))) throw unusable(entry);
    this.parts.log.info({ instance: entry.key, settings: own }, 'an instance that failed is open');
    return entry;
  }

  private async openServices(entry: InstanceEntry<Services>): Promise<Services> {
    const { key, own, directory } = entry;
    const services = this.parts.build(key, this.parts.settingsOf(own, directory), own);
    await services.open();
    // The broker is stopping: nobody waits in it any more.
    if (this.changes.isStopped) services.endWaits();
    entry.services = services;
    return services;
  }

  private async undoCreation(entry: InstanceEntry<Services>): Promise<void> {
    entry.state = 'deleting';
    await this.closeServices(entry, DELETED);
    this.removeInBackground(entry);
    await Promise.all(this.removals);
  }

  private async reopen(entry: InstanceEntry<Services>, asking: BoundSession): Promise<void> {
    entry.state = 'opening';
    const reason = new ProtocolError('INSTANCE_BUSY', 'The instance is being opened anew.');
    await this.closeServices(entry, reason, asking);
    if (!(await this.openRecorded(entry))) throw unusable(entry);
  }

  /** Sends its connections away and closes it, whether or not its last syncs succeed. */
  private async closeServices(
    entry: InstanceEntry<Services>,
    reason: ProtocolError,
    asking?: BoundSession,
  ): Promise<void> {
    const { services } = entry;
    if (services === undefined) return;
    services.endWaits();
    await services.sessions.drain(reason, this.parts.settings.stopTimeoutMs, asking);
    entry.services = undefined;
    // It is closed all the same. Of a deleted one all is about to go; what another has lost shows
    // when it is opened.
    await services.close().catch((error: unknown) => {
      const text = 'an instance was closed, but what was last written was not saved or synced';
      this.parts.log.warn({ instance: entry.key, err: error }, text);
    });
  }

  /** Gives the space back of an instance whose record says that nobody may have it. */
  private removeInBackground(entry: InstanceEntry<Services>): void {
    const text = 'the space of a deleted instance is given back at the next start';
    const removal = this.removeFiles(entry)
      .catch((error: unknown) => this.parts.log.error({ instance: entry.key, err: error }, text))
      .finally(() => this.removals.delete(removal));
    this.removals.add(removal);
  }

  private async removeFiles({ key }: InstanceEntry<Services>): Promise<void> {
    const left = await this.files.removeInstance(this.parts.dataDir, directoryNameOf(key));
    if (left.length > 0) {
      const text = 'the directory of a deleted instance stays: it holds files that are not ours';
      this.parts.log.warn({ instance: key, left: left.slice(0, 10) }, text);
    }
    await this.records.remove(key);
    this.entries.delete(key);
  }

  private record(record: InstanceRecord): Promise<void> {
    return this.records.write(record).catch((error: unknown) => {
      throw asProtocolError(error);
    });
  }
}
