// The parsers of the operations of consumer groups; as operation-parsers.ts says of its own. How
// long ids may be, and which ones there are, is the broker's say.
import { FieldReader, type Fields, type IntegerRange } from './field-reader';
import {
  GROUP_STATES,
  GROUP_TYPES,
  LIST_GROUPS_MAX,
  type DeleteGroupRequest,
  type GroupUnpinRequest,
  type ParsedDescribeGroup,
  type ParsedGroupPin,
  type ParsedListGroups,
} from './group-admin-operations';
import {
  DEFAULT_REBALANCE_TIMEOUT_MS,
  DEFAULT_SESSION_TIMEOUT_MS,
  MEMBER_JOINS,
  MEMBER_PROTOCOLS_MAX,
  STATIC_MEMBER_LEAVES,
  type OffsetDeleteRequest,
  type ParsedConsumerGroupHeartbeat,
  type ParsedHeartbeat,
  type ParsedJoinGroup,
  type ParsedLeaveGroup,
  type ParsedOffsetCommit,
  type ParsedOffsetFetch,
  type ParsedSyncGroup,
} from './group-operations';
import { readTopicIds, readTopicPartitions } from './operation-parsers';
import { LIST_ELEMENTS_MAX, PARTITION_COUNT_MAX } from './operations';
import { ProtocolError } from './protocol-error';

const PARTITION: IntegerRange = { min: 0, max: PARTITION_COUNT_MAX - 1 };
const SAFE: IntegerRange = { min: 0, max: Number.MAX_SAFE_INTEGER };
const POSITIVE: IntegerRange = { min: 1, max: Number.MAX_SAFE_INTEGER };
const INT32: IntegerRange = { min: 0, max: 0x7fffffff };
const DURATION: IntegerRange = { min: 1, max: 0x7fffffff };
const HEARTBEAT_EPOCH: IntegerRange = { min: STATIC_MEMBER_LEAVES, max: 0x7fffffff };
const UNKNOWN_LEADER_EPOCH = -1;
const LEADER_EPOCH: IntegerRange = { min: UNKNOWN_LEADER_EPOCH, max: 0x7fffffff };

/** The fields of `consumerGroupHeartbeat`. */
export function parseConsumerGroupHeartbeat(fields: Fields): ParsedConsumerGroupHeartbeat {
  const reader = new FieldReader('consumerGroupHeartbeat', fields);
  const epoch = reader.integer('epoch', HEARTBEAT_EPOCH);
  const isJoining = epoch === MEMBER_JOINS;
  const hasTimeout = reader.has('rebalanceTimeoutMs') || isJoining;
  return {
    group: reader.text('group'),
    member: reader.optionalText('member'),
    epoch,
    instanceId: reader.optionalText('instanceId'),
    rackId: reader.optionalText('rackId'),
    rebalanceTimeoutMs: hasTimeout
      ? reader.integer('rebalanceTimeoutMs', DURATION, DEFAULT_REBALANCE_TIMEOUT_MS)
      : undefined,
    topics: optionalList(reader, 'topics', (path, value) => reader.textValue(path, value)),
    pattern: readText(reader, 'pattern', fields.pattern),
    assignor: reader.optionalText('assignor'),
    // Who joins owns nothing, said or not.
    owned: readOwned(reader) ?? (isJoining ? [] : undefined),
  };
}

/** The fields of `joinGroup`. */
export function parseJoinGroup(fields: Fields): ParsedJoinGroup {
  const reader = new FieldReader('joinGroup', fields);
  return {
    group: reader.text('group'),
    member: reader.optionalText('member'),
    instanceId: reader.optionalText('instanceId'),
    sessionTimeoutMs: reader.integer('sessionTimeoutMs', DURATION, DEFAULT_SESSION_TIMEOUT_MS),
    rebalanceTimeoutMs: reader.integer(
      'rebalanceTimeoutMs',
      DURATION,
      DEFAULT_REBALANCE_TIMEOUT_MS,
    ),
    protocolType: reader.optionalText('protocolType') ?? 'consumer',
    protocols: reader.list('protocols', MEMBER_PROTOCOLS_MAX, (path, value) => {
      const protocol = readMap(reader, path, value);
      const name = reader.textValue(`${path}.name`, protocol.name);
      return { name, metadata: readBytes(reader, `${path}.metadata`, protocol.metadata) };
    }),
  };
}

