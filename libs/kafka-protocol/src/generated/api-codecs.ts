// Generated from schemas/ by generator/main.ts: do not edit.
import type { AnyApiCodec } from '../message-codec';
import { produceCodec } from './produce';
import { fetchCodec } from './fetch';
import { listOffsetsCodec } from './list-offsets';
import { metadataCodec } from './metadata';
import { offsetCommitCodec } from './offset-commit';
import { offsetFetchCodec } from './offset-fetch';
import { findCoordinatorCodec } from './find-coordinator';
import { joinGroupCodec } from './join-group';
import { heartbeatCodec } from './heartbeat';
import { leaveGroupCodec } from './leave-group';
import { syncGroupCodec } from './sync-group';
import { describeGroupsCodec } from './describe-groups';
import { listGroupsCodec } from './list-groups';
import { saslHandshakeCodec } from './sasl-handshake';
import { apiVersionsCodec } from './api-versions';
import { createTopicsCodec } from './create-topics';
import { deleteTopicsCodec } from './delete-topics';
import { deleteRecordsCodec } from './delete-records';
import { initProducerIdCodec } from './init-producer-id';
import { offsetForLeaderEpochCodec } from './offset-for-leader-epoch';
import { addPartitionsToTxnCodec } from './add-partitions-to-txn';
import { addOffsetsToTxnCodec } from './add-offsets-to-txn';
import { endTxnCodec } from './end-txn';
import { txnOffsetCommitCodec } from './txn-offset-commit';
import { describeAclsCodec } from './describe-acls';
import { createAclsCodec } from './create-acls';
import { deleteAclsCodec } from './delete-acls';
import { describeConfigsCodec } from './describe-configs';
import { alterConfigsCodec } from './alter-configs';
import { describeLogDirsCodec } from './describe-log-dirs';
import { saslAuthenticateCodec } from './sasl-authenticate';
import { createPartitionsCodec } from './create-partitions';
import { deleteGroupsCodec } from './delete-groups';
import { electLeadersCodec } from './elect-leaders';
import { incrementalAlterConfigsCodec } from './incremental-alter-configs';
import { alterPartitionReassignmentsCodec } from './alter-partition-reassignments';
import { listPartitionReassignmentsCodec } from './list-partition-reassignments';
import { offsetDeleteCodec } from './offset-delete';
import { describeClientQuotasCodec } from './describe-client-quotas';
import { alterClientQuotasCodec } from './alter-client-quotas';
import { describeUserScramCredentialsCodec } from './describe-user-scram-credentials';
import { alterUserScramCredentialsCodec } from './alter-user-scram-credentials';
import { describeQuorumCodec } from './describe-quorum';
import { updateFeaturesCodec } from './update-features';
import { describeClusterCodec } from './describe-cluster';
import { describeProducersCodec } from './describe-producers';
import { describeTransactionsCodec } from './describe-transactions';
import { listTransactionsCodec } from './list-transactions';
import { consumerGroupHeartbeatCodec } from './consumer-group-heartbeat';
import { consumerGroupDescribeCodec } from './consumer-group-describe';
import { getTelemetrySubscriptionsCodec } from './get-telemetry-subscriptions';
import { pushTelemetryCodec } from './push-telemetry';
import { listConfigResourcesCodec } from './list-config-resources';
import { describeTopicPartitionsCodec } from './describe-topic-partitions';
import { shareGroupHeartbeatCodec } from './share-group-heartbeat';
import { shareGroupDescribeCodec } from './share-group-describe';
import { shareFetchCodec } from './share-fetch';
import { shareAcknowledgeCodec } from './share-acknowledge';
import { describeShareGroupOffsetsCodec } from './describe-share-group-offsets';
import { alterShareGroupOffsetsCodec } from './alter-share-group-offsets';
import { deleteShareGroupOffsetsCodec } from './delete-share-group-offsets';

/** The codecs of all APIs, by their keys. */
export const API_CODECS: readonly AnyApiCodec[] = [
  produceCodec,
  fetchCodec,
  listOffsetsCodec,
  metadataCodec,
  offsetCommitCodec,
  offsetFetchCodec,
  findCoordinatorCodec,
  joinGroupCodec,
  heartbeatCodec,
  leaveGroupCodec,
  syncGroupCodec,
  describeGroupsCodec,
  listGroupsCodec,
  saslHandshakeCodec,
  apiVersionsCodec,
  createTopicsCodec,
  deleteTopicsCodec,
  deleteRecordsCodec,
  initProducerIdCodec,
  offsetForLeaderEpochCodec,
  addPartitionsToTxnCodec,
  addOffsetsToTxnCodec,
  endTxnCodec,
  txnOffsetCommitCodec,
  describeAclsCodec,
  createAclsCodec,
  deleteAclsCodec,
  describeConfigsCodec,
  alterConfigsCodec,
  describeLogDirsCodec,
  saslAuthenticateCodec,
  createPartitionsCodec,
  deleteGroupsCodec,
  electLeadersCodec,
  incrementalAlterConfigsCodec,
  alterPartitionReassignmentsCodec,
  listPartitionReassignmentsCodec,
  offsetDeleteCodec,
  describeClientQuotasCodec,
  alterClientQuotasCodec,
  describeUserScramCredentialsCodec,
  alterUserScramCredentialsCodec,
  describeQuorumCodec,
  updateFeaturesCodec,
  describeClusterCodec,
  describeProducersCodec,
  describeTransactionsCodec,
  listTransactionsCodec,
  consumerGroupHeartbeatCodec,
  consumerGroupDescribeCodec,
  getTelemetrySubscriptionsCodec,
  pushTelemetryCodec,
  listConfigResourcesCodec,
  describeTopicPartitionsCodec,
  shareGroupHeartbeatCodec,
  shareGroupDescribeCodec,
  shareFetchCodec,
  shareAcknowledgeCodec,
  describeShareGroupOffsetsCodec,
  alterShareGroupOffsetsCodec,
  deleteShareGroupOffsetsCodec,
];
