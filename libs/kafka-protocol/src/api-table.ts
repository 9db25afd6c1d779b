// Which versions of which API are advertised once a handler answers them, and why not others. A
// broker that has no handler for an API leaves it out.
import { addOffsetsToTxnCodec } from './generated/add-offsets-to-txn';
import { addPartitionsToTxnCodec } from './generated/add-partitions-to-txn';
import { alterClientQuotasCodec } from './generated/alter-client-quotas';
import { alterConfigsCodec } from './generated/alter-configs';
import { alterPartitionReassignmentsCodec } from './generated/alter-partition-reassignments';
import { alterShareGroupOffsetsCodec } from './generated/alter-share-group-offsets';
import { alterUserScramCredentialsCodec } from './generated/alter-user-scram-credentials';
import { apiVersionsCodec } from './generated/api-versions';
import { consumerGroupDescribeCodec } from './generated/consumer-group-describe';
import { consumerGroupHeartbeatCodec } from './generated/consumer-group-heartbeat';
import { createAclsCodec } from './generated/create-acls';
import { createPartitionsCodec } from './generated/create-partitions';
import { createTopicsCodec } from './generated/create-topics';
import { deleteAclsCodec } from './generated/delete-acls';
import { deleteGroupsCodec } from './generated/delete-groups';
import { deleteRecordsCodec } from './generated/delete-records';
import { deleteShareGroupOffsetsCodec } from './generated/delete-share-group-offsets';
import { deleteTopicsCodec } from './generated/delete-topics';
import { describeAclsCodec } from './generated/describe-acls';
import { describeClientQuotasCodec } from './generated/describe-client-quotas';
import { describeClusterCodec } from './generated/describe-cluster';
import { describeConfigsCodec } from './generated/describe-configs';
import { describeGroupsCodec } from './generated/describe-groups';
import { describeLogDirsCodec } from './generated/describe-log-dirs';
import { describeProducersCodec } from './generated/describe-producers';
import { describeQuorumCodec } from './generated/describe-quorum';
import { describeShareGroupOffsetsCodec } from './generated/describe-share-group-offsets';
import { describeTopicPartitionsCodec } from './generated/describe-topic-partitions';
import { describeTransactionsCodec } from './generated/describe-transactions';
import { describeUserScramCredentialsCodec } from './generated/describe-user-scram-credentials';
import { electLeadersCodec } from './generated/elect-leaders';
import { endTxnCodec } from './generated/end-txn';
import { fetchCodec } from './generated/fetch';
import { findCoordinatorCodec } from './generated/find-coordinator';
import { getTelemetrySubscriptionsCodec } from './generated/get-telemetry-subscriptions';
import { heartbeatCodec } from './generated/heartbeat';
import { incrementalAlterConfigsCodec } from './generated/incremental-alter-configs';
import { initProducerIdCodec } from './generated/init-producer-id';
import { joinGroupCodec } from './generated/join-group';
import { leaveGroupCodec } from './generated/leave-group';
import { listConfigResourcesCodec } from './generated/list-config-resources';
import { listGroupsCodec } from './generated/list-groups';
import { listOffsetsCodec } from './generated/list-offsets';
import { listPartitionReassignmentsCodec } from './generated/list-partition-reassignments';
import { listTransactionsCodec } from './generated/list-transactions';
import { metadataCodec } from './generated/metadata';
import { offsetCommitCodec } from './generated/offset-commit';
import { offsetDeleteCodec } from './generated/offset-delete';
import { offsetFetchCodec } from './generated/offset-fetch';
import { offsetForLeaderEpochCodec } from './generated/offset-for-leader-epoch';
import { produceCodec } from './generated/produce';
import { pushTelemetryCodec } from './generated/push-telemetry';
import { saslAuthenticateCodec } from './generated/sasl-authenticate';
import { saslHandshakeCodec } from './generated/sasl-handshake';
import { shareAcknowledgeCodec } from './generated/share-acknowledge';
import { shareFetchCodec } from './generated/share-fetch';
import { shareGroupDescribeCodec } from './generated/share-group-describe';
import { shareGroupHeartbeatCodec } from './generated/share-group-heartbeat';
import { syncGroupCodec } from './generated/sync-group';
import { txnOffsetCommitCodec } from './generated/txn-offset-commit';
import { updateFeaturesCodec } from './generated/update-features';
import type { AnyApiCodec } from './message-codec';

export type ApiArea =
  | 'connection'
  | 'records'
  | 'topics'
  | 'groups'
  | 'producers'
  | 'transactions'
  | 'administration'
  | 'security'
  | 'telemetry'
  | 'share groups';

export interface ApiEntry {
  readonly codec: AnyApiCodec;
  /** 1: the main path of every client; 2: administration and security; 3: what came later. */
  readonly tier: 1 | 2 | 3;
  readonly area: ApiArea;
  /** Advertised versions; only Produce has some without a codec among them, see its note. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** For people: why the range is not that of the codec, or what clients make of it. */
  readonly note: string;
}

function row(
  codec: AnyApiCodec,
  tier: ApiEntry['tier'],
  area: ApiArea,
  minVersion: number,
  maxVersion: number,
  note = '',
): ApiEntry {
  return { codec, tier, area, minVersion, maxVersion, note };
}

/**
 * Every API that has a codec. The least versions are Kafka 4's, which old clients are known to work
 * with; the greatest give each client its best path without the forms that only know topic ids or
 * that come with transaction.version 2.
 */
