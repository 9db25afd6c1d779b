// The WalrusMQ SDK.
export { Admin } from './admin';
export type {
  AdminOptions,
  CreatedTopic,
  CreateTopicOptions,
  DescribeTopicsOptions,
  ListOffsetsOptions,
  PartitionOffset,
  ReaderOffset,
  TopicPartition,
  TopicPartitionOffset,
} from './admin';
export type {
  AlterInstanceOptions,
  CreateInstanceOptions,
  DeleteInstanceOptions,
  InstanceConfig,
  InstanceDescription,
  InstanceQuotas,
  InstanceSetting,
  InstanceState,
  InstanceUse,
  ListedInstance,
} from './admin-instances';
export type {
  AlterTopicOptions,
  ListedTopic,
  PinReaderOptions,
  RecordsToDelete,
  StartOffset,
  TopicConfigs,
  TopicOverview,
} from './admin-topics';
export type { GroupOverview, ListGroupsOptions, PinGroupOptions } from './admin-groups';
export type { GroupMove, GroupScope, ResetGroupOptions } from './group-reset';
export { Producer } from './producer';
export type { ProducerOptions } from './producer-options';
export type { Partitioner } from './partitioner';
export type { BatchReceipt, HeaderValue, ProducerRecord, RecordReceipt } from './record';
export { Consumer } from './consumer';
export type { ConsumerLag, ConsumerPosition } from './consumer-session';
export type {
  AutoCommit,
  ConsumerOptions,
  Handlers,
  RecordBatch,
  StartPosition,
  TopicSelection,
} from './consumer-options';
export { ConsumerRecord } from './consumer-record';
export {
  BrokerError,
  ClosedError,
  ConnectionError,
  DeliveryError,
  InvalidOptionError,
  SerialisationError,
  TimeoutError,
  WalrusError,
} from './errors';
export type { ConnectionOptions, RetryNotice } from './options';
export type { BackoffOptions } from './backoff';
export { CONTENT_TYPE, JSON_CONTENT_TYPE } from './serialisation';
export type {
  AlterTopicResponse,
  ConfigDescription,
  ConfigEntry,
  AssignedPartitions,
  GroupMember,
  GroupOffset,
  GroupPin,
  GroupState,
  GroupType,
  HelloResponse,
  ListedGroup,
  PartitionMetadata,
  PinDescription,
  TopicMetadata,
} from '@walrusmq/protocol';
