// A broker in memory that speaks the msgpack protocol and fails on request. For tests only.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  encodeFrame,
  ERROR_TABLE,
  FrameDecoder,
  parseReaderCommit,
  type ErrorCode,
  type IncomingFrame,
  type ParsedReaderCommit,
  type TopicPartitionOffset,
} from '@walrusmq/protocol';
import {
  batchHeaders,
  decodeBatches,
  readBatchHeader,
  type BatchHeader,
  type DecodedRecord,
} from '@walrusmq/record-batch';
import { FakeGroups } from './fake-groups';
import { FakeProducers, Refusal } from './fake-producers';
import { endOf, FakeSubscriptions, type FakePartition } from './fake-subscriptions';

/** What a test has the broker do with one request instead of answering it as usual. */
export type Interception =
  | { readonly error: ErrorCode }
  | { readonly fields: object; readonly tail?: readonly Buffer[] }
  /** Cut the connection: without carrying the request out, or after it. */
  | 'drop'
  | 'apply-and-drop'
  /** Never answer, nor anything behind it on this connection. */
  | 'hang';

export interface SeenRequest {
  readonly operation: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly connection: number;
}

type Intercept = (
  request: SeenRequest,
) => Interception | undefined | Promise<Interception | undefined>;

interface Partition extends FakePartition {
  readonly producers: FakeProducers;
}

const LIMITS = { frameBytesMax: 8 * 1024 * 1024, batchBytesMax: 1024 * 1024 };

export class FakeBroker {
  readonly requests: SeenRequest[] = [];
  readonly cursors = new Map<string, number>();
  limits = LIMITS;
  /** Where a topic takes other batches than `limits` say; `isTold`: and says so when it refuses. */
  readonly batchLimits = new Map<string, { batchBytesMax: number; isTold: boolean }>();
  intercept: Intercept = () => undefined;
  private readonly topics = new Map<string, Partition[]>();
  /** How often a topic of that name was created. */
  private readonly creations = new Map<string, number>();
  /** Consumer groups, made on first use. */
  readonly groups = new FakeGroups(this.topics);
  private readonly sockets = new Set<Socket>();
  private readonly subscribers = new Set<FakeSubscriptions>();
  private server: Server | undefined;
  private port = 0;
  private connectionCount = 0;
  private producerIds = 0;

