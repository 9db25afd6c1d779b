// Which instances there are and what is set for them: a small file each, in a directory that no key
// can have (docs/design/0010-instances.md).
import { dirname, join } from 'node:path';
import { crc32c } from '@walrusmq/record-batch';
import { directoryNameOf, keyOfDirectoryName } from '@walrusmq/storage';
import { BrokerStartError } from '../config/broker-start-error';
import { DEFAULT_INSTANCE } from './broker-instance';
import type { InstanceFiles } from './instance-files';
import type { OwnSettings } from './own-settings';

/**
 * How far an instance is: `creating` and `deleting` mean that its directory, if there is one, holds
 * nothing that anybody may have.
 */
export type RecordedState = 'creating' | 'active' | 'deleting';

/** What is kept of an instance. */
export interface InstanceRecord {
  readonly key: string;
  readonly state: RecordedState;
  /** That of its storage; empty while it is being created, and for the default instance. */
  readonly instanceId: string;
  readonly settings: OwnSettings;
}

/** A file that makes no sense, and why. */
export interface DamagedRecord {
  /** Told by the file's name. */
  readonly key: string;
  readonly reason: string;
}

const FOLDER = '~instances';
/** No other key's file is called so. */
const DEFAULT_FILE = '~default';
const VERSION = 1;

/**
 * The records of the instances of one data directory.
 *
 * Invariant: a record is the old one or the new one, never part of both, whatever happens during a
 * write.
 */
export class InstanceRecords {
  private readonly folder: string;
  private folderExists = false;

  constructor(
    dataDir: string,
    private readonly files: InstanceFiles,
  ) {
    this.folder = join(dataDir, FOLDER);
  }

  /**
   * Every record, ordered by key, and those that are damaged.
   * @throws {BrokerStartError} DATA_DIR_UNUSABLE.
   */
  readAll(): { records: readonly InstanceRecord[]; damaged: readonly DamagedRecord[] } {
    const records: InstanceRecord[] = [];
    const damaged: DamagedRecord[] = [];
    for (const name of this.names()) {
      const key = name === DEFAULT_FILE ? DEFAULT_INSTANCE : keyOfDirectoryName(name);
      // What a crash left of a write, or of somebody else's.
      if (key === undefined) continue;
      try {
        records.push(this.read(key));
      } catch (error) {
        damaged.push({ key, reason: (error as Error).message });
      }
    }
    return { records, damaged };
  }

  /** The record of one instance. Throws, with the path, where it makes no sense. */
  read(key: string): InstanceRecord {
    const path = join(this.folder, fileNameOf(key));
    try {
      return decode(this.files.read(path), key);
    } catch (error) {
      throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }

  private names(): readonly string[] {
    try {
      return [...this.files.list(this.folder)].sort();
    } catch (error) {
      const message =
        `Cannot use the data directory ${dirname(this.folder)} (${(error as Error).message}): it ` +
        'has to be a directory this user may read and write; --data-dir chooses another.';
      throw new BrokerStartError('DATA_DIR_UNUSABLE', message, { cause: error });
    }
  }

  /** Durable when it resolves. Rejected, with Node's error, the old one holds or the new one. */
  async write(record: InstanceRecord): Promise<void> {
    if (!this.folderExists) await this.files.makeDirectory(this.folder);
    this.folderExists = true;
    await this.files.replace(this.folder, fileNameOf(record.key), encode(record));
  }

  /** Forgets an instance; durable when it resolves. */
  async remove(key: string): Promise<void> {
    await this.files.remove(this.folder, fileNameOf(key));
  }
}

function fileNameOf(key: string): string {
  return key === DEFAULT_INSTANCE ? DEFAULT_FILE : directoryNameOf(key);
}

function encode(record: InstanceRecord): string {
  const text = JSON.stringify({ version: VERSION, ...record });
  return `${text}\ncrc32c ${checksum(text)}\n`;
}

function checksum(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
}

function decode(file: string, key: string): InstanceRecord {
  const [text = '', end] = file.split('\n');
  if (end !== `crc32c ${checksum(text)}`) throw new Error('its checksum does not match');
  const { version, ...record } = JSON.parse(text) as InstanceRecord & { version: number };
  if (version !== VERSION) throw new Error(`it was written by a newer version (${version})`);
  if (record.key !== key) throw new Error(`it is about ${JSON.stringify(record.key)}`);
  return record;
}
