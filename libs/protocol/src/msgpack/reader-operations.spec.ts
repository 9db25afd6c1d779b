import {
  parseListReaders,
  parseRead,
  parseReaderAttach,
  parseReaderCreate,
  parseReaderDelete,
  parseReaderDescribe,
  parseReaderDetach,
  parseReaderReset,
} from './reader-operation-parsers';

type Fields = Readonly<Record<string, unknown>>;

const refusal = (code: string, message: RegExp | string): Error =>
  expect.objectContaining({
    code,
    message: (typeof message === 'string'
      ? expect.stringContaining(message)
      : expect.stringMatching(message)) as string,
  }) as Error;

describe('parseReaderCreate', () => {
  it.each<[Fields, object]>([
    [
      { reader: 'r', topics: ['a', 'b', 'a'], at: 'latest' },
      { reader: 'r', chosen: { topics: ['a', 'b'] }, at: 'latest', ifExists: 'refuse' },
    ],
    [
      { reader: 'r', partitions: [['a', 3]], at: 1_700_000_000_000, ifExists: 'keep' },
      {
        reader: 'r',
        chosen: { partitions: [['a', 3]] },
        at: 1_700_000_000_000,
        ifExists: 'keep',
      },
    ],
    [
      { reader: 'r', offsets: [['a', 0, 7]], topics: null, at: null },
      { reader: 'r', offsets: [['a', 0, 7]], ifExists: 'refuse' },
    ],
  ])('takes %j', (fields, parsed) => {
    expect(parseReaderCreate(fields)).toEqual(parsed);
  });

  it.each<[Fields, string]>([
    [{ topics: ['a'], at: 'latest' }, 'readerCreate.reader must be'],
    [{ reader: 'a b', topics: ['a'], at: 'latest' }, 'reader name "a b" is not'],
    [{ reader: 'r', topics: ['a'] }, 'needs one of offsets, at; got none'],
    [{ reader: 'r', at: 'latest' }, 'needs one of topics, partitions; got none'],
    [
      { reader: 'r', topics: ['a'], partitions: [['a', 0]], at: 'latest' },
      'not topics and partitions together',
    ],
    [{ reader: 'r', offsets: [['a', 0, 1]], at: 'latest' }, 'not offsets and at together'],
    [{ reader: 'r', offsets: [['a', 0, 1]], topics: ['a'] }, 'offsets or topics, not both'],
    [{ reader: 'r', topics: [], at: 'latest' }, 'topics must be an array of 1 to 10000'],
    [{ reader: 'r', topics: ['a'], at: 'first' }, 'at must be "earliest", "latest" or'],
    [{ reader: 'r', topics: ['a'], at: -1 }, 'at must be an integer from 0'],
    [{ reader: 'r', offsets: [['a', 0, -1]] }, 'offsets[0][2] must be an integer'],
    [{ reader: 'r', partitions: [['a', 10_000]], at: 0 }, 'partitions[0][1] must be'],
    [{ reader: 'r', topics: ['a'], at: 0, ifExists: 'move' }, 'ifExists must be one of'],
  ])('refuses %j', (fields, message) => {
    expect(() => parseReaderCreate(fields)).toThrow(refusal('INVALID_REQUEST', message));
  });
});

describe('parseReaderReset', () => {
  const chosen = { topics: ['a'] };
  it.each<[Fields, object]>([
    [{ topics: ['a'], at: 'earliest' }, { target: { chosen, at: 'earliest' } }],
    [{ topics: ['a'], shiftBy: -5 }, { target: { chosen, shiftBy: -5 } }],
    [{ topics: ['a'], copyFrom: 's', dryRun: true }, { target: { chosen, copyFrom: 's' } }],
    [{ offsets: [['a', 0, 9]], takeOver: true }, { target: { offsets: [['a', 0, 9]] } }],
  ])('takes %j', (fields, parsed) => {
    const { dryRun = false, takeOver = false } = fields;
    const all = { reader: 'r', dryRun, takeOver, ...parsed };
    expect(parseReaderReset({ reader: 'r', ...fields })).toEqual(all);
  });

  it.each<[Fields, string]>([
    [{ topics: ['a'] }, 'needs one of offsets, at, shiftBy, copyFrom; got none'],
    [{ topics: ['a'], at: 'latest', shiftBy: 1 }, 'not at and shiftBy together'],
    [{ topics: ['a'], shiftBy: 1.5 }, 'shiftBy must be an integer'],
    [{ topics: ['a'], copyFrom: '$default' }, 'reader name "$default" is not'],
    [{ shiftBy: 1 }, 'needs one of topics, partitions'],
    [{ topics: ['a'], at: 0, dryRun: 'yes' }, 'dryRun must be true or false'],
  ])('refuses %j', (fields, message) => {
    const all = { reader: 'r', ...fields };
    expect(() => parseReaderReset(all)).toThrow(refusal('INVALID_REQUEST', message));
  });
});

