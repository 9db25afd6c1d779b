// What has to hold in every state of a group, whatever happened (G1, G2, G7 of the group
// invariants).
import type { ClassicGroup } from '../../src/group/classic-group';
import { consumerState, topicsOf, type ConsumerGroup } from '../../src/group/consumer-group';
import type { GroupState } from '../../src/group/group-state-types';
import { MODEL_SETTINGS, violation, type ModelBroker } from './model-broker';
import { keysOf, type Plans } from './model-classic-client';

/** Longest rebalance timeout of the model's clients. */
export const REBALANCE_MS = 20_000;
const SESSION_MS = 10_000;

/** Checks a state by itself, and against what the broker has beside it. */
export function checkState(state: GroupState | undefined, broker: ModelBroker, plans: Plans): void {
  checkRequests(state, broker);
  if (state === undefined) return;
  const { membersMax } = MODEL_SETTINGS;
  if (state.members.size > 2 * membersMax) violation(`G7: ${state.members.size} members`);
  if (state.kind === 'consumer') checkConsumer(state, broker);
  else checkClassic(state, broker, plans);
}

/** Checks that a group only goes forward. */
export function checkStep(before: GroupState | undefined, after: GroupState | undefined): void {
  if (before === undefined || after === undefined) return;
  const [was, is] = [numberOf(before), numberOf(after)];
  if (is < was) violation(`G2: generation ${is} after ${was}`);
  if (before.kind === 'consumer' || after.kind === 'consumer') return;
  if (is > was + 1) violation(`G2: generation ${is} after ${was} in one step`);
  const isNew = is === was + 1;
  const completes = after.phase === 'completing' || after.phase === 'empty';
  if (isNew && !completes) violation(`G2: generation ${is} begins in ${after.phase}`);
  if (!isNew && before.phase === 'preparing' && after.phase !== 'preparing') {
    violation(`G2: a rebalance ended in ${after.phase} with generation ${is} as before`);
  }
  if (before.phase === 'empty' && after.phase !== 'empty' && after.phase !== 'preparing') {
    violation(`a group went from empty to ${after.phase}`);
  }
}

function numberOf(state: GroupState): number {
  return state.kind === 'consumer' ? state.epoch : state.generation;
}

/** A request that is not answered is one that the state waits with. */
function checkRequests(state: GroupState | undefined, broker: ModelBroker): void {
  const waits = state?.kind === 'classic' ? [...state.joining, ...state.syncing] : [];
  for (const [memberId, requestId] of waits) {
    if (!broker.sent.has(requestId)) violation(`${memberId} waits with a request that is answered`);
  }
  const waiting = new Set(waits.map(([, requestId]) => requestId));
  for (const requestId of broker.sent.keys()) {
    if (!waiting.has(requestId)) violation(`request ${requestId} is never answered`);
  }
}

function checkClassic(state: ClassicGroup, broker: ModelBroker, plans: Plans): void {
  const { phase, members, joining, syncing, pending } = state;
  if (phase === 'empty' && members.size > 0) violation('an empty group has members');
  if ((phase === 'completing' || phase === 'stable') && members.size === 0) {
    violation(`a ${phase} group has no members`);
  }
  if (joining.size > 0 && phase !== 'preparing') violation(`members wait to join in ${phase}`);
  if (syncing.size > 0 && phase !== 'completing') violation(`members wait to sync in ${phase}`);
  if (pending.size > MODEL_SETTINGS.membersMax) violation(`G7: ${pending.size} ids handed out`);
  if (phase !== 'preparing' && members.size > MODEL_SETTINGS.membersMax) {
    violation(`G7: ${members.size} members in ${phase}`);
  }
  const isLed = phase === 'completing' || phase === 'stable';
  if (isLed && !members.has(state.leaderId ?? '')) violation('the leader is not a member');
  checkClassicTimers(state, broker);
  if (phase === 'preparing') {
    const longest = 2 * REBALANCE_MS + SESSION_MS;
    if (broker.nowMs - state.changedAtMs > longest) violation('G7: a rebalance does not end');
  }
  if (phase === 'stable') checkPlan(state, plans);
}