export const API_TABLE: readonly ApiEntry[] = [
  row(
    produceCodec,
    1,
    'records',
    0,
    11,
    '0 to 2 are refused, but old librdkafka compresses only where it sees 0',
  ),
  row(fetchCodec, 1, 'records', 4, 16),
  row(listOffsetsCodec, 1, 'records', 1, 11),
  row(offsetForLeaderEpochCodec, 2, 'records', 2, 4),
  row(deleteRecordsCodec, 2, 'records', 0, 2),
  row(metadataCodec, 1, 'topics', 0, 12),
  row(createTopicsCodec, 1, 'topics', 2, 7),
  row(deleteTopicsCodec, 1, 'topics', 1, 6),
  row(createPartitionsCodec, 2, 'topics', 0, 3),
  row(describeTopicPartitionsCodec, 2, 'topics', 0, 0),
  row(offsetCommitCodec, 1, 'groups', 2, 9),
  row(offsetFetchCodec, 1, 'groups', 1, 9),
  row(findCoordinatorCodec, 1, 'groups', 0, 6),
  row(joinGroupCodec, 1, 'groups', 0, 9),
  row(heartbeatCodec, 1, 'groups', 0, 4),
  row(leaveGroupCodec, 1, 'groups', 0, 5),
  row(syncGroupCodec, 1, 'groups', 0, 5),
  row(describeGroupsCodec, 2, 'groups', 0, 5, '6 answers GROUP_ID_NOT_FOUND where 5 says Dead'),
  row(listGroupsCodec, 2, 'groups', 0, 5),
  row(deleteGroupsCodec, 2, 'groups', 0, 2),
  row(offsetDeleteCodec, 2, 'groups', 0, 0),
  row(consumerGroupHeartbeatCodec, 3, 'groups', 0, 1, 'needs OffsetCommit and OffsetFetch 9'),
  row(consumerGroupDescribeCodec, 3, 'groups', 0, 1),
  row(
    apiVersionsCodec,
    1,
    'connection',
    0,
    4,
    'answered before authentication; the response header is always version 0',
  ),
  row(initProducerIdCodec, 1, 'producers', 0, 5, 'the default producer of Java is idempotent'),
  row(describeProducersCodec, 2, 'producers', 0, 0),
  row(addPartitionsToTxnCodec, 2, 'transactions', 0, 3, '4 and 5 are for brokers'),
  row(addOffsetsToTxnCodec, 2, 'transactions', 0, 4),
  row(endTxnCodec, 2, 'transactions', 0, 4, '5 goes with transaction.version 2'),
  row(txnOffsetCommitCodec, 2, 'transactions', 0, 4, '5 goes with transaction.version 2'),
  row(describeTransactionsCodec, 2, 'transactions', 0, 0),
  row(listTransactionsCodec, 2, 'transactions', 0, 1),
  row(describeConfigsCodec, 2, 'administration', 1, 4),
  row(alterConfigsCodec, 2, 'administration', 0, 2),
  row(incrementalAlterConfigsCodec, 2, 'administration', 0, 1),
  row(describeClusterCodec, 2, 'administration', 0, 2),
  row(describeLogDirsCodec, 2, 'administration', 1, 4),
  row(electLeadersCodec, 2, 'administration', 0, 2),
  row(alterPartitionReassignmentsCodec, 2, 'administration', 0, 0),
  row(listPartitionReassignmentsCodec, 2, 'administration', 0, 0),
  row(
    listConfigResourcesCodec,
    3,
    'administration',
    0,
    1,
    'named ListClientMetricsResources in version 0',
  ),
  row(describeClientQuotasCodec, 3, 'administration', 0, 1),
  row(alterClientQuotasCodec, 3, 'administration', 0, 1),
  row(updateFeaturesCodec, 3, 'administration', 0, 1),
  row(describeQuorumCodec, 3, 'administration', 0, 2),
  row(saslHandshakeCodec, 2, 'security', 0, 1, '0 is followed by tokens without frames'),
  row(saslAuthenticateCodec, 2, 'security', 0, 2),
  row(describeAclsCodec, 2, 'security', 1, 3),
  row(createAclsCodec, 2, 'security', 1, 3),
  row(deleteAclsCodec, 2, 'security', 1, 3),
  row(describeUserScramCredentialsCodec, 3, 'security', 0, 0),
  row(alterUserScramCredentialsCodec, 3, 'security', 0, 0),
  row(
    getTelemetrySubscriptionsCodec,
    3,
    'telemetry',
    0,
    0,
    'clients call it as soon as it is listed',
  ),
  row(pushTelemetryCodec, 3, 'telemetry', 0, 0, 'clients call it as soon as it is listed'),
  row(shareGroupHeartbeatCodec, 3, 'share groups', 1, 1),
  row(shareGroupDescribeCodec, 3, 'share groups', 1, 1),
  row(shareFetchCodec, 3, 'share groups', 1, 2),
  row(shareAcknowledgeCodec, 3, 'share groups', 1, 2),
  row(describeShareGroupOffsetsCodec, 3, 'share groups', 0, 1),
  row(alterShareGroupOffsetsCodec, 3, 'share groups', 0, 0),
  row(deleteShareGroupOffsetsCodec, 3, 'share groups', 0, 0),
];

const ENTRIES: ReadonlyMap<number, ApiEntry> = new Map(
  API_TABLE.map((entry) => [entry.codec.key, entry]),
);

/** The entry of an API key, or undefined when there is none. */
export function findApi(key: number): ApiEntry | undefined {
  return ENTRIES.get(key);
}
