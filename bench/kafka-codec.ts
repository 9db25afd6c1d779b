// What a frame of the Kafka protocol costs our codec: npm run bench:kafka-codec. Beside it kafkajs,
// where it has the same frame (it knows no flexible version, and opens every batch that it reads).
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  fetchCodec,
  produceCodec,
  type FetchRequest,
  type FetchResponse,
} from '@walrusmq/kafka-protocol';

interface TheirEncoder {
  readonly buffer: Buffer;
}
type TheirFetchRequest = (fields: object) => { readonly encode: () => Promise<TheirEncoder> };
interface TheirFetchResponse {
  readonly decode: (body: Buffer) => Promise<object>;
}

/* eslint-disable @typescript-eslint/no-require-imports -- kafkajs has no types for its codecs. */
const theirFetchRequest =
  require('kafkajs/src/protocol/requests/fetch/v11/request') as TheirFetchRequest;
const theirFetchResponse =
  require('kafkajs/src/protocol/requests/fetch/v11/response') as TheirFetchResponse;
/* eslint-enable @typescript-eslint/no-require-imports */

const ROUNDS = 9;
const ROUND_MS = 60;
const PARTITIONS = 50;
const ORIGIN = { correlationId: 1, clientId: 'bench' };
const TOPIC_ID = '0c1a0f3e-7f0b-4a5e-9d1c-1f2e3d4c5b6a';
const BATCH = Buffer.alloc(64 * 1024, 7);
const PARTITION_NUMBERS = Array.from({ length: PARTITIONS }, (_, index) => index);

const body = (chunks: readonly Buffer[]): Buffer => Buffer.concat(chunks).subarray(4);

function fetchResponse(records: readonly Buffer[]): FetchResponse {
  const partitions = PARTITION_NUMBERS.map((partitionIndex) => ({
    ...{ partitionIndex, errorCode: 0, highWatermark: 1000, lastStableOffset: 1000 },
    ...{ abortedTransactions: [], records },
  }));
  return { throttleTimeMs: 0, responses: [{ topic: 'orders', topicId: TOPIC_ID, partitions }] };
}

const FETCH: FetchRequest = {
  ...{ maxWaitMs: 500, minBytes: 1, isolationLevel: 1 },
  topics: [
    {
      ...{ topic: 'orders', topicId: TOPIC_ID },
      partitions: PARTITION_NUMBERS.map((partition) => {
        return { partition, fetchOffset: 1000, partitionMaxBytes: 1 << 20 };
      }),
    },
  ],
};

const THEIR_FETCH = {
  ...{ replicaId: -1, maxWaitTime: 500, minBytes: 1, maxBytes: 1 << 30, isolationLevel: 1 },
  topics: [
    {
      topic: 'orders',
      partitions: PARTITION_NUMBERS.map((partition) => {
        return { partition, fetchOffset: '1000', maxBytes: 1 << 20 };
      }),
    },
  ],
};

type Work = () => unknown;

/** Microseconds per call, the median of rounds. */
async function cost(work: Work): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const end = start + BigInt(ROUND_MS * 1e6);
    let calls = 0;
    for (; process.hrtime.bigint() < end; calls++) await work();
    costs.push(Number(process.hrtime.bigint() - start) / 1000 / calls);
  }
  return costs.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
}

function rows(): [name: string, ours: Work, theirs?: Work][] {
  const produce = {
    ...{ acks: -1, timeoutMs: 1000 },
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records: BATCH }] }],
  };
  const produced = body(encodeRequest(produceCodec, 9, ORIGIN, produce));
  const full = fetchResponse([BATCH]);
  const idle = fetchResponse([]);
  const fetched = body(encodeResponse(fetchCodec, 16, 1, full));
  const idleBody = body(encodeResponse(fetchCodec, 11, 1, idle));
  const asked = body(encodeRequest(fetchCodec, 16, ORIGIN, FETCH));
  const of = `${PARTITIONS} partitions`;
  return [
    ['decode Produce request 9, 64 KiB', () => decodeRequest(produceCodec, produced)],
    ['encode Produce request 9, 64 KiB', () => encodeRequest(produceCodec, 9, ORIGIN, produce)],
    [`decode Fetch request 16, ${of}`, () => decodeRequest(fetchCodec, asked)],
    [`encode Fetch response 16, ${of} of 64 KiB`, () => encodeResponse(fetchCodec, 16, 1, full)],
    [`decode Fetch response 16, ${of} of 64 KiB`, () => decodeResponse(fetchCodec, 16, fetched)],
    [
      `encode Fetch request 11, ${of}`,
      () => encodeRequest(fetchCodec, 11, ORIGIN, FETCH),
      () => theirFetchRequest(THEIR_FETCH).encode(),
    ],
    [
      `decode Fetch response 11, ${of}, no records`,
      () => decodeResponse(fetchCodec, 11, idleBody),
      () => theirFetchResponse.decode(idleBody.subarray(4)),
    ],
  ];
}

async function main(): Promise<void> {
  process.stdout.write('| frame | ours, µs | kafkajs, µs |\n| --- | --- | --- |\n');
  for (const [name, ours, theirs] of rows()) {
    const our = await cost(ours);
    const their = theirs === undefined ? '' : (await cost(theirs)).toFixed(1);
    process.stdout.write(`| ${name} | ${our.toFixed(1)} | ${their} |\n`);
  }
}

void main();
