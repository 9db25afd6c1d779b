/** A topic as the coordinator needs to know it. */
export interface GroupTopic {
  readonly id: string;
  readonly name: string;
  readonly partitionCount: number;
}

/**
 * The topics of the instance, as of now.
 *
 * Place: the coordinator asks it on every command; whoever owns the topics answers from memory.
 */
export interface GroupTopics {
  /** The topic of that name, if there is one. */
  find(name: string): GroupTopic | undefined;

  /** All topics. */
  list(): Iterable<GroupTopic>;

  /** Whether the group has the topic of that name keep records for it. */
  isPinned(name: string, groupId: string): boolean;

  /**
   * Calls `listener` after a topic was created, deleted or given more partitions.
   * @returns A function that ends it.
   */
  onChanged(listener: (change: TopicChange) => void): () => void;
}

/** What happened to a topic, and what it is now, or was last. */
export interface TopicChange {
  readonly what: 'created' | 'deleted' | 'grown';
  readonly topic: GroupTopic;
}

/** What a command may know about topics: the same for the whole of it. */
export interface TopicView {
  /** The topic of that name, if there is one. */
  find(name: string): GroupTopic | undefined;

  /** Names of the topics that a pattern matches; empty for one that was not resolved before. */
  matching(pattern: string): readonly string[];
}
