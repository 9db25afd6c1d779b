// Who the clients of the model are, and what they subscribe to.
import { GROUP } from './model-broker';
import type { Committer } from './model-records';

/** Seven clients where five have room. */
export const CLASSIC_SETUPS = [
  { instanceId: null, protocols: ['range', 'sticky'], topics: ['t0', 't1'] },
  { instanceId: 'i1', protocols: ['range', 'sticky'], topics: ['t0', 't1'] },
  { instanceId: 'i2', protocols: ['sticky', 'range'], topics: ['t0', 't1'] },
  { instanceId: null, protocols: ['sticky'], topics: ['t0', 't1'] },
  { instanceId: null, protocols: ['sticky', 'range'], topics: ['t0'] },
  { instanceId: null, protocols: ['range', 'sticky'], topics: ['t0', 't1'] },
  { instanceId: null, protocols: ['other', 'sticky'], topics: ['t0', 't1'] },
];
/** A heartbeat of the server-side protocol that says nothing new. */
export function quietHeartbeat({ memberId, instanceId, generation }: Committer) {
  return {
    groupId: GROUP,
    memberId,
    instanceId,
    memberEpoch: generation,
    rackId: null,
    clientId: 'zombie',
    clientHost: 'host',
    rebalanceTimeoutMs: -1,
    topicNames: null,
    topicPattern: null,
    serverAssignor: null,
    owned: null,
  };
}

export const CONSUMER_SETUPS = [
  { instanceId: null, topicNames: ['t0', 't1'], topicPattern: null, serverAssignor: null },
  { instanceId: 'i1', topicNames: ['t0', 't1'], topicPattern: null, serverAssignor: null },
  { instanceId: 'i2', topicNames: [], topicPattern: 't[01]', serverAssignor: 'uniform' },
  { instanceId: null, topicNames: ['t0'], topicPattern: null, serverAssignor: 'range' },
  { instanceId: null, topicNames: ['t1'], topicPattern: 't0|x', serverAssignor: 'range' },
  { instanceId: null, topicNames: ['t0', 't1'], topicPattern: null, serverAssignor: null },
  { instanceId: null, topicNames: ['t0', 't1'], topicPattern: null, serverAssignor: null },
];