describe('parseRead', () => {
  it('fills in what the seed has as defaults', () => {
    expect(parseRead({ reader: 'r', topic: 't' })).toEqual({
      reader: 'r',
      topic: 't',
      partition: undefined,
      maxBytes: 1_048_576,
      maxRecords: 2_000,
      checkpoint: true,
      maxWaitMs: 0,
      format: 'batches',
    });
  });

  it.each<[Fields, string]>([
    [{ topic: '' }, 'topic must be a string that is not empty'],
    [{ partition: -1 }, 'partition must be an integer from 0 to 9999'],
    [{ maxBytes: 0 }, 'maxBytes must be'],
    [{ maxRecords: 2_001 }, 'maxRecords must be an integer from 1 to 2000'],
    [{ maxRecords: 0 }, 'maxRecords must be'],
    [{ checkpoint: 1 }, 'checkpoint must be true or false'],
    [{ maxWaitMs: -1 }, 'maxWaitMs must be'],
    [{ format: 'json' }, 'format must be one of'],
  ])('refuses %j', (fields, message) => {
    const all = { reader: 'r', topic: 't', ...fields };
    expect(() => parseRead(all)).toThrow(refusal('INVALID_REQUEST', message));
  });
});

describe('the other operations of readers', () => {
  it('reads a page of the list', () => {
    expect(parseListReaders({})).toEqual({ topic: undefined, after: undefined, limit: 1_000 });
    const page = { topic: 't', after: ['t', 'r'], limit: 1 };
    expect(parseListReaders(page)).toEqual(page);
    for (const after of [['t'], 't', ['t', 5], ['t', ''], ['t', 'r', 's']]) {
      expect(() => parseListReaders({ after })).toThrow(refusal('INVALID_REQUEST', 'after'));
    }
    const badTopic = { after: ['a b', 'r'] };
    expect(() => parseListReaders(badTopic)).toThrow(refusal('INVALID_TOPIC_NAME', 'a b'));
    expect(() => parseListReaders({ limit: 1_001 })).toThrow(refusal('INVALID_REQUEST', 'limit'));
  });

  it('reads attachments, deletions and descriptions', () => {
    const attach = { reader: 'r', topics: ['b', 'a', 'b'] };
    const parsed = { reader: 'r', topics: ['b', 'a'] };
    expect(parseReaderAttach(attach)).toEqual({ ...parsed, takeOver: false });
    expect(parseReaderDetach(attach)).toEqual(parsed);
    expect(parseReaderDetach({ reader: 'r' })).toEqual({ reader: 'r', topics: undefined });
    expect(parseReaderDescribe({ reader: 'r' })).toEqual({ reader: 'r', topics: undefined });
    expect(parseReaderDelete({ ...attach, takeOver: true })).toEqual({ ...parsed, takeOver: true });
    for (const parse of [parseReaderAttach, parseReaderDetach, parseReaderDelete]) {
      const none = { reader: 'r', topics: [] };
      expect(() => parse(none)).toThrow(refusal('INVALID_REQUEST', 'topics must be'));
      const long = { reader: 'r'.repeat(250), topics: ['t'] };
      expect(() => parse(long)).toThrow(refusal('INVALID_REQUEST', 'reader name'));
    }
  });
});
