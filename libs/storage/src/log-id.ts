import { StorageError } from './storage-error';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The instance's own log, where the topic catalogue is kept: partition 0 of this topic. */
export const CATALOGUE_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

/** The instance's log of the producer ids that were given out: partition 0 of this topic. */
export const PRODUCERS_TOPIC_ID = '00000000-0000-0000-0000-000000000001';

/** The log where consumer groups are kept: partition 0 of this topic. */
export const GROUPS_TOPIC_ID = '00000000-0000-0000-0000-000000000002';

/**
 * What an instance keeps in logs of its own, by their topic ids; people know them by these names.
 */
export const OWN_LOG_NAMES: ReadonlyMap<string, string> = new Map([
  [CATALOGUE_TOPIC_ID, 'topic catalogue'],
  [PRODUCERS_TOPIC_ID, 'producer ids'],
  [GROUPS_TOPIC_ID, 'consumer groups'],
]);

const PARTITION_MAX = 0x7fff_ffff;

/**
 * The 16 bytes of a topic id.
 * @throws {StorageError} INVALID_INPUT when it is not a UUID in lower case.
 */
export function topicIdBytes(topicId: string): Buffer {
  if (!UUID.test(topicId)) {
    throw new StorageError('INVALID_INPUT', `topicId ${JSON.stringify(topicId)} is not a UUID`);
  }
  return Buffer.from(topicId.replaceAll('-', ''), 'hex');
}

/** The UUID that `bytes` (16 of them) are. */
export function topicIdText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}

/**
 * Checks what a broker may open a log with.
 * @throws {StorageError} INVALID_INPUT for a log of the instance's own, or a partition that is not
 * one.
 */
export function checkLogId(topicId: string, partition: number): void {
  if (OWN_LOG_NAMES.has(topicId)) {
    throw new StorageError('INVALID_INPUT', `topicId ${topicId} is the instance's own`);
  }
  topicIdBytes(topicId);
  checkWholeNumber('partition', partition, PARTITION_MAX);
}

/**
 * Checks an offset, size or count that a caller handed in.
 * @throws {StorageError} INVALID_INPUT naming the argument, unless it is a whole number of 0 to
 * `max`.
 */
export function checkWholeNumber(name: string, value: number, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return;
  const text = typeof value === 'number' ? String(value) : typeof value;
  throw new StorageError('INVALID_INPUT', `${name} is ${text}, not a whole number of 0 to ${max}`);
}

/** Longest name of a named reader in bytes: what a record of the cursor file has room for. */
const READER_BYTES_MAX = 249;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Checks a name that is stored as UTF-8, of 1 to `bytesMax` bytes.
 * @throws {StorageError} INVALID_INPUT for anything else; for a lone surrogate too, which UTF-8
 *   cannot tell from another one: two names would be the same.
 */
export function checkName(what: string, name: string, bytesMax: number): void {
  checkText(what, name, bytesMax, 1);
}

/** As `checkName`, for a text that may be empty. @throws {StorageError} INVALID_INPUT. */
export function checkText(what: string, text: string, bytesMax: number, bytesMin = 0): void {
  if (typeof text !== 'string' || LONE_SURROGATE.test(text)) {
    throw new StorageError('INVALID_INPUT', `${what} is not a text`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes >= bytesMin && bytes <= bytesMax) return;
  const range = `${bytesMin} to ${bytesMax}`;
  throw new StorageError('INVALID_INPUT', `${what} has ${bytes} bytes, not ${range}`);
}

/**
 * Checks the name of a named reader.
 * @throws {StorageError} INVALID_INPUT unless it is a text of 1 to 249 bytes.
 */
export function checkReader(reader: string): void {
  checkName('reader', reader, READER_BYTES_MAX);
}
