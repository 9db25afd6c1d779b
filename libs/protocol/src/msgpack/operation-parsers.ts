// One function per operation: the fields of a request as they arrived, into its type with every
// default filled in. All throw ProtocolError INVALID_REQUEST, which names the field; nothing here
// knows whether a topic or a partition exists.
import { TIMESTAMP_MAX_MS, type RecordHeader, type RecordInput } from '@walrusmq/record-batch';
import { FieldReader, type Fields, type IntegerRange } from './field-reader';
import {
  DEFAULT_FETCH_BYTES_MAX,
  LIST_ELEMENTS_MAX,
  PARTITION_COUNT_MAX,
  PRODUCER_EPOCH_MAX,
  type Acks,
  type FetchFormat,
  type ParsedCreateTopic,
  type ParsedFetch,
  type ParsedHello,
  type ParsedInitProducerId,
  type ParsedListOffsets,
  type ParsedMetadata,
  type ParsedProduce,
  type DeleteTopicRequest,
  type OffsetMoment,
  type ParsedReaderCommit,
  type ReaderFetchRequest,
  type TopicIds,
  type TopicPartition,
  type TopicPartitionOffset,
} from './operations';
import { ProtocolError } from './protocol-error';
import { readConfigs, readPartitionCount } from './topic-operation-parsers';
import { checkReaderName, checkTopicName } from './topic-name';

const NO_IDS: TopicIds = new Map();
/** Of a UUID. */
const TOPIC_ID_LENGTH_MAX = 36;
const ACKS: readonly Acks[] = [0, 1, -1];
const FORMATS: readonly FetchFormat[] = ['batches', 'records'];
const PARTITION: IntegerRange = { min: 0, max: PARTITION_COUNT_MAX - 1 };
const OFFSET: IntegerRange = { min: 0, max: Number.MAX_SAFE_INTEGER };
const TIMESTAMP: IntegerRange = { min: -1, max: TIMESTAMP_MAX_MS };
const VERSION: IntegerRange = { min: 0, max: 0xffff };
const EPOCH: IntegerRange = { min: 0, max: PRODUCER_EPOCH_MAX };
const INT32: IntegerRange = { min: 0, max: 0x7fffffff };
const SIZE: IntegerRange = { min: 1, max: 0x7fffffff };

/** The fields of `hello`. */
export function parseHello(fields: Fields): ParsedHello {
  const reader = new FieldReader('hello', fields);
  const form = 'an array [lowest version, highest version]';
  const range = reader.tupleValue('protocol', fields.protocol, form, { min: 2, max: 2 });
  const lowest = reader.integerValue('protocol[0]', range[0], VERSION);
  const highest = reader.integerValue('protocol[1]', range[1], { ...VERSION, min: lowest });
  return {
    protocol: [lowest, highest],
    client: reader.text('client'),
    instance: reader.optionalText('instance'),
  };
}

/** The fields of `metadata`. */
export function parseMetadata(fields: Fields): ParsedMetadata {
  const reader = new FieldReader('metadata', fields);
  const autoCreate = reader.flag('autoCreate');
  if (!reader.has('topics')) return { topics: undefined, autoCreate };
  // No topic is a question too: whether the broker answers.
  if (reader.isEmptyList('topics')) return { topics: [], autoCreate };
  const readText = (path: string, value: unknown): string => reader.textValue(path, value);
  return { topics: reader.list('topics', LIST_ELEMENTS_MAX, readText), autoCreate };
}

/**
 * The fields of `createTopic`.
 *
 * @throws {ProtocolError} INVALID_TOPIC_NAME, INVALID_PARTITIONS and INVALID_CONFIG too.
 */
export function parseCreateTopic(fields: Fields): ParsedCreateTopic {
  const reader = new FieldReader('createTopic', fields);
  const name = reader.text('name');
  checkTopicName(name);
  const partitions = reader.has('partitions')
    ? readPartitionCount('createTopic', reader)
    : undefined;
  const configs = readConfigs(reader, fields.configs, false);
  return { name, partitions, configs, validateOnly: reader.flag('validateOnly') };
}

/** The fields of `deleteTopic`. */
export function parseDeleteTopic(fields: Fields): DeleteTopicRequest {
  return { name: new FieldReader('deleteTopic', fields).text('name') };
}

/**
 * The fields of `produce`.
 *
 * @param hasBatches Whether the frame carries batches behind its fields.
 */
