// The broker's protocol without the SDK: what is checked here must not lean on what is tested.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeBatches } from '@walrusmq/record-batch';
import {
  DEFAULT_FRAME_BYTES_MAX,
  encodeFrame,
  FrameDecoder,
  type IncomingFrame,
  type OperationName,
  type Operations,
} from '@walrusmq/protocol';
import type { ReadRecord } from './delivery-oracle';

const FETCH_BYTES = 4 * 1024 * 1024;

/** The broker answered with an error. */
export class RefusedError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'RefusedError';
  }
}

interface Waiting {
  readonly resolve: (frame: IncomingFrame) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection on which requests may be sent without waiting for replies.
 *
 * Life: from `open` until `close` or until the broker is gone; then every request rejects.
 */
export class ProtocolLink {
  private readonly decoder = new FrameDecoder({ frameBytesMax: DEFAULT_FRAME_BYTES_MAX });
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private ended: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the connection was closed')));
  }

  /** Connects and says hello. */
  static async open(address: string): Promise<ProtocolLink> {
    const [host = '', port = ''] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    const link = new ProtocolLink(socket);
    await link.request('hello', { protocol: [1, 1], client: 'crash-test' });
    return link;
  }

  /**
   * Sends a request and resolves with its reply.
   *
   * @param batches Record batches that ride along, unchanged until the promise settles.
   * @throws {RefusedError} The broker's error reply.
   * @throws {Error} The connection ended; whether the request was carried out is unknown.
   */
  async request<Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
    batches?: readonly Buffer[],
  ): Promise<{ fields: Operations[Name]['response']; batches: Buffer }> {
    this.lastId += 1;
    const id = this.lastId;
    const frame = await new Promise<IncomingFrame>((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.ended);
        return;
      }
      this.waiting.set(id, { resolve, reject });
      this.socket.cork();
      for (const piece of encodeFrame(operation, id, fields, batches)) this.socket.write(piece);
      this.socket.uncork();
    });
    const reply = frame.fields as unknown as Operations[Name]['response'];
    return { fields: reply, batches: Buffer.concat(frame.tail) };
  }

  /** All records of a partition, from an offset to its readable end. */
  async readAll(topic: string, partition: number, from = 0): Promise<ReadRecord[]> {
    const records: ReadRecord[] = [];
    for (let offset = from; ;) {
      const { fields, batches } = await this.request('fetch', {
        partitions: [[topic, partition, offset]],
        maxBytes: FETCH_BYTES,
      });
      const [, , error, , readableEnd, byteLength] = fields.partitions[0] ?? [];
      if (error !== null && error !== undefined) throw new RefusedError(error.code, error.message);
      if (byteLength !== batches.length) throw new Error('a fetch reply miscounts its bytes');
      const before = offset;
      for (const record of decodeBatches(batches)) {
        if (record.offset < offset) continue;
        records.push({ offset: record.offset, key: record.key, value: record.value });
        offset = record.offset + 1;
      }
      if (offset === readableEnd) return records;
      if (offset === before)
        throw new Error(`nothing at ${offset}, below the end ${readableEnd ?? '?'}`);
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    for (const frame of this.decoder.push(chunk)) {
      const waiting = this.waiting.get(frame.correlationId);
      this.waiting.delete(frame.correlationId);
      if (frame.kind === 'ok') {
        waiting?.resolve(frame);
        continue;
      }
      const { code, message } = frame.fields as { code?: string; message?: string };
      waiting?.reject(new RefusedError(code ?? frame.kind, message ?? ''));
    }
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}
