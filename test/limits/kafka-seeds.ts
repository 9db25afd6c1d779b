// Good requests of Kafka clients, for a fuzzer to begin with: one of every API and version that the
// broker says it answers, about topics that exist.
import { connect } from 'node:net';
import { once } from 'node:events';
import {
  apiVersionsCodec,
  decodeResponse,
  encodeRequest,
  metadataCodec,
  type AnyApiCodec,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { encodeBatch, type RecordInput } from '@walrusmq/record-batch';
import { API_CODECS } from '../../libs/kafka-protocol/src/generated/api-codecs';
import { allMessages, type TestedMessage } from '../../libs/kafka-protocol/testing/all-messages';
import { sampleMessage } from '../../libs/kafka-protocol/testing/sample-message';
import { FUZZ_TOPICS } from './seed-frames';

const PREFIX_BYTES = 4;
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

interface Names {
  readonly topicId: string;
  readonly records: Buffer;
}

function plausible(value: unknown, key: string, names: Names): unknown {
  if (key === 'topicId') return names.topicId;
  if (key === 'records') return names.records;
  if (key in PLAUSIBLE && typeof value === typeof PLAUSIBLE[key]) return PLAUSIBLE[key];
  if (Array.isArray(value)) return value.map((each: unknown) => plausible(each, '', names));
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, plausible(each, name, names)]),
  );
}

function seedOf(
  codec: AnyApiCodec,
  { message }: TestedMessage,
  version: number,
  names: Names,
): KafkaSeed {
  const sample = sampleMessage(message, version, 'full');
  const request = plausible(sample, '', names) as Readonly<Record<string, unknown>>;
  const frame = framed(codec, version, request);
  const isFlexible = codec.flexibleFrom !== undefined && version >= codec.flexibleFrom;
  return { codec, version, isFlexible, request, frame };
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

/** Asks one thing on a connection of its own. */
async function ask<Request, Response>(
  address: string,
  codec: ApiCodec<Request, Response>,
  version: number,
  request: Request,
): Promise<Decoded<Response>> {
  const at = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
  try {
    await once(socket, 'connect');
    const chunks = encodeRequest(codec, version, { correlationId: 7, clientId: 'fuzz' }, request);
    socket.write(Buffer.concat(chunks));
    let reply = Buffer.alloc(0);
    while (reply.length < PREFIX_BYTES || reply.length < PREFIX_BYTES + reply.readInt32BE(0)) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      reply = Buffer.concat([reply, chunk]);
    }
    return decodeResponse(codec, version, reply.subarray(PREFIX_BYTES)).response;
  } finally {
    socket.destroy();
  }
}

/** A seed for each API and version that the broker at `address` answers. */
export async function kafkaSeeds(address: string): Promise<readonly KafkaSeed[]> {
  const { apiKeys } = await ask(address, apiVersionsCodec, 0, {} as never);
  const { topics } = await ask(address, metadataCodec, 12, {
    topics: [{ name: A }],
    allowAutoTopicCreation: false,
  });
  const topicId = topics[0]?.topicId ?? '';
  const messages = new Map(allMessages().map((message) => [message.name, message]));
  return apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const codec = API_CODECS.find(({ key }) => key === apiKey);
    const message = codec === undefined ? undefined : messages.get(codec.request.name);
    if (codec === undefined || message === undefined) throw new Error(`no codec of API ${apiKey}`);
    const first = Math.max(minVersion, codec.minVersion);
    const versions = Array.from({ length: maxVersion - first + 1 }, (_, i) => first + i);
    return versions.flatMap((version) => {
      const batches = codec.name === 'Produce' ? BATCHES : BATCHES.slice(0, 1);
      return batches.map((records) => seedOf(codec, message, version, { topicId, records }));
    });
  });
}
