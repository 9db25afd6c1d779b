// Kafka's protocol without a client: what is checked with it must not lean on one.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  decodeResponse,
  encodeRequest,
  fetchCodec,
  produceCodec,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { decodeBatches, encodeBatch } from '@walrusmq/record-batch';

const PREFIX_BYTES = 4;
const FETCH_BYTES = 4 * 1024 * 1024;

/** Cuts what comes over a connection into frames. */
export class FrameCutter {
  private held: Buffer = Buffer.alloc(0);

  /** The frames that end in this chunk, each without its length. */
  push(chunk: Buffer): Buffer[] {
    this.held = Buffer.concat([this.held, chunk]);
    const frames: Buffer[] = [];
    while (this.held.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.held.readInt32BE(0);
      if (this.held.length < end) break;
      frames.push(this.held.subarray(PREFIX_BYTES, end));
      this.held = this.held.subarray(end);
    }
    return frames;
  }
}

/**
 * One connection on which one request is sent at a time.
 *
 * Life: from `open` until `close` or until the broker is gone; then every request rejects.
 */
export class KafkaLink {
  private readonly chunks: AsyncIterator<Buffer, undefined>;
  private readonly cutter = new FrameCutter();
  private readonly arrived: Buffer[] = [];
  private lastId = 0;

  private constructor(readonly socket: Socket) {
    this.chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    // Whoever asks is told by its request.
    socket.on('error', () => undefined);
  }

  /** Connects to HOST:PORT. */
  static async open(address: string): Promise<KafkaLink> {
    const at = address.lastIndexOf(':');
    const port = Number(address.slice(at + 1));
    const socket = connect({ host: address.slice(0, at), port, noDelay: true });
    await once(socket, 'connect');
    return new KafkaLink(socket);
  }

  /** Asks, and takes the answer; rejects when the connection ends first. */
  async request<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    this.send(codec, version, request);
    return this.answer(codec, version);
  }

  /** Asks; the answer is not waited for. */
  send<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): void {
    this.lastId += 1;
    const origin = { correlationId: this.lastId, clientId: 'link' };
    this.socket.write(Buffer.concat(encodeRequest(codec, version, origin, request)));
  }

  /** Appends records of one value each, one after another, durable by the fsync schedule. */
  async produce(topic: string, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const records = encodeBatch([{ value: Buffer.from(`value ${i}`) }]);
      const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
      const request = { acks: -1, timeoutMs: 10_000, topicData };
      const { responses } = await this.request(produceCodec, 9, request);
      const errorCode = responses[0]?.partitionResponses[0]?.errorCode;
      if (errorCode !== 0) throw new Error(`produce was answered ${String(errorCode)}`);
    }
  }

  /** How many records there are in partition 0 of a topic: it reads them all. */
  async readAll(topic: string): Promise<number> {
    for (let count = 0; ;) {
      const place = { partition: 0, fetchOffset: count, partitionMaxBytes: FETCH_BYTES };
      const { responses } = await this.request(fetchCodec, 12, {
        ...{ maxWaitMs: 0, minBytes: 1, isolationLevel: 0 },
        topics: [{ topic, partitions: [place] }],
      });
      const [answer] = responses[0]?.partitions ?? [];
      if (answer?.errorCode !== 0) throw new Error(`fetch was answered ${answer?.errorCode}`);
      const bytes = Buffer.concat(answer.records ?? []);
      if (bytes.length === 0) return count;
      for (const { offset } of decodeBatches(bytes)) count = offset + 1;
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async answer<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
  ): Promise<Decoded<Response>> {
    for (;;) {
      const frame = this.arrived.shift();
      if (frame !== undefined) {
        const { correlationId, response } = decodeResponse(codec, version, frame);
        if (correlationId === this.lastId) return response;
        throw new Error(`answer ${correlationId} came to request ${this.lastId}`);
      }
      const { value, done } = await this.chunks.next();
      if (done === true) throw new Error('the connection ended before the answer');
      this.arrived.push(...this.cutter.push(value));
    }
  }
}
