/** A topic as the catalogue knows it. */
export interface TopicDescription {
  readonly name: string;
  /** A random UUID; a topic that is deleted and created again gets another one. */
  readonly id: string;
  readonly partitionCount: number;
  readonly createdAtMs: number;
  /** Only what was set for this topic; what they mean is the broker's say. */
  readonly configs: Readonly<Record<string, string>>;
  /** Who asked that records are kept until it has passed them; see `retention.consumed`. */
  readonly pins: readonly TopicPin[];
}

/** A named reader or a group that holds back what `retention.consumed` would free. */
export interface TopicPin {
  readonly kind: 'reader' | 'group';
  readonly name: string;
  /** The pin goes once its holder has saved no position for so long; undefined: never. */
  readonly expireMs?: number | undefined;
}

/** What `alter` changes; what is left out stays. */
export interface TopicChange {
  /** Never fewer than there are. */
  readonly partitionCount?: number | undefined;
  /** All configs that are set from then on. */
  readonly configs?: Readonly<Record<string, string>> | undefined;
  /** All pins from then on. */
  readonly pins?: readonly TopicPin[] | undefined;
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

/** Most partitions that a topic can have. */
export const TOPIC_PARTITIONS_MAX = 10_000;

/** Most configs that a topic can have set, and most bytes of one's name and of its value. */
export const TOPIC_CONFIGS_MAX = 100;
export const TOPIC_CONFIG_BYTES_MAX = 1024;

/** Most pins on a topic. */
export const TOPIC_PINS_MAX = 100;

/**
 * The topics of one instance.
 *
 * Order: of several `create` calls for one name the first wins; the others fail at once.
 *
 * Invariants:
 *  1. A topic is visible only once its creation is durable by the instance's schedule, and until
 *     its deletion is; a change of it once that is.
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
   * the partition count is not 1 to 10,000, or the configs are too many or too long: nothing
   * changed. FENCED, NO_SPACE, CLOSED as for appends.
   */
  create(name: string, settings: TopicSettings): Promise<TopicDescription>;

  /**
   * Changes a topic; resolves with what it is then, once that is durable by the schedule. Its id
   * stays, and so does what `change` does not name.
   *
   * Rejects with INVALID_INPUT when there is no such topic, a change of it is under way, there
   * would be fewer partitions or more than 10,000, or configs or pins are too many or too long:
   * nothing changed. FENCED, NO_SPACE, CLOSED as for appends.
   */
  alter(name: string, change: TopicChange): Promise<TopicDescription>;

  /**
   * Deletes a topic's entry; resolves with what it was, once that is durable by the schedule. Its
   * logs are left to `InstanceStorage.deleteTopicLogs`.
   *
   * Rejects with INVALID_INPUT when there is no such topic, or its deletion is under way.
   */
  delete(name: string): Promise<TopicDescription>;
}
