// What a Kafka client does for the suites of this folder: its commands, and what it is able to.
// Clients of Node and of other languages alike stand behind it (process-client.ts).

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/** As on the wire: -1 is all. */
export type Acks = -1 | 0 | 1;
export const ACKS: readonly Acks[] = [-1, 0, 1];

export interface Header {
  readonly name: string;
  readonly value: Buffer | null;
}

export interface RecordToProduce {
  /** Null: where the client's own partitioner puts it. */
  readonly partition: number | null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** None, or as the client's `headers` allows. */
  readonly headers: readonly Header[];
  /** Milliseconds since 1970; null: now, by the client's clock. */
  readonly timestampMs: number | null;
}

export interface ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
  readonly timestampMs: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface OffsetOfPartition extends TopicPartition {
  readonly offset: number;
}

export interface ProduceRequest {
  readonly topic: string;
  readonly acks: Acks;
  readonly codec: Codec;
  /** Never true where the client's `idempotence` is `never`, nor false where it is `always`. */
  readonly idempotent: boolean;
  /** In one batch per partition as far as the client can. */
  readonly records: readonly RecordToProduce[];
}

export interface ReadRequest extends OffsetOfPartition {
  /** How many records to wait for; more may not be returned. */
  readonly count: number;
  /** Fails when they did not come by then. */
  readonly withinMs: number;
}

export interface JoinRequest {
  /** The name of the member in later commands; one client holds several. */
  readonly member: string;
  readonly group: string;
  readonly topics: readonly string[];
  /** One of the client's `assignors`. */
  readonly assignor: string;
  /** `group.instance.id`, null for a dynamic member. */
  readonly instanceId: string | null;
}

export interface PollRequest {
  readonly member: string;
  readonly recordsMax: number;
  readonly withinMs: number;
}

/** Field by field what clients can tell of a group; null where one does not. */
export interface GroupSeen {
  readonly group: string;
  /** As the broker calls it, in lower case without spaces: `stable`, `empty`, `dead`. */
  readonly state: string;
  readonly members: number | null;
}

export interface ClusterSeen {
  readonly brokers: readonly {
    readonly id: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly controllerId: number | null;
  readonly clusterId: string | null;
}

/**
 * Everything that a client may be asked for.
 *
 * Commands of one member come one after another, those of different members at the same time: who
 * polls blockingly needs a thread for each. All others come one after another.
 *
 * Each rejects with a {@link ClientError} when the client reports an error.
 */
export interface ClientCommands {
  /** Resolves with the offset of each record, in order; null where the client does not tell. */
  produce(request: ProduceRequest): Promise<readonly number[] | null>;
  /** Writes a record in a transaction of its own, which a broker may refuse. */
  produceTransaction(request: {
    readonly topic: string;
    readonly transactionalId: string;
  }): Promise<void>;
  /**
   * Reads from one offset of one partition: without a group where the client can, else as the only
   * member of a group that nobody else uses. Commits nothing.
   */
  read(request: ReadRequest): Promise<readonly ReceivedRecord[]>;

  /** Begins a membership that reads from the earliest offset and commits only when told to. */
  join(request: JoinRequest): Promise<void>;
  /**
   * Resolves with records as soon as there is one, with none after `withinMs`. What was returned is
   * not returned again but after a seek or a rebalance.
   */
  poll(request: PollRequest): Promise<readonly ReceivedRecord[]>;
  /** What the member owns at present; polled meanwhile, so it need not poll by itself. */
  assignment(request: { readonly member: string }): Promise<readonly TopicPartition[]>;
  /** Commits the offsets of the next records to read; resolves once the broker has them. */
  commit(request: {
    readonly member: string;
    readonly offsets: readonly OffsetOfPartition[];
  }): Promise<void>;
  /**
   * The next poll returns from that offset on, nothing from before the seek. The offset is that of
   * a record, or of the next one that will be written.
   */
  seek(request: OffsetOfPartition & { readonly member: string }): Promise<void>;
  /** Leaves the group; the name is free again. */
  leave(request: { readonly member: string }): Promise<void>;

