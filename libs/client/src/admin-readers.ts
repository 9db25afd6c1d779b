// What `Admin` takes and gives about named readers, and how that goes over the wire.
import type {
  ListedReader,
  ListReadersRequest,
  ListReadersResponse,
  OffsetMoment,
  ReaderCreateRequest,
  ReaderResetRequest,
  ReaderTopic,
  TopicReaderName,
} from '@walrusmq/protocol';
import type {
  PinReaderOptions,
  ReaderOffset,
  TopicPartition,
  TopicPartitionOffset,
} from './admin-topics';
import { InstanceAdmin } from './admin-instances';

/** Every partition of topics, or only some partitions. */
export type PartitionSelection =
  { readonly topics: readonly string[] } | { readonly partitions: readonly TopicPartition[] };

/** Where a new reader stands. */
export type CreateReaderOptions = {
  /** What to do where it has a position: refuse it all (default), or let it stay there. */
  readonly ifExists?: 'refuse' | 'keep' | undefined;
} & (
  | { readonly offsets: readonly TopicPartitionOffset[] }
  | (PartitionSelection & {
      /** Default 'earliest'. A number is a time in ms: the first record that is not older. */
      readonly at?: OffsetMoment | undefined;
    })
);

/** Where a reader goes. Offsets that are not in the log become the nearest ones that are. */
export type ResetReaderOptions = {
  /** Only say where it would go. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Take it from a connection that has it attached. Default false: READER_ATTACHED. */
  readonly takeOver?: boolean | undefined;
} & (
  | { readonly offsets: readonly TopicPartitionOffset[] }
  | (PartitionSelection &
      (
        | { readonly at: OffsetMoment }
        /** Records forward; back where negative. */
        | { readonly shiftBy: number }
        /** To where this other reader stands. */
        | { readonly copyFrom: string }
      ))
);

/** Where a reset took a reader in one partition. */
export interface ReaderMove extends TopicPartition {
  /** null: it had no position and would have begun at the log start. */
  readonly before: number | null;
  readonly after: number;
}

/** Options of `deleteReader`. */
export interface DeleteReaderOptions {
  /** Default: all. */
  readonly topics?: readonly string[] | undefined;
  /** As for `resetReader`. */
  readonly takeOver?: boolean | undefined;
}

/** Options of `listReaders`. */
export interface ListReadersOptions {
  /** Default: of all topics. */
  readonly topic?: string | undefined;
  /** Readers that are asked for at a time. Default 1000, the most there may be. */
  readonly pageSize?: number | undefined;
}

