// Which directory an instance lies in: the rules of design.md, D9.
import { join } from 'node:path';
import { StorageError } from './storage-error';

/** The data directory when neither an option nor WALRUS_DATA_DIR names one. */
export const DEFAULT_DATA_DIRECTORY = 'wal_files';

/** Longest name of an instance's directory. */
export const DIRECTORY_NAME_BYTES_MAX = 255;
const LONE_SURROGATE = /\p{Surrogate}/u;
const PLAIN = /^[A-Za-z0-9_.-]$/;
/** What the default instance keeps in the data directory (native/wal, `IsInstanceFileName`). */
const INSTANCE_FILE =
  /^(?:\d+|read_offset_idx_index\.db|journal\.[01]|LOCK|quarantine)(?:\.tmp)?$/i;

/**
 * The name of the directory of the instance with this key. Different keys have different names, and
 * none is a file of the default instance or leads anywhere else.
 *
 * Bytes of the key's UTF-8 outside `[A-Za-z0-9_.-]` become `%XX`; so does the first byte of `.`,
 * `..` and of a name that could be a file's.
 *
 * @throws {StorageError} INVALID_INPUT for a key that is empty, is no Unicode text (a lone
 *   surrogate), or whose name is over 255 bytes.
 */
export function directoryNameOf(key: string): string {
  if (typeof key !== 'string' || key === '' || LONE_SURROGATE.test(key)) {
    const text = `the instance key ${JSON.stringify(key)} is not a text of one character or more`;
    throw new StorageError('INVALID_INPUT', text);
  }
  const isReserved = key === '.' || key === '..' || INSTANCE_FILE.test(key);
  let name = '';
  for (const [index, byte] of Buffer.from(key).entries()) {
    const character = String.fromCharCode(byte);
    const isPlain = PLAIN.test(character) && !(index === 0 && isReserved);
    name += isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (name.length <= DIRECTORY_NAME_BYTES_MAX) return name;
  const text = `the instance key makes a directory name of ${name.length} bytes`;
  throw new StorageError('INVALID_INPUT', `${text}, over the limit of ${DIRECTORY_NAME_BYTES_MAX}`);
}

/** The key whose directory has this name; undefined when no key's has. */
export function keyOfDirectoryName(name: string): string | undefined {
  try {
    const key = decodeURIComponent(name);
    return directoryNameOf(key) === name ? key : undefined;
  } catch {
    // No UTF-8 behind the percent signs, or no key.
    return undefined;
  }
}

/** Whether the engine may have put something of this name into an instance's directory. */
export function isInstanceFileName(name: string): boolean {
  return INSTANCE_FILE.test(name);
}

/** Where an instance is asked for; what is left out comes from the environment. */
export interface InstancePlace {
  /** The instance's own directory; goes with none of the others. */
  readonly directory?: string | undefined;
  /** The directory of all instances. Default: WALRUS_DATA_DIR, else `wal_files`. */
  readonly dataDir?: string | undefined;
  /** Default: WALRUS_INSTANCE_KEY; without a key it is the default instance. */
  readonly key?: string | undefined;
}

/**
 * The directory of an instance: the data directory itself for the default one, a directory in it
 * for one with a key.
 * @throws {StorageError} INVALID_INPUT for a key that gives no name, or `directory` beside another.
 */
export function instanceDirectory({ directory, dataDir, key }: InstancePlace): string {
  if (directory !== undefined) {
    if (dataDir === undefined && key === undefined) return directory;
    const text = 'directory is the whole place of an instance: dataDir and key do not go with it';
    throw new StorageError('INVALID_INPUT', text);
  }
  const { WALRUS_DATA_DIR, WALRUS_INSTANCE_KEY } = process.env;
  const root = dataDir ?? (WALRUS_DATA_DIR || DEFAULT_DATA_DIRECTORY);
  const found = key ?? (WALRUS_INSTANCE_KEY || undefined);
  return found === undefined ? root : join(root, directoryNameOf(found));
}
