// The WalrusMQ SDK.
export { Admin } from './admin';
export type {
  AdminOptions,
  CreatedTopic,
  CreateTopicOptions,
  DescribeTopicsOptions,
  ListOffsetsOptions,
  PartitionOffset,
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
  ReaderOffset,
  RecordsToDelete,
  StartOffset,
  TopicConfigs,
  TopicOverview,
  TopicPartition,
  TopicPartitionOffset,
} from './admin-topics';
export type {
  CreateReaderOptions,
  DeleteReaderOptions,
  ListReadersOptions,
  PartitionSelection,
  ReaderMove,
  ResetReaderOptions,
} from './admin-readers';
export { Reader } from './reader';
export type { ReaderOptions, ReadFailure, ReadOptions, ReadResult } from './reader-options';
export type { GroupOverview, ListGroupsOptions, PinGroupOptions } from './admin-groups';
export type { GroupMove, GroupScope, ResetGroupOptions } from './group-reset';
export { Producer } from './producer';
export type { ProducerOptions } from './producer-options';
export type { Partitioner } from './partitioner';
export type {
  BatchReceipt,
  HeaderValue,
  ProducerHeader,
  ProducerHeaders,
  ProducerRecord,
  RecordReceipt,
} from './record';
export { Consumer } from './consumer';
export type { OffsetToCommit } from './commit-target';
export type { ConsumerLag, ConsumerPosition } from './consumer-session';
export type {
  AutoCommit,
  ConsumerOptions,
  HandlerContext,
  Handlers,
  RecordBatch,
  StartPosition,
  TopicSelection,
} from './consumer-options';
export type { GroupOptions, RebalanceListener } from './group/group-options';
export type { Assignment, Assignor, AssignorMember } from './group/classic/assignor';
export type { AssignorName, ClassicOptions } from './group/classic/classic-options';
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
export type { BrokerErrorOptions, WalrusErrorOptions } from './errors';
export type { ConnectionOptions, RetryNotice } from './options';
export type { BackoffOptions } from './backoff';
export { DEAD_LETTER_HEADERS, readDeadLetter } from './processing/dead-letter-headers';
export type { DeadLetter, DeadLetterOrigin } from './processing/dead-letter-headers';
export { DEAD_LETTER_SUFFIX } from './processing/dead-letter-sender';
export type {
  Concurrency,
  DeadLetterOptions,
  ProcessingOptions,
  RetryBackoff,
  RetryOptions,
} from './processing/processing-options';
export { redriveDeadLetters } from './processing/redrive';
export type { RedriveOptions, RedriveResult } from './processing/redrive';
export { CONTENT_TYPE, JSON_CONTENT_TYPE, MSGPACK_CONTENT_TYPE } from './serialisation';
export type {
  ConsumerSerialisation,
  Deserialiser,
  ProducerSerialisation,
  RecordDecoding,
  Serialisation,
  SerialisationName,
  Serialiser,
} from './serialisers';
export type {
  AlterTopicResponse,
  ConfigChanges,
  ConfigDescription,
  ConfigEntry,
  ConfigSource,
  ConfigValues,
  DescribeGroupResponse,
  AssignedPartitions,
  GroupMember,
  GroupOffset,
  GroupPin,
  GroupState,
  GroupType,
  HelloResponse,
  ListedGroup,
  ListedReader,
  OffsetMoment,
  PartitionMetadata,
  PinDescription,
  ReaderHolder,
  ReaderPartition,
  ReaderTopic,
  TopicMetadata,
} from '@walrusmq/protocol';
export type { Compression, DecodedRecord, RecordHeader } from '@walrusmq/record-batch';
