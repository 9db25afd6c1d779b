import type { ClassicGroup } from './classic-group';
import type { ConsumerGroup } from './consumer-group';

/**
 * A group with members, or one that had some. A group that only has committed offsets has no state:
 * undefined stands for it, and for a group that does not exist (Kafka's Dead).
 */
export type GroupState = ClassicGroup | ConsumerGroup;
