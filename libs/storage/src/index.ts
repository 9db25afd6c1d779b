export { AddonError, StorageError } from './storage-error';
export type { StorageErrorCode } from './storage-error';
export { disableFdBackend, enableFdBackend } from './backend';
export { directoryNameOf, isInstanceFileName, keyOfDirectoryName } from './instance-directory';
export { FsyncSchedule } from './fsync-schedule';
export { ProducerIds } from './producer-ids';
export type {
  ActiveProducer,
  LogAppend,
  LogId,
  PartitionLog,
  ReaderCursor,
  TimestampedOffset,
} from './partition-log';
export {
  TOPIC_CONFIG_BYTES_MAX,
  TOPIC_CONFIGS_MAX,
  TOPIC_NAME_BYTES_MAX,
  TOPIC_PARTITIONS_MAX,
  TOPIC_PINS_MAX,
} from './topic-catalogue';
export type {
  TopicCatalogue,
  TopicChange,
  TopicDescription,
  TopicPin,
  TopicSettings,
} from './topic-catalogue';
export type {
  Backend,
  ExpiredLog,
  InstanceStorage,
  LogSettings,
  LogState,
  RecoveryReport,
  RetentionLimits,
  StorageOptions,
  StorageStats,
} from './instance-storage';
export type {
  ClassicGroupRecord,
  ClassicMemberRecord,
  CommittedOffsetRecord,
  ConsumerGroupRecord,
  ConsumerMemberRecord,
  GroupChange,
  GroupRecord,
  GroupRecordKey,
  GroupStore,
  TopicPartitionList,
} from './group-store';
export { openMemoryStorage } from './memory-storage';
export { openWalStorage } from './wal-storage';
export { ReadConsistency } from './read-consistency';
export { Walrus } from './walrus';
export { EntryTail } from './entry-tail';
export type {
  Entry,
  ReadAtOptions,
  ReadOptions,
  ReaderState,
  StartPosition,
  StoredEntry,
  TailOptions,
  TopicStats,
  WalrusOptions,
} from './walrus-options';
export {
  inspectDirectory,
  inspectTopicNames,
  readInspectedBatch,
  verifyDirectory,
} from './inspection';
export { OWN_LOG_NAMES } from './log-id';
export type { InspectProblem, InspectedItem, VerifyReport } from './inspection';
export { repairDirectory } from './repair';
export type { RepairAction, RepairReport } from './repair';