  static async start(topics: Readonly<Record<string, number>> = {}): Promise<FakeBroker> {
    const broker = new FakeBroker();
    for (const [name, partitions] of Object.entries(topics)) broker.createTopic(name, partitions);
    await broker.listen();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Listens on its port again, after `stop`. */
  async listen(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.serve(socket));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts all connections and stops listening; what was stored stays. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.dropConnections();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** The id of a topic, another one after it was deleted and created again. */
  topicId(name: string): string {
    const made = this.creations.get(name) ?? 1;
    return made === 1 ? `id-${name}` : `id-${name}-${made}`;
  }

  createTopic(name: string, partitions: number): void {
    this.creations.set(name, (this.creations.get(name) ?? 0) + 1);
    this.topics.set(name, []);
    this.growTopic(name, partitions);
  }

  /** Gives a topic that many more partitions. */
  growTopic(name: string, count: number): void {
    const partitions = this.topics.get(name) ?? [];
    for (let i = 0; i < count; i++) {
      partitions.push({ batches: [], logStartOffset: 0, producers: new FakeProducers() });
    }
  }

  deleteTopic(name: string): void {
    this.topics.delete(name);
    this.push();
  }

  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  records(topic: string, partition: number): DecodedRecord[] {
    const batches = this.topics.get(topic)?.[partition]?.batches ?? [];
    return [...decodeBatches(Buffer.concat(batches.map(({ bytes }) => bytes)))];
  }

  /** The headers of the batches that were stored. */
  headers(topic: string, partition = 0): BatchHeader[] {
    return this.batches(topic, partition).map((bytes) => readBatchHeader(bytes));
  }

  values(topic: string, partition = 0): string[] {
    return this.records(topic, partition).map(({ value }) => value?.toString() ?? 'null');
  }

  /** The batches as they were sent, but for their offsets. */
  batches(topic: string, partition = 0): Buffer[] {
    return (this.partition(topic, partition)?.batches ?? []).map(({ bytes }) => bytes);
  }

  append(topic: string, partition: number, bytes: Buffer): number {
    const target = this.partition(topic, partition);
    if (target === undefined) throw new Error(`no ${topic}/${partition}`);
    const first = target.batches.at(-1)?.end ?? target.logStartOffset;
    let base = first;
    for (const { header, position } of batchHeaders(bytes)) {
      const batch = Buffer.from(bytes.subarray(position, position + header.sizeBytes));
      batch.writeBigInt64BE(BigInt(base), 0);
      const end = base + header.lastOffsetDelta + 1;
      if (header.producerId >= 0) {
        const original = target.producers.accept(header, base);
        if (original !== undefined) return original;
      }
      target.batches.push({ bytes: batch, base, end });
      base = end;
    }
    this.push();
    return first;
  }

  /** Forgets the records below `offset`, which must be the start of a batch. */
  truncate(topic: string, partition: number, offset: number): void {
    const target = this.partition(topic, partition);
    if (target === undefined) throw new Error(`no ${topic}/${partition}`);
    target.batches.splice(0, target.batches.filter(({ end }) => end <= offset).length);
    target.logStartOffset = offset;
  }

  /** Ends the events of a partition once with an error, when it is subscribed to next. */
  refuseOnce(topic: string, partition: number, code: ErrorCode): void {
    const target = this.partition(topic, partition);
    if (target === undefined) throw new Error(`no ${topic}/${partition}`);
    target.refusal = code;
  }

  private push(): void {
    for (const subscriptions of this.subscribers) subscriptions.push();
  }

  private partition(topic: string, partition: number): Partition | undefined {
    return this.topics.get(topic)?.[partition];
  }

  private serve(socket: Socket): void {
    const connection = ++this.connectionCount;
    const decoder = new FrameDecoder({ frameBytesMax: this.limits.frameBytesMax });
    const subscriptions = new FakeSubscriptions(
      (topic, partition, topicId = this.topicId(topic)) =>
        topicId === this.topicId(topic) ? this.partition(topic, partition) : undefined,
      (frame) => frame.forEach((part) => socket.write(part)),
    );
    let last = Promise.resolve();
    this.sockets.add(socket);
    this.subscribers.add(subscriptions);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.subscribers.delete(subscriptions);
    });
    socket.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) {
        last = last.then(() => this.handle(frame, socket, connection, subscriptions));
      }
    });
  }

  private async handle(
    frame: IncomingFrame,
    socket: Socket,
    connection: number,
    subscriptions: FakeSubscriptions,
  ): Promise<void> {
    if (socket.destroyed) return;
    const request = { operation: frame.kind, fields: frame.fields, connection };
    this.requests.push(request);
    const interception = await this.intercept(request);
    if (interception === 'hang') return new Promise(() => undefined);
    if (interception === 'drop') return void socket.destroy();
    const reply = await this.answer(frame, interception, subscriptions);
    if (interception === 'apply-and-drop') return void socket.destroy();
    if (frame.kind === 'produce' && frame.fields.acks === 0) return;
    const { kind, fields, tail } = reply;
    for (const part of encodeFrame(kind, frame.correlationId, fields, tail)) socket.write(part);
    subscriptions.push();
  }

  private async answer(
    frame: IncomingFrame,
    interception: Interception | undefined,
    subscriptions: FakeSubscriptions,
  ): Promise<{ kind: string; fields: object; tail?: readonly Buffer[] }> {
    try {
      if (typeof interception === 'object' && 'error' in interception) {
        throw new Refusal(interception.error);
      }
      if (typeof interception === 'object') return { kind: 'ok', ...interception };
      if (subscriptions.handle(frame)) return { kind: 'ok', fields: {} };
      return { kind: 'ok', fields: await this.operation(frame) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { retriable, sentence } = ERROR_TABLE[error.code];
      const { code, details } = error;
      return { kind: 'error', fields: { ...details, code, message: sentence, retriable } };
    }
  }

  private operation({ kind, fields, tail }: IncomingFrame): object | Promise<object> {
    const { topic, partition, name, partitions } = fields as {
      topic: string;
      partition: number;
      name: string;
      partitions: number & number[];
    };
    switch (kind) {
      case 'hello':
        return {
          protocol: 1,
          broker: 'fake',
          instance: 'default',
          instanceId: '00',
          limits: this.limits,
        };
      case 'metadata':
        return this.metadata(fields.topics as string[] | undefined);
      case 'createTopic':
        if (this.topics.has(name)) throw new Refusal('TOPIC_EXISTS');
        this.createTopic(name, Number(fields.partitions ?? 1));
        return { name, id: this.topicId(name), partitions: Number(fields.partitions ?? 1) };
      case 'describeTopic':
        if (!this.topics.has(name)) throw new Refusal('UNKNOWN_TOPIC');
        return { name, createdAtMs: 1, configs: [], pins: [], warnings: [] };
      case 'listTopics':
        return this.listTopics(fields.after as string | null, fields.limit as number);
      case 'deleteTopic':
        if (!this.topics.delete(name)) throw new Refusal('UNKNOWN_TOPIC');
        return {};
      case 'produce': {
        if (!this.topics.has(topic)) throw new Refusal('UNKNOWN_TOPIC');
        const bytes = Buffer.concat(tail);
        this.checkSizes(topic, bytes);
        const baseOffset = this.append(topic, partition, bytes);
        const recordCount = [...decodeBatches(bytes)].length;
        return { partition, baseOffset, recordCount };
      }
      case 'initProducerId': {
        const { producerId, producerEpoch } = fields as Record<string, number>;
        if (producerId === undefined) return { producerId: this.producerIds++, producerEpoch: 0 };
        return { producerId, producerEpoch: (producerEpoch ?? 0) + 1 };
      }
      case 'listOffsets':
        return this.listOffsets(topic, partitions, fields.at as string | number);
      case 'readerCommit':
        this.checkTopicIds(parseReaderCommit(fields));
        for (const [of, number, offset] of fields.offsets as TopicPartitionOffset[]) {
          this.cursors.set(`${String(fields.reader)}:${of}/${number}`, offset);
        }
        return {};
      case 'readerFetch':
        return {
          offsets: (fields.partitions as [string, number][]).map(([of, number]) => [
            of,
            number,
            this.cursors.get(`${String(fields.reader)}:${of}/${number}`) ?? null,
          ]),
        };
      default: {
        const reply = this.groups.handle(kind, fields);
        if (reply === undefined) throw new Refusal('UNKNOWN_OPERATION');
        return reply;
      }
    }
  }

  private checkTopicIds({ topicIds }: ParsedReaderCommit): void {
    for (const [name, id] of topicIds) {
      if (id !== this.topicId(name)) throw new Refusal('UNKNOWN_TOPIC');
    }
  }

  private checkSizes(topic: string, bytes: Buffer): void {
    const { batchBytesMax, isTold } = this.batchLimits.get(topic) ?? {
      ...this.limits,
      isTold: true,
    };
    for (const { header } of batchHeaders(bytes)) {
      if (header.sizeBytes <= batchBytesMax) continue;
      throw new Refusal('RECORD_TOO_LARGE', isTold ? { batchBytesMax } : {});
    }
  }

  private metadata(names: string[] | undefined): object {
    const wanted = names ?? [...this.topics.keys()];
    const topics = wanted
      .filter((name) => this.topics.has(name))
      .map((name) => ({
        name,
        id: this.topicId(name),
        partitions: (this.topics.get(name) ?? []).map((partition, index) => ({
          partition: index,
          leaderEpoch: 0,
          logStartOffset: partition.logStartOffset,
          readableEnd: endOf(partition),
          storedBytes: 0,
        })),
      }));
    return { topics, missing: wanted.filter((name) => !this.topics.has(name)) };
  }

  private listTopics(after: string | null, limit: number): object {
    const names = [...this.topics.keys()].sort().filter((name) => name > (after ?? ''));
    const page = names.slice(0, limit);
    return {
      topics: page.map((name) => ({
        name,
        id: this.topicId(name),
        partitions: this.topics.get(name)?.length,
      })),
      next: page.length < names.length ? page.at(-1) : null,
    };
  }

  private listOffsets(topic: string, wanted: number[] | undefined, at: string | number): object {
    const partitions = this.topics.get(topic);
    if (partitions === undefined) throw new Refusal('UNKNOWN_TOPIC');
    const numbers = wanted ?? partitions.map((_, index) => index);
    const offsets = numbers.map((number) => {
      const partition = partitions[number]!;
      if (at === 'earliest') return [number, partition.logStartOffset, -1];
      const found =
        typeof at === 'number'
          ? this.records(topic, number).find(({ timestamp }) => timestamp >= at)
          : undefined;
      return [number, found?.offset ?? endOf(partition), found?.timestamp ?? -1];
    });
    return { offsets };
  }
}

/** Resolves once `condition` holds; rejects after five seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 50_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
