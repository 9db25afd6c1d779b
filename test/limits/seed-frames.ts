// Good frames of every operation, for a fuzzer to begin with: those that docs/protocol.md shows
// byte by byte, and one or more of each operation beside them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as protocol from '@walrusmq/protocol';
import { encodeBatch, type RecordInput } from '@walrusmq/record-batch';

const DOC = join(__dirname, '../../docs/protocol.md');

/** A request that a mutation starts from. */
export interface Seed {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tail: Buffer | undefined;
}

/** Topics that exist while frames are sent, and may be deleted by them. */
export const FUZZ_TOPICS = ['fuzz-a', 'fuzz-b'];
const [A = '', B = ''] = FUZZ_TOPICS;

const RECORDS: readonly RecordInput[] = [
  { key: Buffer.from('k'), value: Buffer.from('value'), headers: [] },
  { value: Buffer.alloc(300, 'x') },
];
const BATCHES = [
  encodeBatch(RECORDS),
  encodeBatch(RECORDS, { compression: 'gzip' }),
  encodeBatch(RECORDS, { producerId: 1, producerEpoch: 0, baseSequence: 0 }),
];

const member = '7f1c6f5e-1a5b-4c57-9d0b-8c1f0a2b3c4d';
const group = 'fuzzers';
const protocols = [{ name: 'range', metadata: Buffer.from('0001', 'hex') }];
const assignments = [{ memberId: member, assignment: Buffer.alloc(8) }];

const QUOTAS = { bytesInPerSecond: 1_000_000, requestsPerSecond: 1_000 };
const CONFIGS = { 'retention.ms': '1000', 'max.message.bytes': 5_000 };

type Fields = Readonly<Record<string, unknown>>;

