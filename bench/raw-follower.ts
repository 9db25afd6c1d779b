// Follows a topic of one partition with nothing but frames, by events or by long polls, so that the
// two differ in nothing else.
import { connect, type Socket } from 'node:net';
import {
  encodeFrame,
  EVENT_KIND,
  FrameDecoder,
  type FetchResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import { batchHeaders, decodeBatches, type DecodedRecord } from '@walrusmq/record-batch';

const WINDOW_BYTES = 2 * 1024 * 1024;
const MAX_WAIT_MS = 1_000;

/** How a follower gets its records. */
export type Following = 'events' | 'long polls';

/** One connection that follows partition 0 of a topic from its start; `close` ends it. */
export class RawFollower {
  private readonly decoder = new FrameDecoder({ frameBytesMax: 64 * 1024 * 1024 });
  private readonly socket: Socket;
  private correlationId = 0;
  private subscription = 0;
  private offset = 0;
  private usedBytes = 0;

  constructor(
    broker: string,
    private readonly topic: string,
    private readonly following: Following,
    private readonly onRecord: (record: DecodedRecord) => void,
  ) {
    const at = broker.lastIndexOf(':');
    const [host, port] = [broker.slice(0, at), Number(broker.slice(at + 1))];
    this.socket = connect({ host, port, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      for (const frame of this.decoder.push(chunk)) this.take(frame);
    });
    this.send('hello', { protocol: [1, 1], client: 'bench' });
    if (following === 'long polls') this.poll();
    else {
      const partitions = [[topic, 0, 0]];
      this.subscription = this.send('subscribe', { partitions, creditBytes: WINDOW_BYTES });
    }
  }

  /** Ends the connection. */
  close(): void {
    this.socket.destroy();
  }

  private send(operation: string, fields: object): number {
    this.correlationId += 1;
    this.socket.write(Buffer.concat(encodeFrame(operation, this.correlationId, fields)));
    return this.correlationId;
  }

  private poll(): void {
    const partitions = [[this.topic, 0, this.offset]];
    this.send('fetch', { partitions, maxWaitMs: MAX_WAIT_MS });
  }

  private take({ kind, fields, tail }: IncomingFrame): void {
    if (kind === 'error') throw new Error(String(fields.message));
    if (kind === EVENT_KIND) {
      this.usedBytes += this.hand(tail);
      if (this.usedBytes < WINDOW_BYTES / 2) return;
      this.send('credit', { subscription: this.subscription, bytes: this.usedBytes });
      this.usedBytes = 0;
    } else if (this.following === 'long polls' && 'partitions' in fields) {
      const [entry] = (fields as unknown as FetchResponse).partitions;
      if (entry?.[2] != null) throw new Error(entry[2].message);
      this.hand(tail);
      this.poll();
    }
  }

  private hand(tail: readonly Buffer[]): number {
    if (tail.length === 0) return 0;
    const batches = Buffer.concat(tail);
    for (const { header } of batchHeaders(batches)) this.offset = header.lastOffset + 1;
    for (const record of decodeBatches(batches)) this.onRecord(record);
    return batches.length;
  }
}