/** The fields of `syncGroup`. */
export function parseSyncGroup(fields: Fields): ParsedSyncGroup {
  const reader = new FieldReader('syncGroup', fields);
  const assignments = optionalList(reader, 'assignments', (path, value) => {
    const each = readMap(reader, path, value);
    const member = reader.textValue(`${path}.member`, each.member);
    return { member, assignment: readBytes(reader, `${path}.assignment`, each.assignment) };
  });
  return {
    ...readMember(reader),
    protocolType: reader.optionalText('protocolType'),
    protocol: reader.optionalText('protocol'),
    assignments: assignments ?? [],
  };
}

/** The fields of `heartbeat`. */
export function parseHeartbeat(fields: Fields): ParsedHeartbeat {
  return readMember(new FieldReader('heartbeat', fields));
}

/** The fields of `leaveGroup`. */
export function parseLeaveGroup(fields: Fields): ParsedLeaveGroup {
  const reader = new FieldReader('leaveGroup', fields);
  const members = reader.list('members', LIST_ELEMENTS_MAX, (path, value) => {
    const { member, instanceId } = readMap(reader, path, value);
    if (member == null && instanceId == null) {
      throw reader.invalid(path, 'a map with member, instanceId or both', value);
    }
    return {
      member: member == null ? undefined : reader.textValue(`${path}.member`, member),
      instanceId:
        instanceId == null ? undefined : reader.textValue(`${path}.instanceId`, instanceId),
    };
  });
  return { group: reader.text('group'), members };
}

/** The fields of `offsetCommit`. */
export function parseOffsetCommit(fields: Fields): ParsedOffsetCommit {
  const reader = new FieldReader('offsetCommit', fields);
  return {
    group: reader.text('group'),
    ...readIdentity(reader),
    instanceId: reader.optionalText('instanceId'),
    topicIds: readTopicIds(reader),
    offsets: reader.list('offsets', LIST_ELEMENTS_MAX, (path, value) => {
      const form = 'an array [topic, partition, offset, leaderEpoch?, metadata?]';
      const tuple = reader.tupleValue(path, value, form, { min: 3, max: 5 });
      const leaderEpoch = tuple[3] ?? UNKNOWN_LEADER_EPOCH;
      return {
        topic: reader.textValue(`${path}[0]`, tuple[0]),
        partition: reader.integerValue(`${path}[1]`, tuple[1], PARTITION),
        offset: reader.integerValue(`${path}[2]`, tuple[2], SAFE),
        leaderEpoch: reader.integerValue(`${path}[3]`, leaderEpoch, LEADER_EPOCH),
        metadata: readText(reader, `${path}[4]`, tuple[4]) ?? '',
      };
    }),
  };
}

