import type { PlantedBug } from './planted-bugs';

/**
 * Bugs that are put into the sources of apps/broker/src/group, to see whether the model finds them.
 */
export const GROUP_BUGS: readonly PlantedBug[] = [
  {
    name: 'a rebalance that keeps the generation',
    text: 'group.generation += 1;',
    replacement: '',
  },
  {
    name: 'a member of an older generation counts as one of this',
    text: "return request.generation === group.generation ? 'NONE' : 'ILLEGAL_GENERATION';",
    replacement: "return 'NONE';",
  },
  {
    name: 'commits between join and sync are taken',
    text: "return state.phase === 'completing' ? 'REBALANCE_IN_PROGRESS' : 'NONE';",
    replacement: "return 'NONE';",
  },
  {
    name: 'commits of any epoch are taken',
    text: "member.epoch === generation ? 'NONE' : 'STALE_MEMBER_EPOCH';",
    replacement: "'NONE';",
  },
  {
    name: 'a partition is given away before it was given up',
    text: 'else if (other.revoking.has(key)) keys.delete(key);',
    replacement: '',
  },
  {
    name: 'who does not say what it owns has given everything up',
    text: 'if (owned === undefined) return true;',
    replacement: 'if (owned === undefined) return false;',
  },
  {
    name: 'a heartbeat of an older epoch keeps the member',
    text: 'if (memberEpoch === member.epoch) return undefined;',
    replacement: 'if (memberEpoch <= member.epoch) return undefined;',
  },
  {
    name: 'no end to the wait for members',
    text: "out.start('join', rebalanceTimeoutMs(group));\n    completeJoinIfAllCame(step);",
    replacement: 'completeJoinIfAllCame(step);',
  },
  {
    name: 'no end to the wait for the assignment',
    text: "out.start('sync', rebalanceTimeoutMs(group));",
    replacement: '',
  },
  {
    name: 'no session for a member that was answered',
    text: 'startSession(step, memberId);\n    group.unsynced.add(memberId);',
    replacement: 'group.unsynced.add(memberId);',
  },
  {
    name: 'ids that were handed out do not expire',
    text: 'out.start(`session:${memberId}`, request.sessionTimeoutMs);',
    replacement: '',
  },
  {
    name: 'who was to give up partitions may keep them',
    text: 'out.start(`revoke:${memberId}`, settled.rebalanceTimeoutMs);',
    replacement: '',
  },
  {
    name: 'members that wait for an assignment are forgotten in a rebalance',
    text: 'group.syncing.clear();\n  group.unsynced.clear();',
    replacement: 'group.unsynced.clear();',
  },
  {
    name: 'a static member beside the one that took its place',
    text:
      '// They are answered already.\n  group.joining.delete(old.memberId);\n' +
      '  group.syncing.delete(old.memberId);\n  dropMember(step, old.memberId);',
    replacement: 'group.joining.delete(old.memberId);\n  group.syncing.delete(old.memberId);',
  },
  {
    name: 'what a member had stays with it when it goes',
    text: 'out.stop(`revoke:${memberId}`);\n  nextEpoch(step);',
    replacement: 'out.stop(`revoke:${memberId}`);',
  },
  {
    name: 'one member too many',
    text: 'group.members.size < membersMax) return;',
    replacement: 'group.members.size <= membersMax) return;',
  },
  {
    name: 'one partition of a topic is given to nobody',
    text: 'if (!kept.has(key)) heap.addToSmallest(key);',
    replacement: 'if (!kept.has(key) && partition > 0) heap.addToSmallest(key);',
  },
  {
    name: 'members that went are stored still',
    text: "changes.push({ remove: { kind: 'member', groupId, memberId } });",
    replacement: 'continue;',
  },
  {
    name: 'a restart forgets who has to sync',
    text: "if (state.phase === 'completing') state.unsynced.add(record.memberId);",
    replacement: '',
  },
  {
    name: 'offsets of deleted topics stay',
    text: 'if (topicIds.has(topicId)) out.offsets.push({ remove: { topicId, partition } });',
    replacement: '',
  },
  {
    name: 'offsets expire whatever their age',
    text: 'if (env.nowMs < expiryMs || env.isPinned(topicName))',
    replacement: 'if (expiryMs <= 0)',
  },
];
