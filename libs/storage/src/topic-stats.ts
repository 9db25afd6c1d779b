// What a topic's log says of itself, in the words of the API.
import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type { ReaderState, TopicStats } from './walrus-options';

/**
 * What is stored of the log with this handle.
 * @throws {StorageError} CLOSED.
 */
export function topicStatsOf(native: NativeWal, handle: number): TopicStats {
  const log = callNative(() => native.logInfo(handle));
  return {
    startOffset: log.startOffset,
    endOffset: log.readableEnd,
    nextOffset: log.nextOffset,
    entryCount: log.readableEnd - log.startOffset,
    storedBytes: log.storedBytes,
    diskBytes: log.diskBytes,
    corruptOffset: log.corruptOffset ?? undefined,
  };
}

/**
 * The log's readers that have a saved cursor, by name.
 * @throws {StorageError} CLOSED.
 */
export function readerStatesOf(native: NativeWal, handle: number): ReaderState[] {
  const end = callNative(() => native.readableEnd(handle));
  const cursors = callNative(() => native.listCursors(handle));
  return cursors.map(({ reader, offset }) => ({ reader, offset, lag: Math.max(end - offset, 0) }));
}
