import {
  parseFetch,
  type FetchResponse,
  type IncomingFrame,
  type ParsedFetch,
} from '@walrusmq/protocol';
import type { Counters } from '../observability/counters';
import type { FetchWaiters } from '../partition/fetch-waiters';
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
    const pass = this.newPass(request, session);
    const pending = pass.run();
    if (pending === undefined && this.isEnough(pass, request) && !pass.isCrowdedOut) {
      return this.reply(pass, request);
    }
    return this.waitForEnough(request, session, pass, pending);
  }

  private async waitForEnough(
    request: ParsedFetch,
    session: Session,
    firstPass: FetchPass,
    firstPending: Promise<void> | undefined,
  ): Promise<Reply> {
    const deadlineMs = performance.now() + request.maxWaitMs;
    let pass = firstPass;
    await firstPending;
    while (!this.isEnough(pass, request)) {
      const maxWaitMs = Math.ceil(deadlineMs - performance.now());
      if (maxWaitMs <= 0) break;
      const growth = new Growth(request, pass);
      const partitions = pass.found.map(({ partition }) => partition);
      const isReady = (): boolean => growth.isLikelyEnough();
      const end = await this.waiters.wait({
        partitions,
        maxWaitMs,
        isReady,
        cancellation: session,
      });
      if (end === 'cancelled') break;
      pass.release();
      pass = this.newPass(request, session);
      await pass.run();
      if (end === 'expired') break;
    }
    const leftMs = Math.ceil(deadlineMs - performance.now());
    if (pass.isCrowdedOut) await this.waiters.holdBack(leftMs, session);
    return this.reply(pass, request);
  }

  private newPass(request: ParsedFetch, session: Session): FetchPass {
    session.fetches = (session.fetches + 1) >>> 0;
    const bytesMax = Math.min(request.maxBytes, this.fetchBytesMax);
    const first = session.fetches % Math.max(1, request.partitions.length);
    // However little a client asks for, it gets the first record of an ordinary batch.
    const unpackedBatchBytesMax = Math.max(bytesMax, this.batchBytesMax);
    const limits = { bytesMax, unpackedBatchBytesMax, first };
    return new FetchPass(this.topics, request, limits, session.replyRoom);
  }

  private isEnough(pass: FetchPass, request: ParsedFetch): boolean {
    if (pass.hasError || pass.isFull || request.maxWaitMs === 0) return true;
    const wanted = Math.min(request.minBytes, request.maxBytes, this.fetchBytesMax);
    // Where there is no room for as much, waiting would not bring it.
    return pass.sizeBytes >= (pass.roomBytes < wanted ? Math.min(1, wanted) : wanted);
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

/**
 * Tells, without reading, whether what a fetch waits for has probably arrived.
 *
 * The log does not say how many bytes lie behind an offset, so a second pass is worth it when the
 * records that are readable now would be enough at the size of those seen, or are twice as many: a
 * wait for many bytes reads each byte about twice at most.
 */
class Growth {
  private readonly bytesWanted: number;
  private readonly recordBytes: number;
  private readonly recordsBefore: number;

  constructor(
    request: ParsedFetch,
    private readonly pass: FetchPass,
  ) {
    this.bytesWanted = Math.min(request.minBytes, request.maxBytes);
    this.recordsBefore = pass.readableRecords;
    this.recordBytes = this.recordsBefore === 0 ? Infinity : pass.sizeBytes / this.recordsBefore;
  }

  isLikelyEnough(): boolean {
    let records = 0;
    for (const { partition, offset } of this.pass.found) {
      if (partition.isClosed) return true;
      records += Math.max(0, partition.readableEnd - offset);
    }
    if (records <= this.recordsBefore) return false;
    return records >= 2 * this.recordsBefore || records * this.recordBytes >= this.bytesWanted;
  }
}
