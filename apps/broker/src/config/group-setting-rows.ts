// The settings of consumer groups: rows of the settings table.
import { count, milliseconds, type SettingRow } from './setting-values';

const DAY_MS = 24 * 3_600_000;
/** About 31 years. */
const MAX_MS = 10 ** 12 - 1;

/** What the groups of a broker run with. Durations are milliseconds. */
export interface BrokerGroupSettings {
  readonly groupsMax: number;
  readonly groupMembersMax: number;
  readonly groupOffsetsMax: number;
  readonly groupInitialRebalanceDelayMs: number;
  readonly groupSessionTimeoutMinMs: number;
  readonly groupSessionTimeoutMaxMs: number;
  readonly groupConsumerSessionTimeoutMs: number;
  readonly groupConsumerHeartbeatIntervalMs: number;
  readonly offsetsRetentionMs: number;
  readonly offsetsCheckIntervalMs: number;
}

type Rows = {
  readonly [Name in keyof BrokerGroupSettings]: SettingRow<BrokerGroupSettings[Name]>;
};

/** In the order in which help shows them. */
export const groupSettingRows: Rows = {
  groupsMax: {
    kind: count({ min: 1, max: 100_000 }),
    default: 10_000,
    placeholder: 'COUNT',
    summary: 'Most consumer groups of an instance.',
  },
  groupMembersMax: {
    kind: count({ min: 1, max: 10_000 }),
    default: 1_000,
    placeholder: 'COUNT',
    summary: 'Most members of a consumer group.',
  },
  groupOffsetsMax: {
    kind: count({ min: 1, max: 100_000_000 }),
    default: 1_000_000,
    placeholder: 'COUNT',
    summary: 'Most committed offsets of all groups together.',
  },
  groupInitialRebalanceDelayMs: {
    kind: milliseconds({ min: 0, max: 300_000 }),
    default: 0,
    placeholder: 'MS',
    summary: 'How long the first rebalance of an empty classic group waits for more members.',
  },
  groupSessionTimeoutMinMs: {
    kind: milliseconds({ min: 1, max: DAY_MS }),
    default: 6_000,
    placeholder: 'MS',
    summary: 'Shortest session timeout that a member of a classic group may ask for.',
  },
  groupSessionTimeoutMaxMs: {
    kind: milliseconds({ min: 1, max: DAY_MS }),
    default: 1_800_000,
    placeholder: 'MS',
    summary: 'Longest session timeout that a member of a classic group may ask for.',
  },
  groupConsumerSessionTimeoutMs: {
    kind: milliseconds({ min: 100, max: 3_600_000 }),
    default: 45_000,
    placeholder: 'MS',
    summary: 'Silence after which a member whose partitions the broker assigns is taken out.',
  },
  groupConsumerHeartbeatIntervalMs: {
    kind: milliseconds({ min: 10, max: 3_600_000 }),
    default: 5_000,
    placeholder: 'MS',
    summary: 'How often such a member is told to send a heartbeat; below its session timeout.',
  },
  offsetsRetentionMs: {
    kind: milliseconds({ min: 1, max: MAX_MS }),
    default: 7 * DAY_MS,
    placeholder: 'MS',
    summary: 'How long committed offsets stay that no member of their group can use.',
  },
  offsetsCheckIntervalMs: {
    kind: milliseconds({ min: 10, max: DAY_MS }),
    default: 600_000,
    placeholder: 'MS',
    summary: 'How often the broker looks for committed offsets that are not to be kept any longer.',
  },
};
