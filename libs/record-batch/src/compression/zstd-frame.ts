// What the headers of zstd frames (RFC 8878) say about sizes, so that memory is bounded before
// anything is unpacked. The library checks everything else.
import { malformed } from './refusal';

const MAGIC = 0xfd2fb528;
/** Frames that decoders pass over have these magics, but for their last four bits. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const BLOCK_BYTES_MAX = 128 * 1024;
const CHECKSUM_BYTES = 4;
/** By the last two bits of a frame's descriptor. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const SINGLE_SEGMENT_BIT = 0x20;
const RESERVED_BIT = 0x08;
const CHECKSUM_BIT = 0x04;
const WINDOW_LOG_MIN = 10;

/** Types of blocks; 0 is bytes as they are, 3 is reserved. */
const REPEATED_BYTE = 1;
const COMPRESSED = 2;

/** How many bytes frames unpack to: at least, and at most. */
export interface ZstdSizes {
  readonly min: number;
  readonly max: number;
  /** How many there are, those that are to be skipped included. */
  readonly frameCount: number;
}

interface Frame {
  readonly min: number;
  readonly max: number;
  readonly end: number;
}

/**
 * The sizes of all frames together. They are equal where every frame has its size in the header;
 * else `max` counts 128 KiB for each compressed block, which encoders fill but for the last one.
 *
 * @throws {RecordBatchError} MALFORMED: a frame does not end within the bytes, contradicts itself
 *   or needs a dictionary.
 */
export function zstdSizes(stored: Buffer): ZstdSizes {
  if (stored.length === 0) throw malformed('zstd', 'there is no frame');
  let [min, max, frameCount] = [0, 0, 0];
  for (let position = 0; position < stored.length; frameCount++) {
    need(stored, position, MAGIC_BYTES + 1, 'its header');
    const magic = stored.readUInt32LE(position);
    if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) {
      need(stored, position, 8, 'its header');
      const bytes = 8 + stored.readUInt32LE(position + MAGIC_BYTES);
      need(stored, position, bytes, 'what is to be skipped');
      position += bytes;
      continue;
    }
    if (magic !== MAGIC) throw malformed('zstd', 'a frame begins without the magic');
    const frame = readFrame(stored, position);
    min += frame.min;
    max += frame.max;
    position = frame.end;
  }
  return { min, max, frameCount };
}

function readFrame(stored: Buffer, position: number): Frame {
  const descriptor = stored[position + MAGIC_BYTES]!;
  const isSingleSegment = (descriptor & SINGLE_SEGMENT_BIT) !== 0;
  const dictionaryIdBytes = DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 ? (isSingleSegment ? 1 : 0) : 2 ** sizeCode;
  if ((descriptor & RESERVED_BIT) !== 0) throw malformed('zstd', 'a frame has a reserved bit');
  let at = position + MAGIC_BYTES + 1;
  need(stored, at, (isSingleSegment ? 0 : 1) + dictionaryIdBytes + sizeBytes, 'its header');
  let windowBytes = Infinity;
  if (!isSingleSegment) {
    const exponent = stored[at]! >>> 3;
    windowBytes = 2 ** (WINDOW_LOG_MIN + exponent) * (1 + (stored[at]! & 7) / 8);
    at++;
  }
  if (dictionaryIdBytes > 0 && stored.readUIntLE(at, dictionaryIdBytes) !== 0) {
    throw malformed('zstd', 'a frame needs a dictionary');
  }
  at += dictionaryIdBytes;
  const contentBytes = readContentBytes(stored, at, sizeBytes);
  if (isSingleSegment) windowBytes = contentBytes!;
  const blocks = readBlocks(stored, at + sizeBytes, Math.min(windowBytes, BLOCK_BYTES_MAX));
  const end = blocks.end + ((descriptor & CHECKSUM_BIT) !== 0 ? CHECKSUM_BYTES : 0);
  need(stored, blocks.end, end - blocks.end, 'its checksum');
  if (contentBytes === undefined) return { ...blocks, end };
  if (contentBytes < blocks.min || contentBytes > blocks.max) {
    throw malformed('zstd', `the blocks of a frame cannot have the ${contentBytes} bytes it says`);
  }
  return { min: contentBytes, max: contentBytes, end };
}

function readContentBytes(stored: Buffer, at: number, sizeBytes: number): number | undefined {
  if (sizeBytes === 0) return undefined;
  if (sizeBytes === 8) return Number(stored.readBigUInt64LE(at));
  // What one byte can say needs no second one.
  return stored.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}

function readBlocks(stored: Buffer, start: number, blockBytesMax: number): Frame {
  let [min, max, at] = [0, 0, start];
  for (let isLast = false; !isLast;) {
    need(stored, at, BLOCK_HEADER_BYTES, 'the header of a block');
    const word = stored.readUIntLE(at, BLOCK_HEADER_BYTES);
    at += BLOCK_HEADER_BYTES;
    isLast = (word & 1) !== 0;
    const type = (word >>> 1) & 3;
    const size = word >>> 3;
    if (size > blockBytesMax)
      throw malformed('zstd', `a block of ${size} bytes exceeds ${blockBytesMax}`);
    if (type > COMPRESSED) throw malformed('zstd', 'a block has the reserved type');
    const storedBytes = type === REPEATED_BYTE ? 1 : size;
    need(stored, at, storedBytes, 'a block');
    at += storedBytes;
    min += type === COMPRESSED ? 0 : size;
    max += type === COMPRESSED ? blockBytesMax : size;
  }
  return { min, max, end: at };
}

function need(stored: Buffer, position: number, bytes: number, what: string): void {
  if (bytes > stored.length - position) throw malformed('zstd', `a frame ends inside ${what}`);
}
