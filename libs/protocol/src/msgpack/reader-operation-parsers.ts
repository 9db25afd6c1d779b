// The fields of the operations in reader-operations.ts as they arrived, into their types. Part of
// operation-parsers.ts: all throw ProtocolError INVALID_REQUEST, which names the field.
import { FieldReader, type Fields, type IntegerRange } from './field-reader';
import { readMoment, readOffsets, readReaderName, readTopicPartitions } from './operation-parsers';
import {
  DEFAULT_FETCH_BYTES_MAX,
  LIST_ELEMENTS_MAX,
  PARTITION_COUNT_MAX,
  type FetchFormat,
} from './operations';
import { ProtocolError } from './protocol-error';
import {
  LIST_READERS_MAX,
  READ_RECORDS_MAX,
  type ChosenPartitions,
  type ParsedListReaders,
  type ParsedRead,
  type ParsedReaderAttach,
  type ParsedReaderCreate,
  type ParsedReaderDelete,
  type ParsedReaderDescribe,
  type ParsedReaderDetach,
  type ParsedReaderReset,
  type ResetTarget,
} from './reader-operations';
import { checkReaderName, checkTopicName } from './topic-name';

const FORMATS: readonly FetchFormat[] = ['batches', 'records'];
const IF_EXISTS = ['refuse', 'keep'] as const;
const PARTITION: IntegerRange = { min: 0, max: PARTITION_COUNT_MAX - 1 };
const SIZE: IntegerRange = { min: 1, max: 0x7fffffff };
const WAIT: IntegerRange = { min: 0, max: 0x7fffffff };
const SHIFT: IntegerRange = { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

/** The fields of `readerCreate`. */
export function parseReaderCreate(fields: Fields): ParsedReaderCreate {
  const reader = new FieldReader('readerCreate', fields);
  const head = {
    reader: readReaderName(reader),
    ifExists: reader.oneOf('ifExists', IF_EXISTS, 'refuse'),
  };
  exactlyOne('readerCreate', reader, ['offsets', 'at']);
  if (reader.has('offsets')) return { ...head, offsets: readOnlyOffsets('readerCreate', reader) };
  const chosen = readChosen('readerCreate', reader);
  return { ...head, chosen, at: readMoment(reader, fields.at) };
}

/** The fields of `readerReset`. */
export function parseReaderReset(fields: Fields): ParsedReaderReset {
  const reader = new FieldReader('readerReset', fields);
  return {
    reader: readReaderName(reader),
    target: readTarget(reader, fields),
    dryRun: reader.flag('dryRun'),
    takeOver: reader.flag('takeOver'),
  };
}

/** The fields of `readerDelete`. */
export function parseReaderDelete(fields: Fields): ParsedReaderDelete {
  const reader = new FieldReader('readerDelete', fields);
  return {
    reader: readReaderName(reader),
    topics: readTopics(reader),
    takeOver: reader.flag('takeOver'),
  };
}

/** The fields of `listReaders`; INVALID_TOPIC_NAME too. */
export function parseListReaders(fields: Fields): ParsedListReaders {
  const reader = new FieldReader('listReaders', fields);
  const limit = reader.integer('limit', { min: 1, max: LIST_READERS_MAX }, LIST_READERS_MAX);
  const topic = reader.optionalText('topic');
  if (!reader.has('after')) return { topic, after: undefined, limit };
  const form = 'an array [topic, reader]';
  const pair = reader.tupleValue('after', fields.after, form, { min: 2, max: 2 });
  const [afterTopic, name] = pair.map((value, at) => reader.textValue(`after[${at}]`, value));
  checkTopicName(afterTopic as string);
  checkReaderName(name as string);
  return { topic, after: [afterTopic as string, name as string], limit };
}

/** The fields of `readerDescribe`. */
export function parseReaderDescribe(fields: Fields): ParsedReaderDescribe {
  const reader = new FieldReader('readerDescribe', fields);
  return { reader: readReaderName(reader), topics: readTopics(reader) };
}

/** The fields of `readerAttach`. */
export function parseReaderAttach(fields: Fields): ParsedReaderAttach {
  const reader = new FieldReader('readerAttach', fields);
  return {
    reader: readReaderName(reader),
    topics: readTopicList(reader),
    takeOver: reader.flag('takeOver'),
  };
}

/** The fields of `readerDetach`. */
export function parseReaderDetach(fields: Fields): ParsedReaderDetach {
  const reader = new FieldReader('readerDetach', fields);
  return { reader: readReaderName(reader), topics: readTopics(reader) };
}

/** The fields of `read`. */
export function parseRead(fields: Fields): ParsedRead {
  const reader = new FieldReader('read', fields);
  return {
    reader: readReaderName(reader),
    topic: reader.text('topic'),
    partition: reader.has('partition') ? reader.integer('partition', PARTITION) : undefined,
    maxBytes: reader.integer('maxBytes', SIZE, DEFAULT_FETCH_BYTES_MAX),
    maxRecords: reader.integer('maxRecords', { min: 1, max: READ_RECORDS_MAX }, READ_RECORDS_MAX),
    checkpoint: reader.has('checkpoint') ? reader.flag('checkpoint') : true,
    maxWaitMs: reader.integer('maxWaitMs', WAIT, 0),
    format: reader.oneOf('format', FORMATS, 'batches'),
  };
}

function readTarget(reader: FieldReader, fields: Fields): ResetTarget {
  const name = exactlyOne('readerReset', reader, ['offsets', 'at', 'shiftBy', 'copyFrom']);
  if (name === 'offsets') return { offsets: readOnlyOffsets('readerReset', reader) };
  const chosen = readChosen('readerReset', reader);
  if (name === 'at') return { chosen, at: readMoment(reader, fields.at) };
  if (name === 'shiftBy') return { chosen, shiftBy: reader.integer('shiftBy', SHIFT) };
  const copyFrom = reader.text('copyFrom');
  checkReaderName(copyFrom);
  return { chosen, copyFrom };
}

function readOnlyOffsets(operation: string, reader: FieldReader): ReturnType<typeof readOffsets> {
  for (const name of ['topics', 'partitions']) {
    if (reader.has(name)) throw invalid(`${operation} takes offsets or ${name}, not both`);
  }
  return readOffsets(reader, 'offsets');
}

function readChosen(operation: string, reader: FieldReader): ChosenPartitions {
  const name = exactlyOne(operation, reader, ['topics', 'partitions']);
  if (name === 'topics') return { topics: readTopicList(reader) };
  return { partitions: readTopicPartitions(reader, 'partitions') };
}

function readTopics(reader: FieldReader): string[] | undefined {
  return reader.has('topics') ? readTopicList(reader) : undefined;
}

function readTopicList(reader: FieldReader): string[] {
  const names = reader.list('topics', LIST_ELEMENTS_MAX, (path, value) =>
    reader.textValue(path, value),
  );
  return [...new Set(names)];
}

function exactlyOne<Name extends string>(
  operation: string,
  reader: FieldReader,
  names: readonly Name[],
): Name {
  const given = names.filter((name) => reader.has(name));
  const [one, other] = given;
  if (one !== undefined && other === undefined) return one;
  const problem = one === undefined ? 'got none' : `not ${given.join(' and ')} together`;
  throw invalid(`${operation} needs one of ${names.join(', ')}; ${problem}`);
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('INVALID_REQUEST', message);
}