  createTopic(request: {
    readonly topic: string;
    readonly partitions: number;
    readonly configs: Readonly<Record<string, string>>;
  }): Promise<void>;
  deleteTopic(request: { readonly topic: string }): Promise<void>;
  /** `partitions` is how many there are afterwards. */
  createPartitions(request: { readonly topic: string; readonly partitions: number }): Promise<void>;
  listTopics(): Promise<readonly string[]>;
  /** Resolves with the number of partitions. */
  describeTopic(request: { readonly topic: string }): Promise<number>;
  /** Every config of a topic, defaults too. */
  describeConfigs(request: { readonly topic: string }): Promise<Readonly<Record<string, string>>>;
  alterConfigs(request: {
    readonly topic: string;
    readonly configs: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Records below the offset are gone afterwards. */
  deleteRecords(request: OffsetOfPartition): Promise<void>;
  /** `at`: a time in milliseconds since 1970 asks for the first record that is not older. */
  listOffset(
    request: TopicPartition & { readonly at: 'earliest' | 'latest' | number },
  ): Promise<number>;
  describeCluster(): Promise<ClusterSeen>;

  listGroups(): Promise<readonly string[]>;
  describeGroup(request: { readonly group: string }): Promise<GroupSeen>;
  deleteGroup(request: { readonly group: string }): Promise<void>;
  /** The committed offset of a group without a member of it; null when there is none. */
  committed(request: TopicPartition & { readonly group: string }): Promise<number | null>;
  /** Sets the committed offset of a group that has no members. */
  alterCommitted(request: OffsetOfPartition & { readonly group: string }): Promise<void>;
}

export type CommandName = keyof ClientCommands;

/** What a client has, known before it is started: the suites make their tests from it. */
export interface ClientCapabilities {
  /** Others are not sent; the suites fail for a command that is sent and not known. */
  readonly commands: readonly CommandName[];
  /** Those it can write and read. */
  readonly codecs: readonly Codec[];
  /** Writes snappy as one bare block, not in the frames that Java and the SDK put around it. */
  readonly writesBareSnappy?: true;
  /** Reads no other snappy than that. */
  readonly readsBareSnappyOnly?: true;
  readonly acks: readonly Acks[];
  readonly idempotence: 'never' | 'optional' | 'always';
  /** Where it puts keyed records: `murmur2` as Java does, `other` in any other way. */
  readonly partitioner: 'murmur2' | 'other';
  /** Whether it can say which timestamp a record gets. */
  readonly timestamps: boolean;
  /** Whether it tells null from empty in keys and values, both ways. */
  readonly nulls: boolean;
  /** It refuses to write a record that has neither key nor value. */
  readonly needsKeyOrValue?: true;
  /** With `nulls`: writes null where it is given an empty key or value, though it reads both. */
  readonly writesEmptyAsNull?: true;
  /** Shows the producer's timestamp where the topic has the broker's, which a client must not. */
  readonly ignoresAppendTime?: true;
  /**
   * What headers it can write and read: `strings` are printable ASCII, with no name twice; `bytes`
   * may be empty and names may repeat; `all` may be null too. The order of different names counts
   * nowhere, that of one name's values everywhere.
   */
  readonly headers: 'none' | 'strings' | 'bytes' | 'all';
  /** Largest value in bytes that it can write and read; at least 64 KiB. */
  readonly valueBytesMax: number;
  /** Whether keys and values may hold any byte; else printable ASCII without tab and line end. */
  readonly binary: boolean;
  /** By the names of the client; empty without groups. The first is its default. */
  readonly assignors: readonly string[];
  /** Whether members can have a `group.instance.id`. */
  readonly staticMembers: boolean;
}

/** A started client. */
export interface ClientUnderTest extends ClientCommands {
  /** Of the client, as it tells. */
  readonly version: string;
  /**
   * Leaves its groups and ends; rejects when it does not end by itself or complains in doing so.
   */
  stop(): Promise<void>;
}

/** `HOST:PORT` of a broker's listeners. */
export interface BrokerAddresses {
  readonly kafka: string;
  readonly msgpack: string;
}

export interface ClientDefinition {
  /** As people call it, with the version where several are tested. */
  readonly name: string;
  readonly capabilities: ClientCapabilities;
  start(broker: BrokerAddresses): Promise<ClientUnderTest>;
}

/** A client reported an error, or failed. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  constructor(
    message: string,
    /** Kafka's number of the error; null where the client does not say it. */
    readonly kafkaCode: number | null,
  ) {
    super(message);
  }
}
