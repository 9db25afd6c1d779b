// The parsers of the operations on topics; as operation-parsers.ts says of its own.
import { FieldReader, type Fields, type IntegerRange } from './field-reader';
import { LIST_ELEMENTS_MAX, PARTITION_COUNT_MAX } from './operations';
import { ProtocolError } from './protocol-error';
import {
  CONFIGS_MAX,
  CONFIG_BYTES_MAX,
  LIST_TOPICS_MAX,
  type DescribeTopicRequest,
  type ParsedAlterTopic,
  type ParsedDeleteRecords,
  type ParsedDescribeConfigs,
  type ParsedListTopics,
  type ParsedReaderPin,
  type ReaderUnpinRequest,
} from './topic-operations';
import { checkReaderName, checkTopicName, quote } from './topic-name';

const PARTITION: IntegerRange = { min: 0, max: PARTITION_COUNT_MAX - 1 };
const SAFE: IntegerRange = { min: 0, max: Number.MAX_SAFE_INTEGER };
const INT32: IntegerRange = { min: -0x80000000, max: 0x7fffffff };

/** A count of partitions. @throws {ProtocolError} INVALID_PARTITIONS, INVALID_REQUEST. */
export function readPartitionCount(
  operation: string,
  reader: FieldReader,
  fallback?: number,
): number {
  const partitions = reader.integer('partitions', INT32, fallback);
  if (partitions >= 1 && partitions <= PARTITION_COUNT_MAX) return partitions;
  throw new ProtocolError(
    'INVALID_PARTITIONS',
    `${operation}.partitions must be from 1 to ${PARTITION_COUNT_MAX}, got ${partitions}`,
  );
}

/**
 * The map `configs`; empty where there is none. Which names and values are good is the broker's
 * say.
 *
 * @param mayBeNil Whether nil is a value: that what was set is taken back.
 * @throws {ProtocolError} INVALID_CONFIG for too many or too long; INVALID_REQUEST.
 */
export function readConfigs<MayBeNil extends boolean>(
  reader: FieldReader,
  value: unknown,
  mayBeNil: MayBeNil,
): Record<string, MayBeNil extends true ? string | null : string> {
  const configs = Object.create(null) as Record<string, string>;
  if (value == null) return configs;
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) {
    throw reader.invalid('configs', 'a map of config names to values', value);
  }
  const entries = Object.entries(value);
  if (entries.length > CONFIGS_MAX) {
    const text = `${entries.length} configs are more than the ${CONFIGS_MAX} that one request sets`;
    throw new ProtocolError('INVALID_CONFIG', text);
  }
  for (const [name, config] of entries) {
    configs[name] = readConfig(reader, name, config, mayBeNil) as string;
  }
  return configs;
}

function readConfig(
  reader: FieldReader,
  name: string,
  value: unknown,
  mayBeNil: boolean,
): string | null {
  if (value == null && mayBeNil) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw reader.invalid(`configs[${quote(name)}]`, 'a string, a number or a boolean', value);
  }
  const text = String(value);
  const bytes = Math.max(Buffer.byteLength(text), Buffer.byteLength(name));
  if (bytes <= CONFIG_BYTES_MAX) return text;
  throw new ProtocolError(
    'INVALID_CONFIG',
    `config ${quote(name)} has ${bytes} bytes of name or value; the limit is ${CONFIG_BYTES_MAX}`,
  );
}

/** The fields of `alterTopic`; INVALID_PARTITIONS and INVALID_CONFIG too. */
export function parseAlterTopic(fields: Fields): ParsedAlterTopic {
  const reader = new FieldReader('alterTopic', fields);
  const name = reader.text('name');
  const hasPartitions = reader.has('partitions');
  return {
    name,
    partitions: hasPartitions ? readPartitionCount('alterTopic', reader) : undefined,
    configs: readConfigs(reader, fields.configs, true),
    validateOnly: reader.flag('validateOnly'),
  };
}

/** The fields of `describeTopic`. */
export function parseDescribeTopic(fields: Fields): DescribeTopicRequest {
  return { name: new FieldReader('describeTopic', fields).text('name') };
}

/** The fields of `describeConfigs`. */
export function parseDescribeConfigs(fields: Fields): ParsedDescribeConfigs {
  return { topic: new FieldReader('describeConfigs', fields).optionalText('topic') };
}

/** The fields of `listTopics`; INVALID_TOPIC_NAME too. */
export function parseListTopics(fields: Fields): ParsedListTopics {
  const reader = new FieldReader('listTopics', fields);
  const after = reader.optionalText('after');
  if (after !== undefined) checkTopicName(after);
  const limit = reader.integer('limit', { min: 1, max: LIST_TOPICS_MAX }, LIST_TOPICS_MAX);
  return { after, limit };
}

/** The fields of `deleteRecords`. */
export function parseDeleteRecords(fields: Fields): ParsedDeleteRecords {
  const reader = new FieldReader('deleteRecords', fields);
  const topic = reader.text('topic');
  if (reader.has('offsets') === reader.has('before')) {
    const problem = reader.has('offsets') ? 'not both' : 'got neither';
    const message = `deleteRecords needs offsets or before; ${problem}`;
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  if (reader.has('offsets')) return { topic, offsets: readOffsets(reader) };
  const { before } = fields;
  if (before !== 'latest' && typeof before !== 'number') {
    throw reader.invalid('before', '"latest" or a timestamp in ms', before);
  }
  const moment = before === 'latest' ? before : reader.integerValue('before', before, SAFE);
  if (!reader.has('partitions')) return { topic, before: moment, partitions: undefined };
  const partitions = reader.list('partitions', LIST_ELEMENTS_MAX, (path, value) =>
    reader.integerValue(path, value, PARTITION),
  );
  return { topic, before: moment, partitions };
}

function readOffsets(reader: FieldReader): [partition: number, beforeOffset: number][] {
  return reader.list('offsets', LIST_ELEMENTS_MAX, (path, value) => {
    const form = 'an array [partition, offset]';
    const pair = reader.tupleValue(path, value, form, { min: 2, max: 2 });
    return [
      reader.integerValue(`${path}[0]`, pair[0], PARTITION),
      reader.integerValue(`${path}[1]`, pair[1], SAFE),
    ];
  });
}

/** The fields of `readerPin`. */
export function parseReaderPin(fields: Fields): ParsedReaderPin {
  const reader = new FieldReader('readerPin', fields);
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const expireMs = reader.has('expireMs') ? reader.integer('expireMs', range) : undefined;
  return { ...readPin(reader), expireMs };
}

/** The fields of `readerUnpin`. */
export function parseReaderUnpin(fields: Fields): ReaderUnpinRequest {
  return readPin(new FieldReader('readerUnpin', fields));
}

function readPin(reader: FieldReader): ReaderUnpinRequest {
  const name = reader.text('reader');
  checkReaderName(name);
  return { reader: name, topic: reader.text('topic') };
}
