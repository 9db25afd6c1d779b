import {
  fetchCodec,
  type Decoded,
  type FetchRequest,
  type FetchResponse,
} from '@walrusmq/kafka-protocol';
import { readEnough } from '../topic/fetch-wait';
import { KafkaRefusal, type KafkaFailure } from './error-codes';
import { askedPartitions, KafkaFetchPass } from './fetch-pass';
import { refuseReplica } from './found-partition';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

// From here on a response has an error of its own.
const ERROR_VERSION = 7;
const UNKNOWN_OFFSET = -1;
// Of requests that ask for everything: outside of sessions, and to begin one (KIP-227).
const WHOLE_REQUEST_EPOCHS: readonly number[] = [-1, 0];

/**
 * Behaviour: whole batches of each partition from the offset asked for, as stored. While there are
 * fewer than `minBytes` and no partition answers with an error, the response waits for more, at
 * most
 * `maxWaitMs`. Limits are soft: the first batch is always sent. Partitions take turns in being read
 * first; every partition of the request is in the response.
 *
 * There are no fetch sessions (KIP-227): who asks for one is given id 0, which means none, and
 * keeps sending whole requests. A request that goes on with a session is
 * FETCH_SESSION_ID_NOT_FOUND, upon which clients begin anew; a whole one is answered, whatever
 * session it names as over.
 *
 * Version notes: 4 to 16; 9 brought the leader's epoch, 10 zstd, before which a partition whose
 * next batches have it is UNSUPPORTED_COMPRESSION_TYPE, 13 topic ids.
 */
export class FetchHandler implements KafkaHandler<FetchRequest, FetchResponse> {
  readonly codec = fetchCodec;

  constructor(private readonly services: KafkaServices) {}

  /** @throws {KafkaRefusal} FETCH_SESSION_ID_NOT_FOUND; CLUSTER_AUTHORIZATION_FAILED. */
  handle(
    request: Decoded<FetchRequest>,
    { version, session }: KafkaCall,
  ): KafkaReply<FetchResponse> | Promise<KafkaReply<FetchResponse>> {
    if (!WHOLE_REQUEST_EPOCHS.includes(request.sessionEpoch)) {
      const message = `There is no fetch session ${request.sessionId}.`;
      throw new KafkaRefusal('FETCH_SESSION_ID_NOT_FOUND', message);
    }
    refuseReplica(request.replicaId);
    refuseReplica(request.replicaState.replicaId);
    const { services } = this;
    const { minBytes, maxWaitMs } = request;
    const maxBytes = Math.max(1, Math.min(request.maxBytes, services.settings.fetchBytesMax));
    const asked = askedPartitions(request);
    const newPass = (): KafkaFetchPass => {
      session.fetches = (session.fetches + 1) >>> 0;
      const limits = { bytesMax: maxBytes, first: session.fetches % Math.max(1, asked.length) };
      return new KafkaFetchPass(services, request, asked, version, limits, session.replyRoom);
    };
    // A request for nothing is a heartbeat of the connection.
    const wants = { minBytes, maxBytes, maxWaitMs: asked.length === 0 ? 0 : maxWaitMs };
    const read = readEnough(wants, newPass, services.waiters, session);
    return read instanceof Promise ? read.then((pass) => this.reply(pass)) : this.reply(read);
  }

  /** The error alone; at every partition in versions that have no place for it above them. */
  refusal(
    { topics }: Decoded<FetchRequest>,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): FetchResponse {
    if (version >= ERROR_VERSION) return { throttleTimeMs: 0, errorCode, responses: [] };
    const responses = topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition: partitionIndex }) => ({
        partitionIndex,
        errorCode,
        highWatermark: UNKNOWN_OFFSET,
        abortedTransactions: null,
        records: [],
      })),
    }));
    return { throttleTimeMs: 0, responses };
  }

  private reply(pass: KafkaFetchPass): KafkaReply<FetchResponse> {
    this.services.counters.fetchedBytes += pass.sizeBytes;
    const response = { throttleTimeMs: 0, sessionId: 0, responses: pass.responses };
    return { response, reservedBytes: pass.reservedBytes };
  }
}
