// The msgpack protocol, version 1 (docs/protocol.md).
export { ERROR_TABLE, isErrorCode, type ErrorCode } from './msgpack/error-table';
export { ProtocolError, type ErrorFields } from './msgpack/protocol-error';
export { FrameError, type FrameErrorCode } from './msgpack/frame-error';
export type { IncomingFrame } from './msgpack/incoming-frame';
export {
  DEFAULT_HEAD_BYTES_MAX,
  FrameDecoder,
  type FrameDecoderOptions,
} from './msgpack/frame-decoder';
export { encodeFrame } from './msgpack/encode-frame';
export { checkReaderName, checkTopicName, NAME_LENGTH_MAX } from './msgpack/topic-name';
export {
  LIST_ELEMENTS_MAX,
  parseCreateTopic,
  parseDeleteTopic,
  parseFetch,
  parseHello,
  parseListOffsets,
  parseMetadata,
  parseProduce,
  parseReaderCommit,
  parseReaderFetch,
} from './msgpack/operation-parsers';
export {
  DEFAULT_FETCH_BYTES_MAX,
  DEFAULT_FRAME_BYTES_MAX,
  PARTITION_COUNT_MAX,
  PROTOCOL_VERSION,
} from './msgpack/operations';
export type { OperationName, Operations } from './msgpack/all-operations';
export type {
  Acks,
  CreateTopicRequest,
  CreateTopicResponse,
  DeleteTopicRequest,
  DeleteTopicResponse,
  FetchedPartition,
  FetchedRecord,
  FetchFormat,
  FetchRequest,
  FetchResponse,
  HelloRequest,
  HelloResponse,
  ListOffsetsRequest,
  ListOffsetsResponse,
  MetadataRequest,
  MetadataResponse,
  OffsetMoment,
  ParsedCreateTopic,
  ParsedFetch,
  ParsedHello,
  ParsedListOffsets,
  ParsedMetadata,
  ParsedProduce,
  PartitionError,
  PartitionMetadata,
  PlainBytes,
  PlainHeaders,
  PlainRecord,
  ProduceBatchesRequest,
  ProduceBatchesResponse,
  ProduceRecordsRequest,
  ProduceRecordsResponse,
  ProduceRequest,
  ProduceResponse,
  ReaderCommitRequest,
  ReaderCommitResponse,
  ReaderFetchRequest,
  ReaderFetchResponse,
  TopicMetadata,
  TopicPartition,
  TopicPartitionOffset,
} from './msgpack/operations';
export {
  CREDIT_BYTES_MAX,
  EVENT_BYTES_MAX,
  EVENT_KIND,
  parseChangeSubscription,
  parseCredit,
  parseSubscribe,
  parseUnsubscribe,
  SUBSCRIBED_PARTITIONS_MAX,
  SUBSCRIPTIONS_MAX,
} from './msgpack/subscription-operations';
export type {
  ChangeSubscriptionRequest,
  ChangeSubscriptionResponse,
  CreditRequest,
  CreditResponse,
  ParsedChangeSubscription,
  ParsedSubscribe,
  SubscribeRequest,
  SubscribeResponse,
  SubscriptionEvent,
  SubscriptionOperations,
  UnsubscribeRequest,
  UnsubscribeResponse,
} from './msgpack/subscription-operations';
