/** A topic as the catalogue knows it. */
export interface TopicDescription {
  readonly name: string;
  /** A random UUID; a topic that is deleted and created again gets another one. */
  readonly id: string;
  readonly partitionCount: number;
  readonly createdAtMs: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** What a new topic is created with. */
export interface TopicSettings {
  readonly partitionCount: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/**
 * Longest topic name in bytes: a limit of this layer; which characters are fine is the broker's
 * say.
 */
export const TOPIC_NAME_BYTES_MAX = 249;

/** Most partitions that a topic can be created with. */
export const TOPIC_PARTITIONS_MAX = 10_000;

/**
 * The topics of one instance.
 *
 * Order: of several `create` calls for one name the first wins; the others fail at once.
 *
 * Invariants:
 *  1. A topic is visible only once its creation is durable by the instance's schedule, and until
 *     its deletion is.
 *  2. A topic id is never used for two topics.
 */
export interface TopicCatalogue {
  /** All topics, in the order of their creation. */
  list(): readonly TopicDescription[];

  /** The topic of that name, if there is one. */
  find(name: string): TopicDescription | undefined;

  /**
   * Creates a topic; resolves once it is durable by the schedule.
   *
   * Rejects with INVALID_INPUT when the name is taken (or being taken), empty or over 249 bytes, or
   * the partition count is not 1 to 10,000: nothing changed. FENCED, NO_SPACE, CLOSED as for
   * appends.
   */
  create(name: string, settings: TopicSettings): Promise<TopicDescription>;

  /**
   * Deletes a topic's entry; resolves with what it was, once that is durable by the schedule. Its
   * logs are left to `InstanceStorage.deleteTopicLogs`.
   *
   * Rejects with INVALID_INPUT when there is no such topic, or its deletion is under way.
   */
  delete(name: string): Promise<TopicDescription>;
}