/** The fields of `offsetFetch`. */
export function parseOffsetFetch(fields: Fields): ParsedOffsetFetch {
  const reader = new FieldReader('offsetFetch', fields);
  const after = reader.optionalText('after');
  const isOfSome = reader.has('partitions') && !reader.isEmptyList('partitions');
  if (after !== undefined && reader.has('partitions')) {
    const message = 'offsetFetch.after goes on with all partitions of the group; name none';
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  const named = isOfSome ? readTopicPartitions(reader, 'partitions') : [];
  return {
    group: reader.text('group'),
    ...readIdentity(reader),
    partitions: reader.has('partitions') ? named : undefined,
    after,
  };
}

/** The fields of `offsetDelete`. */
export function parseOffsetDelete(fields: Fields): OffsetDeleteRequest {
  const reader = new FieldReader('offsetDelete', fields);
  return { group: reader.text('group'), partitions: readTopicPartitions(reader, 'partitions') };
}

/** The fields of `listGroups`. */
export function parseListGroups(fields: Fields): ParsedListGroups {
  const reader = new FieldReader('listGroups', fields);
  const limit = { min: 1, max: LIST_GROUPS_MAX };
  return {
    after: reader.optionalText('after'),
    limit: reader.integer('limit', limit, LIST_GROUPS_MAX),
    states: readChoices(reader, 'states', GROUP_STATES),
    types: readChoices(reader, 'types', GROUP_TYPES),
  };
}

/** The fields of `describeGroup`. */
export function parseDescribeGroup(fields: Fields): ParsedDescribeGroup {
  const reader = new FieldReader('describeGroup', fields);
  return { group: reader.text('group'), after: reader.optionalText('after') };
}

/** The fields of `deleteGroup`. */
export function parseDeleteGroup(fields: Fields): DeleteGroupRequest {
  return { group: new FieldReader('deleteGroup', fields).text('group') };
}

/** The fields of `groupPin`. */
export function parseGroupPin(fields: Fields): ParsedGroupPin {
  const reader = new FieldReader('groupPin', fields);
  const expireMs = reader.has('expireMs') ? reader.integer('expireMs', POSITIVE) : undefined;
  return { group: reader.text('group'), topic: reader.text('topic'), expireMs };
}

/** The fields of `groupUnpin`. */
export function parseGroupUnpin(fields: Fields): GroupUnpinRequest {
  const reader = new FieldReader('groupUnpin', fields);
  return { group: reader.text('group'), topic: reader.text('topic') };
}

function readMember(reader: FieldReader): ParsedHeartbeat {
  return {
    group: reader.text('group'),
    member: reader.text('member'),
    generation: reader.integer('generation', INT32),
    instanceId: reader.optionalText('instanceId'),
  };
}

/** A member and its epoch: both, or neither. */
function readIdentity(reader: FieldReader): {
  readonly member: string | undefined;
  readonly epoch: number | undefined;
} {
  if (!reader.has('member') && !reader.has('epoch')) return { member: undefined, epoch: undefined };
  return { member: reader.text('member'), epoch: reader.integer('epoch', INT32) };
}

function readOwned(
  reader: FieldReader,
): readonly { readonly id: string; readonly partitions: readonly number[] }[] | undefined {
  return optionalList(reader, 'owned', (path, value) => {
    const { id, partitions } = readMap(reader, path, value);
    const form = 'an array of partitions';
    const range = { min: 0, max: PARTITION_COUNT_MAX };
    const numbers = reader.tupleValue(`${path}.partitions`, partitions, form, range);
    return {
      id: reader.textValue(`${path}.id`, id),
      partitions: numbers.map((partition, index) =>
        reader.integerValue(`${path}.partitions[${index}]`, partition, PARTITION),
      ),
    };
  });
}

function readChoices<Choice extends string>(
  reader: FieldReader,
  name: string,
  choices: readonly Choice[],
): readonly Choice[] | undefined {
  return optionalList(reader, name, (path, value) => {
    for (const choice of choices) if (choice === value) return choice;
    throw reader.invalid(path, `one of ${choices.join(', ')}`, value);
  });
}

/** As `FieldReader.list`, but it may be empty; undefined where there is none. */
function optionalList<Element>(
  reader: FieldReader,
  name: string,
  read: (path: string, value: unknown) => Element,
): readonly Element[] | undefined {
  if (!reader.has(name)) return undefined;
  return reader.isEmptyList(name) ? [] : reader.list(name, LIST_ELEMENTS_MAX, read);
}

function readMap(reader: FieldReader, path: string, value: unknown): Fields {
  const isMap = typeof value === 'object' && value !== null;
  if (isMap && !Array.isArray(value) && !(value instanceof Uint8Array)) return value as Fields;
  throw reader.invalid(path, 'a map', value);
}

/** A string that may be empty; undefined where there is none. */
function readText(reader: FieldReader, path: string, value: unknown): string | undefined {
  if (value == null) return undefined;
  if (typeof value === 'string') return value;
  throw reader.invalid(path, 'a string', value);
}

/** A copy: the bytes are kept, and the frame that they came in is not. */
function readBytes(reader: FieldReader, path: string, value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  throw reader.invalid(path, 'bytes', value);
}