export function parseProduce(fields: Fields, hasBatches: boolean): ParsedProduce {
  const reader = new FieldReader('produce', fields);
  const topic = reader.text('topic');
  const acks = reader.oneOf('acks', ACKS, -1);
  if (hasBatches === reader.has('records')) {
    const problem = hasBatches ? 'not both' : 'got neither';
    const message = `produce needs records or, behind the fields, batches; ${problem}`;
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  if (hasBatches) {
    return { form: 'batches', topic, partition: reader.integer('partition', PARTITION), acks };
  }
  const partition = reader.has('partition') ? reader.integer('partition', PARTITION) : undefined;
  const records = reader.list('records', Number.MAX_SAFE_INTEGER, (path, value) =>
    readPlainRecord(reader, path, value),
  );
  return { form: 'records', topic, partition, acks, records };
}

/** The fields of `initProducerId`. */
export function parseInitProducerId(fields: Fields): ParsedInitProducerId {
  const reader = new FieldReader('initProducerId', fields);
  if (!reader.has('producerId') && !reader.has('producerEpoch')) return { present: undefined };
  const producerId = reader.integer('producerId', OFFSET);
  return { present: { producerId, producerEpoch: reader.integer('producerEpoch', EPOCH) } };
}

/** The fields of `fetch`. */
export function parseFetch(fields: Fields): ParsedFetch {
  const reader = new FieldReader('fetch', fields);
  const maxBytes = reader.integer('maxBytes', SIZE, DEFAULT_FETCH_BYTES_MAX);
  return {
    partitions: readOffsets(reader, 'partitions'),
    topicIds: readTopicIds(reader),
    maxBytes,
    partitionMaxBytes: reader.integer('partitionMaxBytes', SIZE, maxBytes),
    minBytes: reader.integer('minBytes', INT32, 1),
    maxWaitMs: reader.integer('maxWaitMs', INT32, 0),
    format: reader.oneOf('format', FORMATS, 'batches'),
  };
}

/** The fields of `listOffsets`. */
export function parseListOffsets(fields: Fields): ParsedListOffsets {
  const reader = new FieldReader('listOffsets', fields);
  const topic = reader.text('topic');
  const at = readMoment(reader, fields.at);
  if (!reader.has('partitions')) return { topic, partitions: undefined, at };
  const readPartition = (path: string, value: unknown): number =>
    reader.integerValue(path, value, PARTITION);
  return { topic, partitions: reader.list('partitions', LIST_ELEMENTS_MAX, readPartition), at };
}

/** The fields of `readerCommit`. */
export function parseReaderCommit(fields: Fields): ParsedReaderCommit {
  const reader = new FieldReader('readerCommit', fields);
  const offsets = readOffsets(reader, 'offsets');
  return { reader: readReaderName(reader), offsets, topicIds: readTopicIds(reader) };
}

/** The fields of `readerFetch`. */
export function parseReaderFetch(fields: Fields): ReaderFetchRequest {
  const reader = new FieldReader('readerFetch', fields);
  const name = readReaderName(reader);
  return { reader: name, partitions: readTopicPartitions(reader, 'partitions') };
}

/** A list of [topic, partition]. */
export function readTopicPartitions(reader: FieldReader, name: string): TopicPartition[] {
  return reader.list(name, LIST_ELEMENTS_MAX, (path, value) => {
    const form = 'an array [topic, partition]';
    const pair = reader.tupleValue(path, value, form, { min: 2, max: 2 });
    return readTopicPartition(reader, path, pair);
  });
}

/** The field `topicIds`: a list of [topic, id], where it is given. */
export function readTopicIds(reader: FieldReader): TopicIds {
  if (!reader.has('topicIds') || reader.isEmptyList('topicIds')) return NO_IDS;
  return new Map(
    reader.list('topicIds', LIST_ELEMENTS_MAX, (path, value): [string, string] => {
      const pair = reader.tupleValue(path, value, 'an array [topic, id]', { min: 2, max: 2 });
      const id = reader.textValue(`${path}[1]`, pair[1]);
      if (id.length > TOPIC_ID_LENGTH_MAX) throw reader.invalid(`${path}[1]`, "a topic's id", id);
      return [reader.textValue(`${path}[0]`, pair[0]), id];
    }),
  );
}

/** The field `reader`: the name of a named reader. */
export function readReaderName(reader: FieldReader): string {
  const name = reader.text('reader');
  checkReaderName(name);
  return name;
}

/** The field `at`, whose value is given. */
export function readMoment(reader: FieldReader, value: unknown): OffsetMoment {
  if (value === 'earliest' || value === 'latest') return value;
  if (typeof value === 'number') return reader.integerValue('at', value, OFFSET);
  throw reader.invalid('at', '"earliest", "latest" or a timestamp in ms', value);
}

function readTopicPartition(
  reader: FieldReader,
  path: string,
  tuple: readonly unknown[],
): TopicPartition {
  return [
    reader.textValue(`${path}[0]`, tuple[0]),
    reader.integerValue(`${path}[1]`, tuple[1], PARTITION),
  ];
}

/** A list of [topic, partition, offset]. */
export function readOffsets(reader: FieldReader, name: string): TopicPartitionOffset[] {
  return reader.list(name, LIST_ELEMENTS_MAX, (path, value) => {
    const form = 'an array [topic, partition, offset]';
    const tuple = reader.tupleValue(path, value, form, { min: 3, max: 3 });
    const offset = reader.integerValue(`${path}[2]`, tuple[2], OFFSET);
    return [...readTopicPartition(reader, path, tuple), offset];
  });
}

function readPlainRecord(reader: FieldReader, path: string, value: unknown): RecordInput {
  const form = 'an array [key, value, headers?, timestamp?]';
  const tuple = reader.tupleValue(path, value, form, { min: 2, max: 4 });
  const key = readBytes(reader, path, 0, tuple[0]);
  const recordValue = readBytes(reader, path, 1, tuple[1]);
  if (tuple.length === 2) return { key, value: recordValue };
  const timestamp = tuple[3];
  return {
    key,
    value: recordValue,
    headers: readHeaders(reader, `${path}[2]`, tuple[2]),
    ...(timestamp != null && {
      timestamp: reader.integerValue(`${path}[3]`, timestamp, TIMESTAMP),
    }),
  };
}

function readHeaders(reader: FieldReader, path: string, value: unknown): RecordHeader[] {
  if (value == null) return [];
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) {
    throw reader.invalid(path, 'a map of header names to bytes, strings or nil', value);
  }
  return Object.entries(value).map(([key, header]) => ({
    key,
    value: readBytes(reader, path, key, header),
  }));
}

function readBytes(
  reader: FieldReader,
  path: string,
  key: string | number,
  value: unknown,
): Buffer | null {
  if (value == null) return null;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (Buffer.isBuffer(value)) return value;
  const name = typeof key === 'number' ? String(key) : JSON.stringify(key.slice(0, 60));
  throw reader.invalid(`${path}[${name}]`, 'bytes, a string or nil', value);
}