const REQUESTS: readonly (readonly [kind: string, fields: Fields, tail?: Buffer])[] = [
  ['hello', { protocol: [1, 1], client: 'fuzz', instance: 'default' }],
  ['metadata', {}],
  ['metadata', { topics: FUZZ_TOPICS, autoCreate: true }],
  ['createTopic', { name: 'fuzz-c', partitions: 2, configs: { 'retention.ms': '1000' } }],
  ['deleteTopic', { name: 'fuzz-c' }],
  ['alterTopic', { name: B, partitions: 4, configs: { 'max.message.bytes': '100000' } }],
  ['describeTopic', { name: A }],
  ['describeConfigs', {}],
  ['listTopics', { after: '', limit: 10 }],
  ['deleteRecords', { topic: A, offsets: [[0, 5]] }],
  ['deleteRecords', { topic: A, partitions: [0], before: 1_700_000_000_000 }],
  ...BATCHES.map((tail) => ['produce', { topic: A, partition: 0, acks: -1 }, tail] as const),
  ['produce', { topic: B, partition: 1, acks: 0 }, BATCHES[0]],
  [
    'produce',
    {
      topic: B,
      acks: 1,
      records: [
        ['k', 'v', { h: 'x' }, 1_700_000_000_000],
        [null, 'w'],
      ],
    },
  ],
  ['initProducerId', {}],
  ['initProducerId', { producerId: 1, producerEpoch: 0 }],
  [
    'fetch',
    {
      partitions: [
        [A, 0, 0],
        [B, 1, 0],
      ],
      maxBytes: 100_000,
      minBytes: 1,
      maxWaitMs: 1,
    },
  ],
  ['fetch', { partitions: [[A, 0, 0]], format: 'records', partitionMaxBytes: 1_000 }],
  ['listOffsets', { topic: A, partitions: [0], at: 'latest' }],
  ['listOffsets', { topic: A, at: 1_700_000_000_000 }],
  ['readerCommit', { reader: 'r', offsets: [[A, 0, 0]] }],
  ['readerFetch', { reader: 'r', partitions: [[A, 0]] }],
  ['readerPin', { reader: 'r', topic: A, expireMs: 1_000 }],
  ['readerUnpin', { reader: 'r', topic: A }],
  ['readerCreate', { reader: 'r', topics: [A], at: 'earliest', ifExists: 'keep' }],
  ['readerCreate', { reader: 's', offsets: [[A, 0, 0]] }],
  ['readerReset', { reader: 'r', partitions: [[A, 0]], shiftBy: -1, takeOver: true }],
  ['readerReset', { reader: 's', topics: [A], copyFrom: 'r', dryRun: true }],
  ['readerDelete', { reader: 's', topics: [A], takeOver: true }],
  ['listReaders', { topic: A, limit: 10 }],
  ['listReaders', { after: [A, 'r'] }],
  ['readerDescribe', { reader: 'r', topics: [A] }],
  ['readerAttach', { reader: 'r', topics: FUZZ_TOPICS, takeOver: true }],
  ['readerDetach', { reader: 'r', topics: [A] }],
  ['read', { reader: 'r', topic: A, partition: 0, maxRecords: 10, maxWaitMs: 1 }],
  ['read', { reader: 's', topic: A, maxBytes: 1_000, checkpoint: false, format: 'records' }],
  ['createInstance', { key: 'fuzz', fsync: 'no-fsync', quotas: QUOTAS, configs: CONFIGS }],
  [
    'alterInstance',
    { key: 'fuzz', fsync: '50ms', quotas: { bytesInPerSecond: null }, force: true },
  ],
  ['alterInstance', { key: 'fuzz', readConsistency: 'at-least-once:5', validateOnly: true }],
  ['describeInstance', { key: 'fuzz' }],
  ['listInstances', {}],
  ['deleteInstance', { key: 'fuzz', force: true }],
  [
    'subscribe',
    {
      partitions: [
        [A, 0, 0],
        [B, 0, 0],
      ],
      creditBytes: 100_000,
      format: 'batches',
    },
  ],
  ['changeSubscription', { subscription: 5, add: [[B, 1, 0]], pause: [[A, 0]], resume: [[A, 0]] }],
  ['credit', { subscription: 5, bytes: 1_000 }],
  ['unsubscribe', { subscription: 5 }],
  ['consumerGroupHeartbeat', { group, member, epoch: 0, topics: FUZZ_TOPICS, pattern: 'fuzz-.*' }],
  ['joinGroup', { group: 'classic', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 1, protocols }],
  ['syncGroup', { group: 'classic', member, generation: 1, assignments }],
  ['heartbeat', { group: 'classic', member, generation: 1 }],
  ['leaveGroup', { group: 'classic', members: [{ member }] }],
  ['offsetCommit', { group, member, epoch: 1, offsets: [[A, 0, 0, 0, 'metadata']] }],
  ['offsetFetch', { group, partitions: [[A, 0]] }],
  ['offsetDelete', { group, partitions: [[A, 0]] }],
  ['deleteGroup', { group }],
  ['describeGroup', { group }],
  ['listGroups', { after: '', limit: 10 }],
  ['groupPin', { group, topic: A }],
  ['groupUnpin', { group, topic: A }],
];

/** The frames of docs/protocol.md, replies included: a client may send those, too. */
function documented(): Seed[] {
  const shown = readFileSync(DOC, 'utf8').matchAll(/```json\n(.*)\n```\n\n```hex\n([^`]*)\n```/g);
  return [...shown].map(([, , hex = '']) => {
    const decoder = new protocol.FrameDecoder({ frameBytesMax: 2 ** 20 });
    const [frame] = decoder.push(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
    if (frame === undefined) throw new Error(`docs/protocol.md shows no whole frame: ${hex}`);
    const { kind, fields, tail } = frame;
    return { kind, fields, tail: tail.length === 0 ? undefined : Buffer.concat(tail) };
  });
}

/** What each operation takes; for one that is not in the table above, every field there is. */
export function seedFrames(): readonly Seed[] {
  const own = REQUESTS.map(([kind, fields, tail]): Seed => ({ kind, fields, tail }));
  const all = Object.assign({}, ...own.map(({ fields }) => fields)) as Fields;
  const names = Object.keys(protocol)
    .filter((name) => name.startsWith('parse'))
    .map((name) => name.charAt(5).toLowerCase() + name.slice(6));
  const known = new Set(own.map(({ kind }) => kind));
  const others = names.filter((kind) => !known.has(kind));
  const catchAll = others.map((kind): Seed => ({ kind, fields: all, tail: undefined }));
  return [...documented(), ...own, ...catchAll];
}
