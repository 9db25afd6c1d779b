// What is known of a request of the msgpack protocol, and of its reply, by its operation.
import type { IncomingFrame } from '@walrusmq/protocol';
import type { RequestKind } from './wire';

const PLAIN: RequestKind = { takesRecords: false, carriesRecords: false, carriesPage: false };
const PRODUCE: RequestKind = { ...PLAIN, takesRecords: true };
const RECORDS: RequestKind = { ...PLAIN, carriesRecords: true };
/** May take megabytes; made step by step, many would be under way before the first counts. */
const PAGE: RequestKind = { ...PLAIN, carriesPage: true };

const KINDS: ReadonlyMap<string, RequestKind> = new Map([
  ['produce', PRODUCE],
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

/** What the request is, and what its reply may be. */
export function requestKindOf({ kind, fields }: IncomingFrame): RequestKind {
  // All topics at once; those that are named are as many as the request is large.
  if (kind === 'metadata' && (fields['topics'] ?? null) === null) return PAGE;
  return KINDS.get(kind) ?? PLAIN;
}
