// Group records as keys and values of a state log. Keys are JSON arrays, for people who dump the
// log; values are msgpack arrays that begin with the record's type and the version of its form.
import { pack, unpack } from 'msgpackr';
import type { GroupChange, GroupRecord, GroupRecordKey } from './group-store';
import {
  packPartitionLists,
  unpackPartitionLists,
  type PartitionList,
} from './partition-lists-codec';
import type { StateChange } from './state-log';
import { StorageError } from './storage-error';

const FORM_VERSION = 1;
/** The newest form of a type, where that is not the first: see `MEMBER_LISTS`. */
const FORM_VERSIONS: Readonly<Partial<Record<GroupRecord['type'], number>>> = { consumerMember: 2 };
/**
 * The last fields of a consumer's record, which form 1 has as they are. Form 2 has them packed: one
 * member may own all partitions of an instance, and a record has a bound.
 */
const MEMBER_LISTS = 3;

type Field = readonly [name: string, isValid: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const isWholeOrNull = (value: unknown): boolean => value === null || isWhole(value);
const isBytes = (value: unknown): boolean => Buffer.isBuffer(value);
const isOneOf =
  (...texts: string[]) =>
  (value: unknown): boolean =>
    texts.includes(value as string);
const isListOf =
  (isValid: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isValid);
const isProtocol = (value: unknown): boolean =>
  isObject(value) && isText(value['name']) && isBytes(value['metadata']);
const isTopicPartitions = (value: unknown): boolean =>
  isObject(value) && isText(value['topicId']) && isListOf(isWhole)(value['partitions']);

/** The fields of each type after its key's, in the order in which they are stored. */
const FIELDS: Readonly<Record<GroupRecord['type'], readonly Field[]>> = {
  classicGroup: [
    ['generation', isWhole],
    ['phase', isOneOf('empty', 'preparing', 'completing', 'stable')],
    ['protocolType', isTextOrNull],
    ['protocolName', isTextOrNull],
    ['leaderId', isTextOrNull],
    ['changedAtMs', isWhole],
  ],
  consumerGroup: [
    ['epoch', isWhole],
    ['assignmentEpoch', isWhole],
    ['topicsDigest', isText],
    ['changedAtMs', isWhole],
  ],
  classicMember: [
    ['instanceId', isTextOrNull],
    ['clientId', isText],
    ['clientHost', isText],
    ['sessionTimeoutMs', isWhole],
    ['rebalanceTimeoutMs', isWhole],
    ['protocols', isListOf(isProtocol)],
    ['assignment', isBytes],
  ],
  consumerMember: [
    ['instanceId', isTextOrNull],
    ['rackId', isTextOrNull],
    ['clientId', isText],
    ['clientHost', isText],
    ['rebalanceTimeoutMs', isWhole],
    ['topicNames', isListOf(isText)],
    ['topicPattern', isTextOrNull],
    ['serverAssignor', isTextOrNull],
    ['epoch', isWhole],
    ['previousEpoch', isWhole],
    ['phase', isOneOf('stable', 'unrevoked', 'unreleased')],
    ['assigned', isListOf(isTopicPartitions)],
    ['revoking', isListOf(isTopicPartitions)],
    ['target', isListOf(isTopicPartitions)],
  ],
  offset: [
    ['topicName', isText],
    ['offset', isWhole],
    ['leaderEpoch', isWhole],
    ['metadata', isText],
    ['committedAtMs', isWhole],
    ['expiresAtMs', isWholeOrNull],
  ],
};

/** Which types a key of each kind can have. */
const TYPES: Readonly<Record<GroupRecordKey['kind'], readonly string[]>> = {
  group: ['classicGroup', 'consumerGroup'],
  member: ['classicMember', 'consumerMember'],
  offset: ['offset'],
};

/**
 * The change as one of a state log.
 * @throws {StorageError} INVALID_INPUT naming the field that cannot be stored.
 */
export function encodeGroupChange(change: GroupChange): StateChange {
  if ('remove' in change) return { key: keyText(change.remove), value: null };
  const record = change.put as unknown as Record<string, unknown>;
  const { type } = change.put;
  const values = FIELDS[type].map(([name, isValid]) => {
    if (isValid(record[name])) return record[name];
    throw new StorageError('INVALID_INPUT', `${name} of a ${type} record cannot be stored`);
  });
  const version = FORM_VERSIONS[type] ?? FORM_VERSION;
  if (type === 'consumerMember') {
    const lists = values.splice(-MEMBER_LISTS) as (readonly PartitionList[])[];
    values.push(packPartitionLists(lists));
  }
  // A copy: the packer's own buffer is used again.
  return {
    key: keyText(keyOf(change.put)),
    value: Buffer.from(pack([type, version, ...values])),
  };
}

/**
 * The record that a key and its value are; undefined for one of a type that this version does not
 * know.
 * @throws {StorageError} CORRUPT.
 */
export function decodeGroupRecord(key: string, value: Buffer): GroupRecord | undefined {
  const parsed = parseKey(key);
  if (parsed === undefined) return undefined;
  const [type, version, ...values] = unpackArray(key, value);
  if (typeof type !== 'string' || !Number.isSafeInteger(version)) throw corrupt(key, 'has no type');
  if (!(type in FIELDS)) return undefined;
  const newest = FORM_VERSIONS[type as GroupRecord['type']] ?? FORM_VERSION;
  if ((version as number) < FORM_VERSION || (version as number) > newest) {
    throw corrupt(key, `has form ${String(version)}, and this version knows ${newest}`);
  }
  if (type === 'consumerMember' && version === newest) {
    const lists = unpackPartitionLists(values.pop(), MEMBER_LISTS);
    if (lists === undefined) throw corrupt(key, 'has no lists of partitions');
    values.push(...lists);
  }
  if (!TYPES[parsed.kind].includes(type)) throw corrupt(key, `is a ${type}`);
  const { kind: _, ...ids } = parsed;
  const record: Record<string, unknown> = { type, ...ids };
  FIELDS[type as GroupRecord['type']].forEach(([name, isValid], index) => {
    if (!isValid(values[index])) throw corrupt(key, `has no ${name}`);
    record[name] = values[index];
  });
  return record as unknown as GroupRecord;
}

function keyOf(record: GroupRecord): GroupRecordKey {
  const { groupId } = record;
  switch (record.type) {
    case 'classicGroup':
    case 'consumerGroup':
      return { kind: 'group', groupId };
    case 'classicMember':
    case 'consumerMember':
      return { kind: 'member', groupId, memberId: record.memberId };
    case 'offset':
      return { kind: 'offset', groupId, topicId: record.topicId, partition: record.partition };
  }
}

function keyText(key: GroupRecordKey): string {
  switch (key.kind) {
    case 'group':
      return JSON.stringify([key.kind, key.groupId]);
    case 'member':
      return JSON.stringify([key.kind, key.groupId, key.memberId]);
    case 'offset':
      return JSON.stringify([key.kind, key.groupId, key.topicId, key.partition]);
  }
}

function parseKey(text: string): GroupRecordKey | undefined {
  const parts = parseJson(text);
  if (!Array.isArray(parts) || typeof parts[0] !== 'string') throw corrupt(text, 'is no key');
  const [kind, groupId, id, partition] = parts as unknown[];
  if (!((kind as string) in TYPES)) return undefined;
  if (typeof groupId === 'string') {
    if (kind === 'group') return { kind, groupId };
    if (kind === 'member' && typeof id === 'string') return { kind, groupId, memberId: id };
    if (kind === 'offset' && typeof id === 'string' && isWhole(partition)) {
      return { kind, groupId, topicId: id, partition: partition as number };
    }
  }
  throw corrupt(text, 'lacks a part of its key');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw corrupt(text, 'is no key');
  }
}

function unpackArray(key: string, value: Buffer): unknown[] {
  let parts: unknown;
  try {
    parts = unpack(value);
  } catch {
    // What msgpackr throws has no type of its own; the bytes are what is wrong.
    throw corrupt(key, 'is not msgpack');
  }
  if (!Array.isArray(parts)) throw corrupt(key, 'is not an array');
  return parts;
}

function corrupt(key: string, what: string): StorageError {
  return new StorageError('CORRUPT', `the group record ${key.slice(0, 300)} ${what}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
