// Which names topics and named readers may have: Kafka's rules, so that every topic is
// reachable by every client.
import { ProtocolError } from './protocol-error';

export const NAME_LENGTH_MAX = 249;
const NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** @throws {ProtocolError} INVALID_TOPIC_NAME unless the name is one a topic may have. */
export function checkTopicName(name: string): void {
  if (NAME.test(name) && name !== '.' && name !== '..') return;
  throw new ProtocolError(
    'INVALID_TOPIC_NAME',
    `topic name ${quote(name)} is not 1 to 249 of a-z A-Z 0-9 . _ - and neither "." nor ".."`,
  );
}

/** @throws {ProtocolError} INVALID_REQUEST unless the name is one a named reader may have. */
export function checkReaderName(name: string): void {
  if (NAME.test(name)) return;
  throw new ProtocolError(
    'INVALID_REQUEST',
    `reader name ${quote(name)} is not 1 to 249 of a-z A-Z 0-9 . _ -`,
  );
}

const QUOTED_LENGTH_MAX = 60;

/** A value as an error message shows it: short, on one line. */
export function quote(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  const text = JSON.stringify(value.slice(0, QUOTED_LENGTH_MAX));
  return value.length > QUOTED_LENGTH_MAX ? `${text}…` : text;
}
