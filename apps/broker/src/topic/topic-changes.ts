// How topics are to be made and changed.
import { ProtocolError } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';

/** What a topic is to be created with. */
export interface NewTopic {
  readonly name: string;
  /** undefined: as many as the settings say. */
  readonly partitions?: number | undefined;
  readonly configs?: Readonly<Record<string, string>>;
  readonly validateOnly?: boolean;
}

/** Values by config name; null takes back what was set. */
export type ConfigChanges = Readonly<Record<string, string | null>>;

/** How a topic is to be changed; what is left out stays. */
export interface TopicAlteration {
  readonly partitions?: number | undefined;
  /** Whether a topic that has so many partitions already is an error. */
  readonly mustGrow?: boolean;
  /** The changes, or what works them out from the topic as it is then. */
  readonly configs?: ConfigChanges | ((topic: TopicDescription) => ConfigChanges);
  readonly validateOnly?: boolean;
}

/**
 * What of the configs changes in this topic.
 * @throws {ProtocolError} What the alteration's own function says.
 */
export function configChangesOf(
  { configs = {} }: TopicAlteration,
  topic: TopicDescription,
): ConfigChanges {
  return typeof configs === 'function' ? configs(topic) : configs;
}

/** @throws {ProtocolError} INVALID_PARTITIONS: it has to get more and does not. */
export function checkGrowth(
  { mustGrow, partitions }: TopicAlteration,
  topic: TopicDescription,
): void {
  const { name, partitionCount } = topic;
  if (mustGrow !== true || partitions !== partitionCount) return;
  const message = `Topic '${name}' has ${partitionCount} partitions already.`;
  throw new ProtocolError('INVALID_PARTITIONS', message);
}
