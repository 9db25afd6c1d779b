// Good requests of Kafka clients, for a fuzzer to begin with: one of every API and version that the
// broker says it answers, about topics that exist. They begin as the samples that the codecs are
// held against.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  apiVersionsCodec,
  encodeRequest,
  findApi,
  KafkaCodecError,
  metadataCodec,
  WireReader,
  type AnyApiCodec,
  type ApiCodec,
} from '@walrusmq/kafka-protocol';
import { encodeBatch, type RecordInput } from '@walrusmq/record-batch';
import { KafkaLink } from './kafka-link';
import { FUZZ_TOPICS } from './seed-frames';

const GOLDEN = join(__dirname, '../../libs/kafka-protocol/testing/golden');
const [A = '', B = ''] = FUZZ_TOPICS;
const RECORDS: readonly RecordInput[] = [
  { key: Buffer.from('k'), value: Buffer.from('value'), headers: [] },
  { value: Buffer.alloc(300, 'x') },
];
/** What a producer of each kind sends. */
export const BATCHES: readonly Buffer[] = [
  encodeBatch(RECORDS),
  encodeBatch(RECORDS, { compression: 'gzip' }),
  encodeBatch(RECORDS, { producerId: 1, producerEpoch: 0, baseSequence: 0 }),
];

/** A request that a mutation starts from. */
export interface KafkaSeed {
  readonly codec: AnyApiCodec;
  readonly version: number;
  readonly isFlexible: boolean;
  readonly request: Readonly<Record<string, unknown>>;
  /** As it goes over the wire, with its length. */
  readonly frame: Buffer;
}

/** What stands in a request, by the name of the field; all else is as in the sample. */
const PLAUSIBLE: Readonly<Record<string, unknown>> = {
  ...{ topic: A, name: A, topicName: A, resourceName: B, topicNames: [A, B], topicsNames: [A] },
  ...{ groupId: 'fuzzers', groupIds: ['fuzzers'], groupsNames: ['fuzzers'], key: 'fuzzers' },
  ...{ memberId: '', groupInstanceId: null, memberEpoch: -1, generationId: -1, protocolType: 'x' },
  ...{ partition: 0, partitionIndex: 0, index: 0, partitionIndexes: [0], count: 3 },
  ...{ acks: -1, transactionalId: null, timeoutMs: 1_000, maxWaitMs: 1, minBytes: 1 },
  ...{ replicaId: -1, replicaEpoch: -1, sessionId: 0, sessionEpoch: -1, currentLeaderEpoch: -1 },
  ...{ fetchOffset: 0, offset: 0, timestamp: -1, committedOffset: 1, lastFetchedEpoch: -1 },
  ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 1_000, keyType: 0, resourceType: 2 },
  ...{ numPartitions: 2, replicationFactor: 1, assignments: [], configs: [], validateOnly: false },
  ...{ clientSoftwareName: 'fuzz', clientSoftwareVersion: '1', isolationLevel: 1 },
  ...{ producerId: -1, producerEpoch: -1, maxBytes: 100_000, partitionMaxBytes: 100_000 },
};

/** By the name of a message, then by version and kind: its bytes in hex. */
type Golden = Readonly<Record<string, Readonly<Record<string, string>>>>;

function readGolden(): Golden {
  const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.json'));
  const read = (name: string): Golden =>
    JSON.parse(readFileSync(join(GOLDEN, name), 'utf8')) as Golden;
  return Object.assign({}, ...files.map(read)) as Golden;
}

function plausible(value: unknown, key: string, known: Readonly<Record<string, unknown>>): unknown {
  // What is empty is not there in this version.
  if (value === '') return value;
  const isKnown = key in known && (known[key] === null || typeof value === typeof known[key]);
  if (isKnown && value !== null) return known[key];
  if (Array.isArray(value)) return value.map((each: unknown) => plausible(each, '', known));
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, plausible(each, name, known)]),
  );
}

/** The field that a version does not have, by the error of the codec. */
function absentField(error: unknown): string {
  const named =
    error instanceof KafkaCodecError
      ? /(?:has no field|does not allow null in) (?:.*\.)?(\w+)/
      : undefined;
  const field = named?.exec((error as Error).message)?.[1];
  if (field === undefined) throw error;
  return field;
}

function seedOf(
  codec: AnyApiCodec,
  sample: unknown,
  version: number,
  known: Readonly<Record<string, unknown>>,
): KafkaSeed {
  const isFlexible = codec.flexibleFrom !== undefined && version >= codec.flexibleFrom;
  const kept: Record<string, unknown> = { ...known };
  for (;;) {
    const request = plausible(sample, '', kept) as Readonly<Record<string, unknown>>;
    try {
      return { codec, version, isFlexible, request, frame: framed(codec, version, request) };
    } catch (error) {
      const field = absentField(error);
      if (!(field in kept)) throw error;
      Reflect.deleteProperty(kept, field);
    }
  }
}

/** The bytes of a request. */
export function framed(
  codec: AnyApiCodec,
  version: number,
  request: Readonly<Record<string, unknown>>,
): Buffer {
  const origin = { correlationId: 1, clientId: 'fuzz' };
  const typed = codec as unknown as ApiCodec<unknown, unknown>;
  return Buffer.concat(encodeRequest(typed, version, origin, request));
}

/** A seed for each API and version that the broker at `address` answers. */
export async function kafkaSeeds(address: string): Promise<readonly KafkaSeed[]> {
  const link = await KafkaLink.open(address);
  const { apiKeys } = await link.request(apiVersionsCodec, 0, {});
  const { topics } = await link.request(metadataCodec, 12, {
    topics: [{ name: A }],
    allowAutoTopicCreation: false,
  });
  link.close();
  const known = { ...PLAUSIBLE, topicId: topics[0]?.topicId };
  const golden = readGolden();
  return apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const codec = findApi(apiKey)?.codec;
    if (codec === undefined) throw new Error(`no codec of API ${apiKey}`);
    const first = Math.max(minVersion, codec.minVersion);
    const versions = Array.from({ length: maxVersion - first + 1 }, (_, i) => first + i);
    return versions.flatMap((version) => {
      const hex = golden[codec.request.name]?.[`${version} full`];
      if (hex === undefined) throw new Error(`no sample of ${codec.name} version ${version}`);
      const sample = codec.request.read(new WireReader(Buffer.from(hex, 'hex')), version);
      const batches = codec.name === 'Produce' ? BATCHES : BATCHES.slice(0, 1);
      return batches.map((records) => seedOf(codec, sample, version, { ...known, records }));
    });
  });
}