/** The part of `Admin` that looks after named readers; life and errors are there. */
export class ReaderAdmin extends InstanceAdmin {
  /**
   * Where a named reader goes on in these partitions, in the order asked for.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`, `INVALID_REQUEST` for the name.
   */
  async readerOffsets(
    reader: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly ReaderOffset[]> {
    const request = {
      reader,
      partitions: partitions.map(({ topic, partition }) => [topic, partition] as const),
    };
    const { offsets } = await this.client.retrying('readerFetch', request, this.reading);
    return offsets.map(([topic, partition, offset]) => ({ topic, partition, offset }));
  }

  /**
   * Moves a named reader: `offset` is what it reads next. Durable by the instance's schedule when
   * this resolves. A consumer that is reading under that name notices nothing and commits over it.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`, `OFFSET_OUT_OF_RANGE`.
   */
  async commitReaderOffsets(
    reader: string,
    offsets: readonly TopicPartitionOffset[],
  ): Promise<void> {
    const request = {
      reader,
      offsets: offsets.map(({ topic, partition, offset }) => [topic, partition, offset] as const),
    };
    await this.client.retrying('readerCommit', request, { ...this.writing, repeatable: true });
  }

  /**
   * Gives a named reader a position in partitions where it has none; durable by the instance's
   * schedule when this resolves, with where it stands.
   *
   * @throws {BrokerError} `READER_EXISTS` unless `ifExists` is 'keep', `UNKNOWN_TOPIC`,
   *   `UNKNOWN_PARTITION`, `OFFSET_OUT_OF_RANGE`, `READER_ATTACHED`: nothing was made.
   */
  async createReader(
    reader: string,
    options: CreateReaderOptions,
  ): Promise<readonly TopicPartitionOffset[]> {
    const { ifExists } = options;
    const request: ReaderCreateRequest =
      'offsets' in options
        ? { reader, ifExists, offsets: tuplesOf(options.offsets) }
        : { reader, ifExists, ...chosen(options), at: options.at ?? 'earliest' };
    const retry = { ...this.writing, repeatable: ifExists === 'keep' };
    const { offsets } = await this.client.retrying('readerCreate', request, retry);
    return offsets.map(([topic, partition, offset]) => ({ topic, partition, offset }));
  }

  /**
   * Moves a named reader, or says where it would go; durable by the instance's schedule when this
   * resolves.
   *
   * @throws {BrokerError} `UNKNOWN_READER`, `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`,
   *   `READER_ATTACHED` unless `takeOver`: nothing moved.
   */
  async resetReader(reader: string, options: ResetReaderOptions): Promise<readonly ReaderMove[]> {
    const { dryRun = false, takeOver } = options;
    const request = { reader, dryRun, takeOver, ...resetTarget(options) };
    // A shift that is made again goes as far again.
    const retry = { ...this.writing, repeatable: dryRun || !('shiftBy' in options) };
    const { offsets } = await this.client.retrying('readerReset', request, retry);
    return offsets.map(([topic, partition, before, after]) => ({
      topic,
      partition,
      before,
      after,
    }));
  }

  /**
   * Deletes a named reader with its positions and pins, of all topics or of some; resolves with the
   * topics it was in, once that is durable by the instance's schedule.
   *
   * @throws {BrokerError} `UNKNOWN_READER`, `UNKNOWN_TOPIC`, `READER_ATTACHED` unless `takeOver`.
   */
  async deleteReader(
    reader: string,
    options: DeleteReaderOptions = {},
  ): Promise<readonly string[]> {
    const request = { reader, ...options };
    const { topics } = await this.client.retrying('readerDelete', request, this.writing);
    return topics;
  }

  /**
   * The named readers of all topics or of one, by topic and name, a page of requests at a time.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async *listReaders(options: ListReadersOptions = {}): AsyncGenerator<ListedReader, void, void> {
    const { topic, pageSize: limit } = options;
    let after: TopicReaderName | null = null;
    do {
      const request: ListReadersRequest = { topic, limit, after };
      const page: ListReadersResponse = await this.client.retrying(
        'listReaders',
        request,
        this.reading,
      );
      yield* page.readers;
      after = page.next;
    } while (after !== null);
  }

  /**
   * Where a named reader stands in every partition of these topics, or of all it is in: its lag,
   * what it missed, its pin and who has it attached.
   *
   * @throws {BrokerError} `UNKNOWN_READER`, `UNKNOWN_TOPIC`.
   */
  async describeReader(
    reader: string,
    topics?: readonly string[],
  ): Promise<readonly ReaderTopic[]> {
    const reply = await this.client.retrying('readerDescribe', { reader, topics }, this.reading);
    return reply.topics;
  }

  /**
   * Has a topic with `retention.consumed` keep what a named reader has not passed, as long as
   * retention.ms and retention.bytes let it. A reader without a position keeps everything.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `LIMIT_EXCEEDED`.
   */
  async pinReader(reader: string, topic: string, options: PinReaderOptions = {}): Promise<void> {
    const request = { reader, topic, expireMs: options.expireMs };
    await this.client.retrying('readerPin', request, { ...this.writing, repeatable: true });
  }

  /**
   * Takes that back; the reader keeps its position.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async unpinReader(reader: string, topic: string): Promise<void> {
    const retry = { ...this.writing, repeatable: true };
    await this.client.retrying('readerUnpin', { reader, topic }, retry);
  }
}

type Tuples = readonly (readonly [topic: string, partition: number, offset: number])[];

function tuplesOf(offsets: readonly TopicPartitionOffset[]): Tuples {
  return offsets.map(({ topic, partition, offset }) => [topic, partition, offset] as const);
}

function chosen(selection: PartitionSelection): Pick<ReaderResetRequest, 'topics' | 'partitions'> {
  if ('topics' in selection) return { topics: selection.topics };
  const { partitions } = selection;
  return { partitions: partitions.map(({ topic, partition }) => [topic, partition] as const) };
}

function resetTarget(options: ResetReaderOptions): Omit<ReaderResetRequest, 'reader'> {
  if ('offsets' in options) return { offsets: tuplesOf(options.offsets) };
  if ('at' in options) return { ...chosen(options), at: options.at };
  if ('shiftBy' in options) return { ...chosen(options), shiftBy: options.shiftBy };
  return { ...chosen(options), copyFrom: options.copyFrom };
}
