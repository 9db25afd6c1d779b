import type { StorageOptions } from './instance-storage';
import type { InstancePlace } from './instance-directory';
import type { ReadConsistency } from './read-consistency';

/** How to open a Walrus; everything has the seed's default. */
export interface WalrusOptions extends Omit<StorageOptions, 'directory'>, InstancePlace {
  /** Default: `ReadConsistency.StrictlyAtOnce`. */
  readonly readConsistency?: ReadConsistency;
  /**
   * Gets a line for each thing that an operator should know: what recovery cut or could not read.
   * Default: the line goes to stderr, unless WALRUS_QUIET is set.
   */
  readonly onLog?: (line: string) => void;
}

/** Options of a read. */
export interface ReadOptions {
  /**
   * The named reader whose cursor is meant; default: the topic's own one. A reader that was not
   * created begins at the log start, and exists once a read with checkpoint moved it.
   */
  readonly reader?: string;
}

/** Where to begin: an end of what is there, an offset, or the first entry not before a time. */
export type StartPosition =
  'earliest' | 'latest' | { readonly offset: number } | { readonly timestampMs: number };

/** Options of a tail. */
export interface TailOptions extends ReadOptions {
  /** Begins here and moves no reader's cursor. Not together with `reader`. */
  readonly from?: StartPosition;
  /** Ends the tail. */
  readonly signal?: AbortSignal;
}

/** Options of a read by offset. */
export interface ReadAtOptions {
  /** Payload bytes; the first entry comes always. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** 1 to 2,000, the default. */
  readonly maxEntries?: number;
}

/** One entry as it was appended. */
export interface Entry {
  /**
   * A view of what was read: another read of the same entry may give the same bytes. Copy them
   * before you change them, or to keep a few of many.
   */
  readonly data: Buffer;
}

/** An entry and its place in the topic. */
export interface StoredEntry extends Entry {
  readonly offset: number;
  /** When it was appended, or what its producer says. */
  readonly timestampMs: number;
}

/** A named reader of a topic. */
export interface ReaderState {
  readonly reader: string;
  /** Offset of its next entry, as saved. */
  readonly offset: number;
  /** Entries that it has not read. */
  readonly lag: number;
}

/** What is stored of one topic. */
export interface TopicStats {
  /** Lowest offset that can be read. */
  readonly startOffset: number;
  /** Reads give offsets below this one. */
  readonly endOffset: number;
  /** The offset of the next entry; above `endOffset` while appends are in flight. */
  readonly nextOffset: number;
  readonly entryCount: number;
  /** Bytes of its blocks that are in use. */
  readonly storedBytes: number;
  /** What they take of the disk, in whole pages; the rest of a block takes none. */
  readonly diskBytes: number;
  /** First offset that cannot be read; undefined while the log is whole. */
  readonly corruptOffset: number | undefined;
}
