// The Kafka protocol: schemas/ as codecs, frames, and what Kafka calls its APIs and errors.
export { API_TABLE, findApi, type ApiArea, type ApiEntry } from './api-table';
export { KafkaCodecError, type KafkaCodecErrorCode } from './kafka-codec-error';
export { KAFKA_ERRORS, kafkaErrorName, type KafkaError, type KafkaErrorName } from './kafka-errors';
export type {
  AnyApiCodec,
  AnyMessageCodec,
  ApiCodec,
  Decoded,
  MessageCodec,
} from './message-codec';
export {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  readRequestStart,
  requestHeaderVersion,
  responseHeaderVersion,
  type DecodedRequest,
  type DecodedResponse,
  type RequestOrigin,
  type RequestStart,
} from './message-frame';
export { ELEMENTS_MAX, WireReader, ZERO_UUID, type WireReaderOptions } from './wire-reader';
export { WireWriter } from './wire-writer';

// One codec and two types per API; the types of what is inside are in a namespace of the same name
// (FetchResponse.PartitionData).
export {
  addOffsetsToTxnCodec,
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
} from './generated/add-offsets-to-txn';
export {
  addPartitionsToTxnCodec,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
} from './generated/add-partitions-to-txn';
export {
  alterClientQuotasCodec,
  type AlterClientQuotasRequest,
  type AlterClientQuotasResponse,
} from './generated/alter-client-quotas';
export {
  alterConfigsCodec,
  type AlterConfigsRequest,
  type AlterConfigsResponse,
} from './generated/alter-configs';
export {
  alterPartitionReassignmentsCodec,
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
} from './generated/alter-partition-reassignments';
export {
  alterShareGroupOffsetsCodec,
  type AlterShareGroupOffsetsRequest,
  type AlterShareGroupOffsetsResponse,
} from './generated/alter-share-group-offsets';
export {
  alterUserScramCredentialsCodec,
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsResponse,
} from './generated/alter-user-scram-credentials';
export {
  apiVersionsCodec,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
} from './generated/api-versions';
export {
  consumerGroupDescribeCodec,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
} from './generated/consumer-group-describe';
export {
  consumerGroupHeartbeatCodec,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
} from './generated/consumer-group-heartbeat';
export {
  createAclsCodec,
  type CreateAclsRequest,
  type CreateAclsResponse,
} from './generated/create-acls';
export {
  createPartitionsCodec,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
} from './generated/create-partitions';
export {
  createTopicsCodec,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
} from './generated/create-topics';
export {
  deleteAclsCodec,
  type DeleteAclsRequest,
  type DeleteAclsResponse,
} from './generated/delete-acls';
export {
  deleteGroupsCodec,
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
} from './generated/delete-groups';
export {
  deleteRecordsCodec,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from './generated/delete-records';
export {
  deleteShareGroupOffsetsCodec,
  type DeleteShareGroupOffsetsRequest,
  type DeleteShareGroupOffsetsResponse,
} from './generated/delete-share-group-offsets';
export {
  deleteTopicsCodec,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
} from './generated/delete-topics';
export {
  describeAclsCodec,
  type DescribeAclsRequest,
  type DescribeAclsResponse,
} from './generated/describe-acls';
export {
  describeClientQuotasCodec,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
} from './generated/describe-client-quotas';
export {
  describeClusterCodec,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
} from './generated/describe-cluster';
export {
  describeConfigsCodec,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
} from './generated/describe-configs';
export {
  describeGroupsCodec,
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
} from './generated/describe-groups';
export {
  describeLogDirsCodec,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from './generated/describe-log-dirs';
export {
  describeProducersCodec,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
} from './generated/describe-producers';
export {
  describeQuorumCodec,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
} from './generated/describe-quorum';
export {
  describeShareGroupOffsetsCodec,
  type DescribeShareGroupOffsetsRequest,
  type DescribeShareGroupOffsetsResponse,
} from './generated/describe-share-group-offsets';
export {
  describeTopicPartitionsCodec,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from './generated/describe-topic-partitions';
export {
  describeTransactionsCodec,
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
} from './generated/describe-transactions';
export {
  describeUserScramCredentialsCodec,
  type DescribeUserScramCredentialsRequest,
  type DescribeUserScramCredentialsResponse,
} from './generated/describe-user-scram-credentials';
export {
  electLeadersCodec,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
} from './generated/elect-leaders';
export { endTxnCodec, type EndTxnRequest, type EndTxnResponse } from './generated/end-txn';
export { fetchCodec, type FetchRequest, type FetchResponse } from './generated/fetch';
export {
  findCoordinatorCodec,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from './generated/find-coordinator';
export {
  getTelemetrySubscriptionsCodec,
  type GetTelemetrySubscriptionsRequest,
  type GetTelemetrySubscriptionsResponse,
} from './generated/get-telemetry-subscriptions';
export {
  heartbeatCodec,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from './generated/heartbeat';
export {
  incrementalAlterConfigsCodec,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from './generated/incremental-alter-configs';
export {
  initProducerIdCodec,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
} from './generated/init-producer-id';
export {
  joinGroupCodec,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from './generated/join-group';
export {
  leaveGroupCodec,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
} from './generated/leave-group';
export {
  listConfigResourcesCodec,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
} from './generated/list-config-resources';
export {
  listGroupsCodec,
  type ListGroupsRequest,
  type ListGroupsResponse,
} from './generated/list-groups';
export {
  listOffsetsCodec,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from './generated/list-offsets';
export {
  listPartitionReassignmentsCodec,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
} from './generated/list-partition-reassignments';
export {
  listTransactionsCodec,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
} from './generated/list-transactions';
export { metadataCodec, type MetadataRequest, type MetadataResponse } from './generated/metadata';
export {
  offsetCommitCodec,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from './generated/offset-commit';
export {
  offsetDeleteCodec,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from './generated/offset-delete';
export {
  offsetFetchCodec,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from './generated/offset-fetch';
export {
  offsetForLeaderEpochCodec,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from './generated/offset-for-leader-epoch';
export { produceCodec, type ProduceRequest, type ProduceResponse } from './generated/produce';
export {
  pushTelemetryCodec,
  type PushTelemetryRequest,
  type PushTelemetryResponse,
} from './generated/push-telemetry';
export {
  saslAuthenticateCodec,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from './generated/sasl-authenticate';
export {
  saslHandshakeCodec,
  type SaslHandshakeRequest,
  type SaslHandshakeResponse,
} from './generated/sasl-handshake';
export {
  shareAcknowledgeCodec,
  type ShareAcknowledgeRequest,
  type ShareAcknowledgeResponse,
} from './generated/share-acknowledge';
export {
  shareFetchCodec,
  type ShareFetchRequest,
  type ShareFetchResponse,
} from './generated/share-fetch';
export {
  shareGroupDescribeCodec,
  type ShareGroupDescribeRequest,
  type ShareGroupDescribeResponse,
} from './generated/share-group-describe';
export {
  shareGroupHeartbeatCodec,
  type ShareGroupHeartbeatRequest,
  type ShareGroupHeartbeatResponse,
} from './generated/share-group-heartbeat';
export {
  syncGroupCodec,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from './generated/sync-group';
export {
  txnOffsetCommitCodec,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from './generated/txn-offset-commit';
export {
  updateFeaturesCodec,
  type UpdateFeaturesRequest,
  type UpdateFeaturesResponse,
} from './generated/update-features';
export { requestHeaderCodec, type RequestHeader } from './generated/request-header';
export { responseHeaderCodec, type ResponseHeader } from './generated/response-header';
