// How a member gets from what it owns to what it should own: first it gives up what others shall
// have, then it gets what others have given up (KIP-848, "Member state machine").
import type { ConsumerGroup } from './consumer-group';
import type { ConsumerMember } from './group-member';

/**
 * The member one step nearer to its target, or the same object where it can take none.
 *
 * Invariant: a partition is added to `assigned` only when no other member has it in `assigned` or
 * `revoking`.
 *
 * @param owned What the member says that it owns; undefined when it does not say.
 */
export function reconcile(
  group: ConsumerGroup,
  member: ConsumerMember,
  owned: ReadonlySet<string> | undefined,
): ConsumerMember {
  switch (member.phase) {
    case 'stable':
      return member.epoch === group.assignmentEpoch ? member : advance(group, member, owned);
    case 'unrevoked':
      return stillOwns(owned, member.revoking) ? member : advance(group, member, owned);
    case 'unreleased':
      return advance(group, member, owned);
  }
}

function advance(
  group: ConsumerGroup,
  member: ConsumerMember,
  owned: ReadonlySet<string> | undefined,
): ConsumerMember {
  const { target } = member;
  const assigned = new Set<string>();
  const revoking = new Set<string>();
  for (const key of member.assigned) (target.has(key) ? assigned : revoking).add(key);
  if (revoking.size > 0 && stillOwns(owned, revoking)) {
    return { ...member, phase: 'unrevoked', assigned, revoking };
  }
  const free = new Set([...target].filter((key) => !assigned.has(key)));
  withoutOwned(free, group, member);
  for (const key of free) assigned.add(key);
  const phase = assigned.size < target.size ? 'unreleased' : 'stable';
  const isSame =
    phase === member.phase &&
    member.epoch === group.assignmentEpoch &&
    assigned.size === member.assigned.size &&
    revoking.size === 0;
  if (isSame) return member;
  const epoch = group.assignmentEpoch;
  const previousEpoch = epoch === member.epoch ? member.previousEpoch : member.epoch;
  return { ...member, epoch, previousEpoch, phase, assigned, revoking: new Set() };
}

/** Takes out of `keys` what others own, or have not said that they gave up. */
function withoutOwned(keys: Set<string>, group: ConsumerGroup, member: ConsumerMember): void {
  for (const other of group.members.values()) {
    if (keys.size === 0) return;
    if (other.memberId === member.memberId) continue;
    for (const key of keys) {
      if (other.assigned.has(key)) keys.delete(key);
      else if (other.revoking.has(key)) keys.delete(key);
    }
  }
}

/** A member that does not say what it owns has given up nothing. */
function stillOwns(owned: ReadonlySet<string> | undefined, keys: ReadonlySet<string>): boolean {
  if (owned === undefined) return true;
  for (const key of owned) if (keys.has(key)) return true;
  return false;
}
