import {
  parseFetch,
  type FetchResponse,
  type IncomingFrame,
  type ParsedFetch,
} from '@walrusmq/protocol';
import type { Counters } from '../observability/counters';
import type { FetchWaiters } from '../partition/fetch-waiters';
import { readEnough } from '../topic/fetch-wait';
import type { Topics } from '../topic/topics';
import { FetchPass } from './fetch-pass';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: whole batches of each partition from the offset asked for, as stored, or their records
 * decoded. While there are fewer than `minBytes` and no partition answers with an error, the reply
 * waits for more, at most `maxWaitMs`; it comes early when the reply is full, a topic is deleted,
 * the client hangs up or the broker stops. `maxBytes` is soft: the first batch is always sent.
 * While the unsent replies of all clients fill their budget, a reply has 64 KiB at most and does
 * not wait; one with nothing, as the first batch is larger, waits a little: no client is to spin.
 * Partitions take turns in being read first, so that a busy one cannot starve those behind it.
 * Decoded records count against `maxBytes` by what they are unpacked; a compressed batch that
 * unpacks to more than `maxBytes` and more than the broker takes as a batch is not unpacked.
 *
 * A fetch never fails as a whole for what one partition says; the partition's entry carries the
 * error.
 *
 * Version notes: protocol 1.
 */
export class FetchHandler implements OperationHandler {
  readonly operation = 'fetch';

  constructor(
    private readonly topics: Topics,
    private readonly waiters: FetchWaiters,
    private readonly fetchBytesMax: number,
    private readonly batchBytesMax: number,
    private readonly counters: Counters,
  ) {}

  /** @throws {ProtocolError} INVALID_REQUEST. */
  handle(frame: IncomingFrame, session: Session): Reply | Promise<Reply> {
    const request = parseFetch(frame.fields);
    const maxBytes = Math.min(request.maxBytes, this.fetchBytesMax);
    const { minBytes, maxWaitMs } = request;
    const newPass = (): FetchPass => this.newPass(request, maxBytes, session);
    const read = readEnough({ minBytes, maxBytes, maxWaitMs }, newPass, this.waiters, session);
    if (!(read instanceof Promise)) return this.reply(read, request);
    return read.then((pass) => this.reply(pass, request));
  }

  private newPass(request: ParsedFetch, bytesMax: number, session: Session): FetchPass {
    session.fetches = (session.fetches + 1) >>> 0;
    const first = session.fetches % Math.max(1, request.partitions.length);
    // However little a client asks for, it gets the first record of an ordinary batch.
    const unpackedBatchBytesMax = Math.max(bytesMax, this.batchBytesMax);
    const limits = { bytesMax, unpackedBatchBytesMax, first };
    return new FetchPass(this.topics, request, limits, session.replyRoom);
  }

  private reply(pass: FetchPass, request: ParsedFetch): Reply {
    const fields: FetchResponse = { partitions: pass.fetched };
    const { reservedBytes, tail } = pass;
    this.counters.fetchedBytes += pass.sizeBytes;
    return request.format === 'records'
      ? { fields, reservedBytes }
      : { fields, tail, reservedBytes };
  }
}