/** Nobody can hold the group: whoever is waited for has a timer. */
function checkClassicTimers(state: ClassicGroup, { timers }: ModelBroker): void {
  const { phase, members, joining, syncing, fresh, pending } = state;
  for (const memberId of members.keys()) {
    const waits = (joining.has(memberId) && !fresh.has(memberId)) || syncing.has(memberId);
    if (!waits && !timers.has(`session:${memberId}`)) violation(`G7: ${memberId} cannot expire`);
  }
  for (const memberId of pending) {
    if (!timers.has(`session:${memberId}`)) violation(`G7: the id ${memberId} cannot expire`);
  }
  if (phase === 'preparing' && !timers.has('join')) violation('G7: the join has no end');
  if (phase === 'completing' && !timers.has('sync')) violation('G7: the sync has no end');
}

/** In a generation each partition has one owner, the one that the leader chose. */
function checkPlan(state: ClassicGroup, plans: Plans): void {
  const plan = plans.assigned.get(state.generation);
  if (plan === undefined) violation(`generation ${state.generation} is stable without a leader`);
  const owners = new Map<string, string>();
  for (const { memberId, assignment } of state.members.values()) {
    for (const key of keysOf(assignment)) {
      const other = owners.get(key);
      if (other !== undefined) violation(`G1: ${key} has the owners ${other} and ${memberId}`);
      owners.set(key, memberId);
    }
  }
  for (const key of [...plan.values()].flat()) {
    if (!owners.has(key)) violation(`G1: ${key} has no owner in generation ${state.generation}`);
  }
}

function checkConsumer(state: ConsumerGroup, broker: ModelBroker): void {
  const { members, epoch, assignmentEpoch } = state;
  if (members.size > MODEL_SETTINGS.membersMax) violation(`G7: ${members.size} members`);
  if (epoch !== assignmentEpoch) violation('the target is older than the group');
  const owners = new Map<string, string>();
  const targets = new Set<string>();
  for (const member of members.values()) {
    const { memberId, phase, assigned, revoking, target } = member;
    for (const key of [...assigned, ...revoking]) {
      const other = owners.get(key);
      if (other !== undefined) violation(`G1: ${key} is with ${other} and ${memberId}`);
      owners.set(key, memberId);
    }
    for (const key of target) {
      if (targets.has(key)) violation(`G1: ${key} is in two targets`);
      targets.add(key);
    }
    if (member.epoch > epoch) violation(`G2: ${memberId} is ahead of the group`);
    if ((phase === 'unrevoked') !== revoking.size > 0) violation(`${memberId} is ${phase}`);
    if (!broker.timers.has(`session:${memberId}`)) violation(`G7: ${memberId} cannot expire`);
    if (phase === 'unrevoked' && !broker.timers.has(`revoke:${memberId}`)) {
      violation(`G7: ${memberId} can keep what it has to give up`);
    }
  }
  checkTargets(state, broker, targets);
}

/** The target covers what is subscribed to, evenly; a stable group owns what its target says. */
function checkTargets(state: ConsumerGroup, broker: ModelBroker, targets: Set<string>): void {
  const view = {
    find: (name: string) => broker.topics.get(name),
    matching: (pattern: string) =>
      [...broker.topics.keys()].filter((name) => new RegExp(`^(${pattern})$`).test(name)),
  };
  const wanted = new Set<string>();
  for (const member of state.members.values()) {
    for (const { id, partitionCount } of topicsOf(member, view)) {
      for (let partition = 0; partition < partitionCount; partition += 1) {
        wanted.add(`${id}/${partition}`);
      }
    }
  }
  for (const key of wanted) if (!targets.has(key)) violation(`G1: ${key} is nobody's target`);
  if (targets.size > wanted.size) violation('G1: a target that nobody subscribes to');
  if (consumerState(state) !== 'Stable') return;
  for (const { memberId, assigned, target, epoch } of state.members.values()) {
    if (epoch < 0) continue;
    const isThere = assigned.size === target.size && [...target].every((key) => assigned.has(key));
    if (!isThere) violation(`G1: ${memberId} does not own its target in a stable group`);
  }
}
