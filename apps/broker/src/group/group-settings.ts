/** The limits and times of the group coordinator. Durations in milliseconds, sizes in bytes. */
export interface GroupSettings {
  /** Shortest and longest session timeout that a classic member may ask for. */
  readonly sessionTimeoutMinMs: number;
  readonly sessionTimeoutMaxMs: number;
  /** How long the first rebalance of an empty classic group waits for more members. */
  readonly initialRebalanceDelayMs: number;
  /** A member that was never answered is dropped after this long, however long the join takes. */
  readonly newMemberJoinTimeoutMs: number;
  /** Silence after which a member of the server-side protocol is fenced. */
  readonly consumerSessionTimeoutMs: number;
  /** What members of the server-side protocol are told to heartbeat at. */
  readonly consumerHeartbeatIntervalMs: number;
  /** Longest rebalance timeout that is honoured. */
  readonly rebalanceTimeoutMaxMs: number;
  readonly groupsMax: number;
  readonly membersMax: number;
  /** Commands of one group that may wait for their turn. */
  readonly queuedCommandsMax: number;
  /** Longest group, member and instance id. */
  readonly idBytesMax: number;
  /** Protocol names and metadata of a member, and the assignment a leader gives it. */
  readonly memberBytesMax: number;
  /**
   * Protocol names and metadata of all members of a classic group, which its leader is told in one
   * answer.
   */
  readonly groupBytesMax: number;
  /** Topic names in one subscription. */
  readonly topicNamesMax: number;
  readonly patternBytesMax: number;
  readonly offsetMetadataBytesMax: number;
  /** Committed offsets of all groups. */
  readonly offsetsMax: number;
  /** How long committed offsets stay once nobody needs them (`offsets.retention.minutes`). */
  readonly offsetsRetentionMs: number;
  readonly offsetsCheckIntervalMs: number;
}

const MINUTE_MS = 60_000;

/** Kafka's defaults, and bounds where Kafka has none. */
export const defaultGroupSettings: GroupSettings = {
  sessionTimeoutMinMs: 6_000,
  sessionTimeoutMaxMs: 30 * MINUTE_MS,
  initialRebalanceDelayMs: 3_000,
  newMemberJoinTimeoutMs: 5 * MINUTE_MS,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  rebalanceTimeoutMaxMs: 60 * MINUTE_MS,
  groupsMax: 10_000,
  membersMax: 1_000,
  queuedCommandsMax: 10_000,
  idBytesMax: 249,
  memberBytesMax: 256 << 10,
  groupBytesMax: 8 << 20,
  topicNamesMax: 10_000,
  patternBytesMax: 1_024,
  offsetMetadataBytesMax: 4_096,
  offsetsMax: 1_000_000,
  offsetsRetentionMs: 7 * 24 * 60 * MINUTE_MS,
  offsetsCheckIntervalMs: 10 * MINUTE_MS,
};
