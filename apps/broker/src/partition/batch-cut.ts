// Positions in the header of a record batch; docs/protocol.md and Kafka's format version 2.
const LENGTH_POSITION = 8;
const PREFIX_BYTES = 12;
const LAST_OFFSET_DELTA_POSITION = 23;

/** The first of some batches, as many as fit. */
export interface BatchCut {
  /** Bytes of the batches that fit; 0 when not even the first does. */
  readonly sizeBytes: number;
  /** The offset behind the last batch that fits; -1 when none does. */
  readonly endOffset: number;
  /** Bytes of the first batch. */
  readonly firstBytes: number;
}

/**
 * How many bytes of the batches hold records below `endOffset`. Looks at 12 bytes of each batch.
 *
 * @param bytes Whole batches as a log gave them.
 */
export function bytesBelow(bytes: Buffer, endOffset: number): number {
  let end = 0;
  while (end < bytes.length && Number(bytes.readBigInt64BE(end)) < endOffset) {
    end += PREFIX_BYTES + bytes.readInt32BE(end + LENGTH_POSITION);
  }
  return end;
}

/** The offset behind the last of the batches. REQUIRES: there is one. */
export function endOffsetOf(bytes: Buffer): number {
  return cutBatches(bytes, bytes.length).endOffset;
}

/**
 * How many of the batches fit into `bytesMax`. Looks at 12 bytes of each batch and at no record.
 *
 * @param bytes One or more whole batches as a log gave them.
 */
export function cutBatches(bytes: Buffer, bytesMax: number): BatchCut {
  const firstBytes = PREFIX_BYTES + bytes.readInt32BE(LENGTH_POSITION);
  if (firstBytes > bytesMax) return { sizeBytes: 0, endOffset: -1, firstBytes };
  let last = 0;
  let end = firstBytes;
  while (end < bytes.length) {
    const next = end + PREFIX_BYTES + bytes.readInt32BE(end + LENGTH_POSITION);
    if (next > bytesMax) break;
    last = end;
    end = next;
  }
  const baseOffset = Number(bytes.readBigInt64BE(last));
  const endOffset = baseOffset + bytes.readInt32BE(last + LAST_OFFSET_DELTA_POSITION) + 1;
  return { sizeBytes: end, endOffset, firstBytes };
}
