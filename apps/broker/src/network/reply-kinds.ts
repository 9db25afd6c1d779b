// What is known of a reply by the request that it answers.
import type { IncomingFrame } from '@walrusmq/protocol';
import type { ReplyKind } from './reply-queue';

const PLAIN: ReplyKind = { carriesRecords: false, carriesPage: false };
const RECORDS: ReplyKind = { carriesRecords: true, carriesPage: false };
/** May take megabytes; made step by step, many would be under way before the first counts. */
const PAGE: ReplyKind = { carriesRecords: false, carriesPage: true };

const KINDS: ReadonlyMap<string, ReplyKind> = new Map([
  ['fetch', RECORDS],
  ['read', RECORDS],
  ['describeGroup', PAGE],
  ['describeTopic', PAGE],
  ['listGroups', PAGE],
  ['listTopics', PAGE],
  ['offsetFetch', PAGE],
  ['listReaders', PAGE],
  ['readerDescribe', PAGE],
]);

/** What the reply to a request may be. */
export function replyKindOf({ kind, fields }: IncomingFrame): ReplyKind {
  // All topics at once; those that are named are as many as the request is large.
  if (kind === 'metadata' && (fields.topics ?? null) === null) return PAGE;
  return KINDS.get(kind) ?? PLAIN;
}
