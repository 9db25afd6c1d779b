import { RE2JS, RE2JSException } from 're2js';
import type { GroupState } from './group-state-types';
import type { GroupTopic, GroupTopics, TopicChange, TopicView } from './group-topics';

/** Largest compiled pattern: matching costs at most this times the length of a name. */
const PROGRAM_SIZE_MAX = 500;
/** Patterns of all members together. */
export const PATTERNS_MAX = 1_000;
/** How long the event loop is held by resolving a pattern before others get their turn. */
const SLICE_MS = 5;

interface Resolved {
  readonly regex: RE2JS;
  readonly names: Set<string>;
  list: readonly string[] | undefined;
  isComplete: Promise<void>;
}

/** A pattern that is none, or asks for too much; the text says what is wrong. */
export class TopicPatternError extends Error {
  override readonly name = 'TopicPatternError';
}

/**
 * Topics by name, and by the patterns that members subscribe with.
 *
 * Patterns come from clients: they are RE2 expressions, matched in time that is linear in the name
 * (`re2js`), of bounded size and number, and resolved in slices. A resolved pattern is kept up to
 * date one topic at a time.
 */
export class TopicPatterns implements TopicView {
  private readonly patterns = new Map<string, Resolved>();

  constructor(private readonly topics: GroupTopics) {}

  find(name: string): GroupTopic | undefined {
    return this.topics.find(name);
  }

  /** Whether the group has the topic of that name keep records for it. */
  isPinned(name: string, groupId: string): boolean {
    return this.topics.isPinned(name, groupId);
  }

  matching(pattern: string): readonly string[] {
    const resolved = this.patterns.get(pattern);
    if (resolved === undefined) return [];
    resolved.list ??= [...resolved.names].sort();
    return resolved.list;
  }

  /**
   * Matches the pattern against all topics; resolves when `matching` knows them.
   *
   * Rejects with TopicPatternError; nothing changed.
   */
  async resolve(pattern: string): Promise<void> {
    let resolved = this.patterns.get(pattern);
    if (resolved === undefined) {
      if (this.patterns.size >= PATTERNS_MAX) {
        throw new TopicPatternError(`There are ${PATTERNS_MAX} patterns, which is the most.`);
      }
      resolved = {
        regex: compile(pattern),
        names: new Set(),
        list: undefined,
        isComplete: Promise.resolve(),
      };
      this.patterns.set(pattern, resolved);
      resolved.isComplete = this.matchAll(resolved);
    }
    await resolved.isComplete;
  }

  /** Takes in a change of a topic. */
  update({ what, topic: { name } }: TopicChange): void {
    if (what === 'grown') return;
    for (const resolved of this.patterns.values()) {
      const isNew = what === 'created' && resolved.regex.matches(name);
      const hasChanged = isNew ? resolved.names.add(name) : resolved.names.delete(name);
      if (hasChanged !== false) resolved.list = undefined;
    }
  }

  /** Whether a pattern that was resolved matches the name. */
  isMatch(pattern: string, name: string): boolean {
    return this.patterns.get(pattern)?.regex.matches(name) ?? false;
  }

  /** Forgets the patterns that nobody uses. */
  keepOnly(used: ReadonlySet<string>): void {
    for (const pattern of this.patterns.keys()) {
      if (!used.has(pattern)) this.patterns.delete(pattern);
    }
  }

  private async matchAll(resolved: Resolved): Promise<void> {
    let sliceEndMs = performance.now() + SLICE_MS;
    // What changes meanwhile comes through `update`.
    for (const { name } of [...this.topics.list()]) {
      if (performance.now() >= sliceEndMs) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEndMs = performance.now() + SLICE_MS;
      }
      const isThere = this.topics.find(name) !== undefined;
      if (isThere && resolved.regex.matches(name)) resolved.names.add(name);
    }
    resolved.list = undefined;
  }
}

function compile(pattern: string): RE2JS {
  try {
    const regex = RE2JS.compile(pattern);
    if (regex.programSize() <= PROGRAM_SIZE_MAX) return regex;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new TopicPatternError(`'${pattern}' is no RE2 expression: ${error.message}`);
  }
  throw new TopicPatternError(`'${pattern}' is too large: use fewer or shorter repetitions.`);
}

/** The patterns that members of these groups subscribe with. */
export function patternsOf(states: readonly (GroupState | undefined)[]): Set<string> {
  const patterns = new Set<string>();
  for (const state of states) {
    if (state?.kind !== 'consumer') continue;
    for (const { topicPattern } of state.members.values()) {
      if (topicPattern !== null) patterns.add(topicPattern);
    }
  }
  return patterns;
}
