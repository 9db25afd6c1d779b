// Snappy, raw and in the frame that Java's clients put around it. The frame is xerial's
// (snappy-java's SnappyOutputStream), not the one that snappy itself later specified.
import { compress as compressBlock } from 'snappyjs';
import type { Codec } from './codec';
import { copyLiterals, copyMatch } from './match-copy';
import { malformed, tooLarge } from './refusal';

const XERIAL_MAGIC = Buffer.from('82534e4150505900', 'hex');
const XERIAL_VERSION = 1;
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;
/** Bytes of records per chunk, as snappy-java chooses. */
const CHUNK_BYTES = 32 * 1024;
/** The densest element: a copy of 64 bytes in three. */
const [UNPACKED_MAX, PER_STORED] = [64, 3];
const SIZE_BYTES_MAX = 5;

interface Block {
  readonly start: number;
  readonly end: number;
  readonly unpackedBytes: number;
}

/**
 * Writes xerial's frame, as Java's client does; reads it and raw snappy, which librdkafka sends.
 */
export const snappy: Codec = { compress, decompress };

function compress(records: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(XERIAL_VERSION, XERIAL_MAGIC.length);
  header.writeInt32BE(XERIAL_VERSION, XERIAL_MAGIC.length + 4);
  const parts: Uint8Array[] = [header];
  for (let position = 0; position < records.length; position += CHUNK_BYTES) {
    const chunk = compressBlock<Uint8Array>(records.subarray(position, position + CHUNK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(chunk.length);
    parts.push(length, chunk);
  }
  return Buffer.concat(parts);
}

function decompress(stored: Buffer, bytesMax: number): Buffer {
  // Twice over the blocks instead of a list of them, which could be larger than the input.
  let total = 0;
  visitBlocks(stored, (block) => {
    total += block.unpackedBytes;
    if (total > bytesMax) throw tooLarge(bytesMax);
  });
  const records = Buffer.allocUnsafe(total);
  let end = 0;
  visitBlocks(stored, (block) => {
    const start = end;
    end += block.unpackedBytes;
    unpackBlock(stored, block, records, start, end);
  });
  return records;
}

function visitBlocks(stored: Buffer, visit: (block: Block) => void): void {
  if (!isXerial(stored, 0)) {
    visit(blockAt(stored, 0, stored.length));
    return;
  }
  let position = 0;
  while (position < stored.length) {
    // At the start; and where another frame follows, which no length of a chunk looks like.
    if (isXerial(stored, position)) {
      position += XERIAL_HEADER_BYTES;
      if (position > stored.length) throw malformed('snappy', 'a frame ends in its header');
      continue;
    }
    const available = stored.length - position - 4;
    if (available < 0) throw malformed('snappy', 'a frame ends in the length of a chunk');
    const length = stored.readInt32BE(position);
    if (length <= 0 || length > available) {
      throw malformed('snappy', `a chunk has length ${length}, ${available} bytes are there`);
    }
    position += 4;
    visit(blockAt(stored, position, position + length));
    position += length;
  }
}

function isXerial(stored: Buffer, position: number): boolean {
  const end = position + XERIAL_MAGIC.length;
  // A chunk's length never begins like this, and comparing takes a view.
  if (end > stored.length || stored[position] !== XERIAL_MAGIC[0]) return false;
  return XERIAL_MAGIC.equals(stored.subarray(position, end));
}

/** Reads the size that a block begins with, and refuses one that so few bytes cannot unpack to. */
function blockAt(stored: Buffer, start: number, end: number): Block {
  let unpackedBytes = 0;
  for (let index = 0; index < SIZE_BYTES_MAX && start + index < end; index++) {
    const byte = stored[start + index]!;
    unpackedBytes += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    const first = start + index + 1;
    if (unpackedBytes * PER_STORED > (end - first) * UNPACKED_MAX) {
      throw malformed('snappy', `${end - first} bytes cannot unpack to ${unpackedBytes}`);
    }
    return { start: first, end, unpackedBytes };
  }
  throw malformed('snappy', 'a block has no size');
}

/** Unpacks a block, which must fill `target[start..end)` and no more. */
function unpackBlock(
  stored: Buffer,
  block: Block,
  target: Buffer,
  start: number,
  end: number,
): void {
  let at = block.start;
  let to = start;
  while (at < block.end) {
    const tag = stored[at++]!;
    const kind = tag & 3;
    const isLong = kind === 0 && tag >>> 2 >= 60;
    const extraBytes = kind === 0 ? (isLong ? (tag >>> 2) - 59 : 0) : kind === 3 ? 4 : kind;
    if (extraBytes > block.end - at) throw malformed('snappy', 'a block ends inside an element');
    const extra = extraBytes === 0 ? 0 : stored.readUIntLE(at, extraBytes);
    at += extraBytes;
    if (kind === 0) {
      const length = (isLong ? extra : tag >>> 2) + 1;
      if (length > block.end - at) throw malformed('snappy', 'literals reach past their block');
      if (length > end - to) throw malformed('snappy', 'a block unpacks to more than it says');
      copyLiterals(stored, at, target, to, length);
      at += length;
      to += length;
      continue;
    }
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = kind === 1 ? ((tag >>> 5) << 8) | extra : extra;
    if (offset === 0 || offset > to - start)
      throw malformed('snappy', `a copy reaches ${offset} bytes back`);
    if (length > end - to) throw malformed('snappy', 'a block unpacks to more than it says');
    copyMatch(target, to, offset, length);
    to += length;
  }
  if (to !== end)
    throw malformed('snappy', `a block lacks ${end - to} of its ${block.unpackedBytes} bytes`);
}
